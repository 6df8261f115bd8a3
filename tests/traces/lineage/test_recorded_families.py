"""Families of recorded traffic: their trees, their clients, and the move that became theft."""

import json

import pytest

from lineages import TRACES, families, family, recorded
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.story import TraceStory
from stctl.traces.lineage import Family, Rules, Suspect, TheftKind, UseKind, lineage_of
from stctl.traces.link import link
from stctl.traces.readers.har_entry import read_har_entry
from stctl.traces.record.masking import with_stand_ins
from stctl.traces.record.standins import StandIns

THEFT = "TOKEN_THEFT_DETECTED"
THEFTS = sorted(
    path.name.removesuffix(".har.json")
    for scenario in ("theft-parent-reused", "refresh-race")
    for path in TRACES.glob(f"{scenario}.*.har.json")
)
RACES = [name for name in THEFTS if name.startswith("refresh-race")]
PARENTS = [name for name in THEFTS if name.startswith("theft-parent-reused")]


def shape(found: Family) -> list[tuple[int | None, int]]:
    """For each generation the place of its parent, and how often it was refreshed."""
    places = {one.refresh_hash: place for place, one in enumerate(found.generations)}
    return [(places.get(one.parent_hash or ""), len(one.refreshes)) for one in found.generations]


@pytest.mark.parametrize("name", PARENTS)
def test_a_reused_parent_is_named_with_the_use_that_made_it_a_used_one(name: str) -> None:
    found = family(recorded(name))

    theft = found.theft
    assert theft is not None
    assert found.rules is Rules.LEGACY
    assert theft.kind is TheftKind.PARENT_REUSED
    assert shape(found) == [(None, 2), (0, 0)]
    assert theft.generation == found.generations[0].refresh_hash
    assert theft.stale_since is not None
    assert theft.stale_since.kind is UseKind.VERIFIED
    assert theft.stale_since in found.generations[1].uses
    assert [one.is_current for one in found.generations] == [False, True]


@pytest.mark.parametrize("name", RACES)
def test_a_race_ends_with_the_sibling_and_speaks_for_two_tabs(name: str) -> None:
    found = family(recorded(name))

    theft = found.theft
    assert theft is not None
    assert theft.kind is TheftKind.SIBLING
    assert theft.suspect is Suspect.TWO_TABS
    assert "at the same time" in theft.because[0]
    assert sorted(shape(found)[1:]) == [(0, 0), (0, 1)]
    assert theft.generation == next(
        one.refresh_hash for one in found.generations[1:] if one.refreshes
    )
    assert [one.is_current for one in found.generations if one.refreshes] == [False, False]
    assert found.ended is not None


@pytest.mark.parametrize("name", RACES)
def test_the_same_race_is_no_theft_by_the_other_rules_and_both_are_told(name: str) -> None:
    legacy, rotation = family(recorded(name)).verdicts

    assert (legacy.rules, legacy.kind, legacy.entry) == (Rules.LEGACY, TheftKind.SIBLING, 8)
    assert (rotation.rules, rotation.kind) == (Rules.ROTATION, None)
    assert "within the grace of 30 s" in rotation.says
    assert "ORPHANED_BRANCH" in rotation.says
    assert "UNAUTHORISED" in rotation.says


def test_ordinary_refreshes_are_one_line_without_any_alarm() -> None:
    found = family(recorded("refresh-ok.go.default.header"))

    assert found.theft is None
    assert found.verdicts == ()
    assert found.ended is None
    assert shape(found) == [(None, 1), (0, 1), (1, 0)]
    assert [one.is_current for one in found.generations] == [False, False, True]
    assert [one.issued.entry if one.issued else None for one in found.generations] == [None, 0, 4]
    assert [client.label for client in found.clients] == ["A"]


def test_a_new_login_is_a_new_family_even_with_the_old_token_along() -> None:
    old, new = families(recorded("login-switches-mode.express.default.header"))

    assert old.session_handle != new.session_handle
    assert (old.user_id, new.user_id) == ("user-1", "user-2")
    assert not old.generations[0].uses
    assert new.generations[0].issued is not None


def test_signing_out_ends_the_family() -> None:
    found = family(recorded("signout-api.express.default.cookie"))

    assert found.ended is not None
    assert (found.ended.kind, found.ended.entry) == (UseKind.SIGNED_OUT, 0)


def test_a_session_that_was_revoked_by_its_handle_has_ended() -> None:
    found = family(recorded("theft-parent-reused.express.default.cookie"))

    assert found.ended is not None
    assert found.ended.kind is UseKind.REVOKED
    assert found.ended.entry == found.theft.entry if found.theft else False


def test_every_recorded_theft_is_found_at_its_place_and_no_other() -> None:
    for path in sorted(TRACES.glob("*.har.json")):
        name = path.name.removesuffix(".har.json")
        found = [one.theft for one in families(recorded(name)) if one.theft is not None]
        labels = json.loads((TRACES / f"{name}.labels.json").read_text("utf-8"))
        told = [one["index"] for one in labels["entries"] if one["error"] == THEFT]
        assert [one.entry for one in found] == told, name


@pytest.mark.parametrize("name", THEFTS)
def test_a_recording_without_its_secrets_has_the_same_family(name: str) -> None:
    stand_ins = StandIns(b"key")
    entries = [
        with_stand_ins(read_har_entry(entry, place, f"[{place}]"), stand_ins)
        for place, entry in enumerate(recorded(name))
    ]
    (masked,) = lineage_of(TraceStory(KnownApp()).tell(link(entries)))
    plain = family(recorded(name))

    assert shape(masked) == shape(plain)
    assert masked.theft is not None
    assert plain.theft is not None
    assert masked.theft.kind is plain.theft.kind
    assert masked.theft.suspect is plain.theft.suspect
    assert masked.theft.generation != plain.theft.generation
    assert masked.theft.stale_since == plain.theft.stale_since
