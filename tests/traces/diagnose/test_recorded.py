"""The recorded traces at hand: each with a fault gets its finding, each other one none."""

from pathlib import Path

import pytest

from expected_findings import EXPECTED, Expected, expected_of
from explained import LABELLED
from stctl.traces.diagnose.rules import RULES
from sweep_findings import complaints, diagnosis_of

NAMES = {path: path.name.removesuffix(".labels.json") for path in LABELLED}


@pytest.mark.parametrize("labels", LABELLED, ids=NAMES.values())
def test_a_recorded_trace_gets_what_its_scenario_deserves(labels: Path) -> None:
    found = {one.rule.id for one in diagnosis_of(labels).findings}
    assert list(complaints(expected_of(NAMES[labels]), found)) == []


def test_both_kinds_of_traces_are_at_hand() -> None:
    deserved = [expected_of(name) for name in NAMES.values()]
    assert sum(bool(one.must) for one in deserved) > 20
    assert sum(not one.must for one in deserved) > 10


def test_every_expected_finding_is_one_of_a_rule() -> None:
    known = {rule.info.id for rule in RULES}
    named = {
        one
        for expected in EXPECTED.values()
        for group in (*expected.must, *expected.may)
        for one in group.split("|")
    }
    assert named <= known


def test_the_sweep_complains_of_what_is_missing_and_of_what_is_too_much() -> None:
    expected = Expected(("ST-001", "ST-002|ST-003"), ("ST-004",))
    assert list(complaints(expected, {"ST-003", "ST-004", "ST-005"})) == [
        "misses ST-001",
        "false alarm ST-005",
    ]
