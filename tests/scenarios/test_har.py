"""What a simulation writes down is explained as the simulation itself tells it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from explained import explain_har
from rehearsals import case_of, play, step_of
from stctl.recipe.failures import ErrorName
from stctl.render.simulate.document import document
from stctl.scenarios.har import har_text
from stctl.scenarios.load import library_names
from stctl.scenarios.play import Performance
from stctl.scenarios.stage import Wishes
from stctl.traces.explain.known_app import KnownApp

VERDICT = (
    "step",
    "error",
    "handler",
    "handler_kind",
    "handler_side_effect",
    "status",
    "clears_session",
    "cleared",
    "set",
)
UNSEEN = {("general-error", "app-exception", "crash"): {"step"}}
"""A route whose only answer is a 500 does not show that its token was checked without the core."""
Document = dict[str, Any]


def entries_of(performance: Performance) -> list[Document]:
    entries: list[Document] = json.loads(har_text(performance.results, performance.target))["log"][
        "entries"
    ]
    return entries


def verdicts(one: Mapping[str, Any], without: set[str]) -> Document:
    return {key: one[key] for key in VERDICT if key not in without}


def calls(one: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """The calls that were answered: of a refused one nothing comes over the wire."""
    return [
        (call["method"], call["path"], call["status"], call["core_status"])
        for call in one["core_calls"]
        if call["status"] is not None
    ]


@pytest.mark.parametrize("cdi", ["5.4", "5.6"])
@pytest.mark.parametrize("name", library_names())
def test_an_explanation_gives_the_verdicts_of_the_simulation(name: str, cdi: str) -> None:
    performance = play(name, Wishes(cdi=cdi))
    steps: Sequence[Document] = [
        step  # type: ignore[misc] # a document is a mapping of JSON
        for step in document(performance)["steps"]  # type: ignore[union-attr] # a list
        if "request" in step  # type: ignore[operator] # a mapping
    ]
    entries = entries_of(performance)
    told = explain_har(entries, KnownApp())
    seen = [told[at] for at, one in enumerate(entries) if one["_peer"] == "browser-backend"]
    for step, explained in zip(steps, seen, strict=True):
        unseen = UNSEEN.get((step["scenario"], step["case"], step["name"]), set())
        where = f"{step['case']}: {step['name']}"
        assert verdicts(explained, unseen) == verdicts(step, unseen), where
        assert calls(explained) == calls(step), where


def test_the_trace_is_a_har_with_a_page_for_each_case() -> None:
    performance = play("revoked-but-valid")
    log = json.loads(har_text(performance.results, performance.target))["log"]
    assert log["version"] == "1.2"
    assert [page["id"] for page in log["pages"]] == [
        "revoked-but-valid/without-a-look",
        "revoked-but-valid/with-a-look",
        "revoked-but-valid/until-it-expires",
    ]
    times = [entry["startedDateTime"] for entry in log["entries"]]
    assert times == sorted(times)
    assert len(set(times)) == len(times)
    for number, entry in enumerate(log["entries"]):
        if entry["_initiator"] is not None:
            assert entry["_initiator"] < number
            assert log["entries"][entry["_initiator"]]["_peer"] == "browser-backend"


def test_calls_of_an_operator_have_no_initiator() -> None:
    entries = entries_of(play("revoked-but-valid"))
    removals = [one for one in entries if one["request"]["url"].endswith("/recipe/session/remove")]
    assert removals
    assert {one["_initiator"] for one in removals} == {None}


def test_what_did_not_arrive_says_so() -> None:
    lost = entries_of(play("lost-reply", chosen=lambda case: case.name == "retried-at-once"))
    refresh = next(one for one in lost if one["request"]["url"].endswith("/session/refresh"))
    assert refresh["_connection"] == "the answer was lost on the way to the browser"
    down = play("general-error", chosen=lambda case: case.name == "core-down")
    refused = [one for one in entries_of(down) if one.get("_connection")]
    assert [(one["response"]["status"], one["_connection"]) for one in refused] == [
        (0, "connection refused")
    ]


def test_what_stctl_played_in_place_of_the_core_is_in_the_trace() -> None:
    performance = play("general-error", chosen=lambda case: case.name == "core-too-old")
    asked = step_of(case_of(performance, "core-too-old"), "refresh").asked
    assert asked is not None
    assert asked.error is ErrorName.GENERAL_ERROR
    entry = entries_of(performance)[-1]
    assert entry["request"]["url"] == "http://localhost:3567/apiversion"
    assert json.loads(entry["response"]["content"]["text"]) == {"versions": ["2.0", "2.1"]}
