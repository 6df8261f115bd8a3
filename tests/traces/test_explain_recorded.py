from collections.abc import Sequence
from pathlib import Path

import pytest

from explained import LABELLED, SCALARS, app_of, calls, entries_of, explain_har, labels_of

BLIND = ("sdk", "api_base_path")
NOTHING = ()
THEFTS = [path for path in LABELLED if path.name.startswith("theft-parent-reused")]


def name_of(path: Path) -> str:
    return path.name.removesuffix(".labels.json")


@pytest.mark.parametrize("path", LABELLED, ids=name_of)
def test_every_field_of_every_recorded_request_is_explained_as_it_happened(path: Path) -> None:
    labels = labels_of(path)
    found = explain_har(entries_of(path), app_of(labels))
    for want in labels["entries"]:
        got = found[want["index"]]
        # The SDK sees no preflight; one label names the step of the request that it was for.
        preflight = want["request"].startswith("OPTIONS ")
        names = [name for name in SCALARS if not (preflight and name == "step")]
        assert {name: got[name] for name in names} == {name: want.get(name) for name in names}
        assert sorted(got["cleared"]) == sorted(want["cleared"])
        assert sorted(got["set"]) == sorted(want["set"])
        assert calls(got["core_calls"]) == calls(want["core_calls"])
        if "next_frontend_action" in want:
            told = got["next_frontend_action"]
            assert told["action"] == want["next_frontend_action"]["action"]


@pytest.mark.parametrize("known", [BLIND, NOTHING], ids=["sdk and path", "nothing"])
@pytest.mark.parametrize("path", LABELLED, ids=name_of)
def test_little_or_nothing_need_be_known_of_the_app(path: Path, known: Sequence[str]) -> None:
    labels = labels_of(path)
    found = explain_har(entries_of(path), app_of(labels, known))
    names = ("error", "handler", "handler_kind")
    got = [[found[want["index"]][name] for name in names] for want in labels["entries"]]
    assert got == [[want[name] for name in names] for want in labels["entries"]]


@pytest.mark.parametrize("path", LABELLED, ids=name_of)
def test_from_the_browsers_side_alone_the_truth_is_told_or_left_open(path: Path) -> None:
    labels = labels_of(path)
    entries = entries_of(path)
    kept = [place for place, one in enumerate(entries) if one["_peer"] != "backend-core"]
    browser = [{**entries[place], "_peer": None} for place in kept]
    found = explain_har(browser, app_of(labels))
    by_place = {kept[index]: document for index, document in found.items()}
    for want in labels["entries"]:
        got = by_place[want["index"]]
        open_verdicts = [(got["error"], got["handler"])]
        open_verdicts += [(one["error"], one["handler"]) for one in got["alternatives"]]
        assert (want["error"], want["handler"]) in open_verdicts
        assert len(got["alternatives"]) <= 2


@pytest.mark.parametrize("path", THEFTS, ids=name_of)
def test_calls_that_were_cut_out_of_a_trace_are_not_taken_for_a_core_that_is_down(
    path: Path,
) -> None:
    entries = entries_of(path)
    kept = [place for place, one in enumerate(entries) if one["_peer"] != "backend-core"]
    found = explain_har([entries[place] for place in kept], app_of(labels_of(path)))
    by_place = {kept[index]: document for index, document in found.items()}
    errors = {place: document["error"] for place, document in by_place.items()}
    assert errors == {want["index"]: want["error"] for want in labels_of(path)["entries"]}


def test_there_are_recordings_of_every_sdk_and_of_every_error() -> None:
    assert len(LABELLED) >= 24
    everything = [labels_of(path) for path in LABELLED]
    versions = {(one["config"]["sdk"], one["config"]["sdk_version"]) for one in everything}
    assert {name for name, _ in versions} == {
        "supertokens-node",
        "supertokens-python",
        "supertokens-golang",
    }
    assert ("supertokens-node", "5.0.1") in versions
    errors = {entry["error"] for one in everything for entry in one["entries"]}
    assert len(errors) == 7
