"""What is diagnosed of a debug log alone, which shows neither calls nor answers."""

import io
from pathlib import Path

import pytest

from stctl.traces.diagnose.model import Finding
from stctl.traces.diagnose.run import diagnose
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.telling import told_of
from stctl.traces.readers import open_trace

RECORDED = Path(__file__).parents[2] / "recorded"


def findings(name: str) -> dict[str, Finding]:
    return findings_of(RECORDED / "debug_logs" / f"{name}.log.gz")


def findings_of(log: Path) -> dict[str, Finding]:
    with open_trace(str(log), stdin=io.BytesIO()) as trace:
        diagnosis = diagnose(told_of(trace, KnownApp()), KnownApp())
        return {one.rule.id: one for one in diagnosis.findings}


@pytest.mark.parametrize("name", ["node.default", "node.custom"])
def test_a_core_that_cannot_be_reached_is_found_where_the_log_says_so(name: str) -> None:
    found = findings(name)["ST-018"]
    assert "fetch failed" in found.detail
    assert found.count == 4


def test_the_words_of_an_sdk_that_found_no_core_are_enough() -> None:
    found = findings_of(RECORDED / "traces_readers" / "debug_go.log")["ST-018"]
    assert found.proofs[0].shows == "errorHandler: error: no SuperTokens core available to query"
    assert found.proofs[0].request == "POST /auth/session/refresh"


@pytest.mark.parametrize("name", ["python.default", "python.custom"])
def test_a_log_that_breaks_off_does_not_say_that_the_core_is_down(name: str) -> None:
    assert "ST-018" not in findings(name)


def test_an_answer_that_a_log_does_not_tell_is_said_to_be_missing() -> None:
    found = findings("node.custom")
    assert found["ST-104"].proofs[-1].shows == "TOKEN_THEFT_DETECTED; answer not recorded"
    assert found["ST-017"].proofs[0].shows.startswith("answer not recorded; refused by")
    assert found["ST-017"].proofs[0].request == "/admin"


def test_an_answer_that_a_log_tells_is_named_by_its_status() -> None:
    found = findings("node.default")
    assert found["ST-104"].proofs[-1].shows == "TOKEN_THEFT_DETECTED; answered 401"
    assert found["ST-017"].proofs[0].shows.startswith("answered 403; refused by")
