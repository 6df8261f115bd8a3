"""A trace played again comes out as it was recorded, and under other rules as a core has them."""

import json
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path

import pytest

from explained import TRACES
from rehearsals import play
from stctl.clock import SystemEntropy
from stctl.recipe.failures import ErrorName
from stctl.scenarios.har import har_text
from stctl.scenarios.load import library_names
from stctl.scenarios.replay import Compared, Replay
from stctl.scenarios.replay.embedded import embedded_cores
from stctl.scenarios.stage import Wishes
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.telling import told_of
from stctl.traces.readers import open_trace

THEFT = ErrorName.TOKEN_THEFT_DETECTED
GRACE = "refresh_token_rotation_grace_period"
UNREPRODUCIBLE = {
    "audience-claim": "the token has a claim that the app gave it, which the trace does not show",
    "backend-clock-ahead": "the backend's clock is not the recorder's",
    "core-replaced": "the app is led to another core, with keys of its own",
    "core-too-old": "the core refuses before it is asked for a session",
    "core-unknown-app": "likewise",
    "core-first-host-down": "one of several addresses is down",
    "static-vs-dynamic-key": "two apps with different settings share the sessions",
}
"""Recorded situations that no replay of the sessions can bring about."""


def replayed(
    file: Path, cdi: str | None = None, settings: Mapping[str, str] | None = None
) -> list[Compared]:
    with (
        open_trace(str(file), stdin=BytesIO()) as trace,
        embedded_cores(SystemEntropy()) as open_core,
    ):
        told = told_of(trace, KnownApp())
        return [*Replay(told, open_core, cdi=cdi, settings=settings or {})]


def errors(compared: Iterable[Compared]) -> list[tuple[ErrorName | None, ErrorName | None]]:
    return [(one.recorded.error, one.instead.error) for one in compared]


RECORDED = [
    file
    for file in sorted(TRACES.glob("*.har.json"))
    if file.name.split(".")[0] not in UNREPRODUCIBLE
]


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: file.name[:-9])
def test_a_recorded_trace_comes_out_as_it_was_recorded(file: Path) -> None:
    compared = replayed(file)
    # A GET of the refresh API reaches no code of the SDK, so that there is nothing to play.
    assert compared or file.name.startswith("refresh-via-get.")
    for one in compared:
        assert one.is_reproduced, f"entry {one.told.index}: {one.recorded} but {one.again}"
        assert not one.differs


OF_BROWSERS = [
    file
    for file in RECORDED
    if file.name.startswith(("theft-parent-reused", "refresh-race", "refresh-ok", "login-and-use"))
]


@pytest.mark.parametrize("file", OF_BROWSERS, ids=lambda file: file.name[:-9])
def test_the_browsers_side_alone_can_be_replayed(file: Path, tmp_path: Path) -> None:
    entries = json.loads(file.read_text("utf-8"))["log"]["entries"]
    own = [one for one in entries if one["_peer"] == "browser-backend"]
    cut = tmp_path / "browser.har"
    plain = [{**one, "_peer": None, "_initiator": None} for one in own]
    cut.write_text(json.dumps({"log": {"entries": plain}}), encoding="utf-8")
    compared = replayed(cut)
    assert compared
    assert all(one.is_reproduced and not one.differs for one in compared)


@pytest.mark.parametrize("cdi", ["5.4", "5.6"])
@pytest.mark.parametrize("name", sorted({"theft", "race", "lost-reply", "revoked-but-valid"}))
def test_a_simulated_trace_comes_out_as_it_was_simulated(
    name: str, cdi: str, tmp_path: Path
) -> None:
    assert name in library_names()
    performance = play(name, Wishes(cdi=cdi))
    log = json.loads(har_text(performance.results, performance.target))["log"]
    for page in log["pages"]:
        own = [entry for entry in log["entries"] if entry["pageref"] == page["id"]]
        first = log["entries"].index(own[0])
        for entry in own:
            entry["_initiator"] = (
                None if entry["_initiator"] is None else entry["_initiator"] - first
            )
        file = tmp_path / "case.har"
        file.write_text(json.dumps({"log": {**log, "entries": own}}), encoding="utf-8")
        case = next(
            case
            for result in performance.results
            for case in result.cases
            if f"{result.scenario.name}/{case.case.name}" == page["id"]
        )
        for one in replayed(file, settings=case.case.needs.settings):
            assert (one.instead.error, one.instead.missing_since) == (one.recorded.error, None), (
                page
            )


def test_a_grace_period_makes_an_early_reuse_no_theft_and_a_late_one_stays_one() -> None:
    file = TRACES / "theft-parent-reused.express.default.cookie.har.json"
    early = replayed(file, cdi="5.6", settings={GRACE: "60"})
    assert (THEFT, None) in errors(early)
    late = replayed(file, cdi="5.6", settings={GRACE: "0"})
    assert (THEFT, THEFT) in errors(late)
    assert {one.instead.reuse for one in late if one.instead.error is THEFT} == {"RECENT_PREV"}


def test_the_branch_that_lost_a_race_is_orphaned_under_rotation() -> None:
    file = TRACES / "refresh-race.express.default.cookie.har.json"
    legacy, rotation = replayed(file), replayed(file, cdi="5.6")
    assert [one.again.error for one in legacy] == [one.recorded.error for one in legacy]
    stolen = [one.instead.reuse for one in rotation if one.instead.error is THEFT]
    assert set(stolen) <= {"ORPHANED_BRANCH", "STALE_LINEAGE"}


def test_softened_reuse_is_unauthorised_in_place_of_a_theft() -> None:
    file = TRACES / "theft-parent-reused.go.default.cookie.har.json"
    soft = {GRACE: "0", "recent_token_reuse_behaviour": "UNAUTHORISED"}
    changed = [pair for pair in errors(replayed(file, "5.6", soft)) if pair[0] is THEFT]
    assert changed == [(THEFT, ErrorName.UNAUTHORISED)]


def test_a_request_whose_tokens_would_never_have_been_issued_is_not_sent() -> None:
    """Without any grace the second of two refreshes is refused, and its branch never begins."""
    file = TRACES / "refresh-race.express.default.cookie.har.json"
    compared = replayed(file, cdi="5.6", settings={GRACE: "0"})
    refused = next(one.told.index for one in compared if one.instead.error is THEFT)
    unsent = [one for one in compared if one.instead.missing_since is not None]
    assert unsent
    assert {one.instead.missing_since for one in unsent} == {refused}
    assert all(one.differs for one in unsent)
