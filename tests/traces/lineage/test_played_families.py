"""Families of rehearsed histories: what the scenario promises is what is told."""

import pytest

from lineages import DESK, PHONE, browser_places, family, one_side, played, sent_by
from stctl.traces.lineage import Rules, Suspect, TheftKind, UseKind

CASES = [
    ("theft", "thief-comes-late", "5.4", TheftKind.PARENT_REUSED, UseKind.VERIFIED),
    ("theft", "thief-comes-first", "5.4", TheftKind.PARENT_REUSED, UseKind.VERIFIED),
    ("theft", "sibling", "5.4", TheftKind.SIBLING, UseKind.VERIFIED),
    ("theft", "child-of-a-lost-reply", "5.4", TheftKind.SIBLING, UseKind.VERIFIED),
    ("theft", "recent-prev", "5.6", TheftKind.RECENT_PREV, UseKind.REFRESHED),
    ("theft", "orphaned-branch", "5.6", TheftKind.ORPHANED_BRANCH, UseKind.REFRESHED),
    ("theft", "stale-lineage", "5.6", TheftKind.STALE_LINEAGE, UseKind.REFRESHED),
    ("theft", "recent-prev-softened", "5.6", TheftKind.RECENT_PREV, UseKind.REFRESHED),
    ("theft", "orphaned-branch-softened", "5.6", TheftKind.ORPHANED_BRANCH, UseKind.REFRESHED),
    ("theft", "stale-lineage-not-softened", "5.6", TheftKind.STALE_LINEAGE, UseKind.REFRESHED),
    ("race", "two-clients", "5.4", TheftKind.SIBLING, UseKind.VERIFIED),
    ("race", "late-answer", "5.4", TheftKind.SIBLING, UseKind.VERIFIED),
    ("race", "answers-out-of-order", "5.6", TheftKind.ORPHANED_BRANCH, UseKind.REFRESHED),
    ("race", "many-clients", "5.4", TheftKind.SIBLING, UseKind.VERIFIED),
    ("race", "many-clients-in-grace", "5.6", TheftKind.STALE_LINEAGE, UseKind.REFRESHED),
    ("lost-reply", "retried-too-late", "5.6", TheftKind.RECENT_PREV, UseKind.REFRESHED),
]
SOFTENED = {"recent-prev-softened", "orphaned-branch-softened"}
CALM = [
    ("race", "answers-in-order", "5.6"),
    ("race", "under-a-lock", "5.4"),
    ("race", "under-a-lock", "5.6"),
    ("lost-reply", "retried-at-once", "5.4"),
    ("lost-reply", "retried-at-once", "5.6"),
    ("lost-reply", "retried-late", "5.4"),
    ("lost-reply", "lost-again-and-again", "5.6"),
]


@pytest.mark.parametrize(("scenario", "case", "cdi", "kind", "since"), CASES)
def test_every_promised_theft_is_named_with_its_kind_and_its_cause(
    scenario: str, case: str, cdi: str, kind: TheftKind, since: UseKind
) -> None:
    found = family(played(scenario, case, cdi))

    theft = found.theft
    assert theft is not None
    assert found.rules is (Rules.ROTATION if cdi == "5.6" else Rules.LEGACY)
    assert theft.kind is kind
    assert theft.error == ("UNAUTHORISED" if case in SOFTENED else "TOKEN_THEFT_DETECTED")
    assert theft.stale_since is not None
    assert theft.stale_since.kind is since
    assert theft.stale_since.entry < theft.entry
    assert found.ended is not None
    assert found.ended.entry == theft.entry


@pytest.mark.parametrize(("scenario", "case", "cdi"), CALM)
def test_what_ends_well_is_no_theft(scenario: str, case: str, cdi: str) -> None:
    found = family(played(scenario, case, cdi))

    assert found.theft is None
    assert found.ended is None
    assert sum(one.is_current is True for one in found.generations) == 1


@pytest.mark.parametrize(("scenario", "case", "cdi", "kind", "since"), CASES)
def test_the_browsers_side_alone_tells_the_same_kind_where_the_error_is_told(
    scenario: str, case: str, cdi: str, kind: TheftKind, since: UseKind
) -> None:
    found = family(one_side(played(scenario, case, cdi), "browser-backend"))

    assert found.rules is (Rules.ROTATION if cdi == "5.6" else Rules.LEGACY)
    if case in SOFTENED:
        assert found.theft is None
        return
    assert found.theft is not None
    assert found.theft.kind is kind
    assert found.theft.stale_since is not None
    assert found.theft.stale_since.kind is since


@pytest.mark.parametrize(("scenario", "case", "cdi", "kind", "since"), CASES)
def test_the_cores_side_alone_tells_the_same_kind(
    scenario: str, case: str, cdi: str, kind: TheftKind, since: UseKind
) -> None:
    found = family(one_side(played(scenario, case, cdi), "backend-core"))

    assert found.theft is not None
    assert found.theft.kind is kind
    assert found.theft.stale_since is not None
    assert found.theft.stale_since.kind is since
    assert found.clients == ()
    assert found.theft.suspect in {Suspect.UNKNOWN, Suspect.LOST_REPLY}


def test_a_thief_with_another_program_is_an_attacker() -> None:
    entries = played("theft", "thief-comes-late", "5.4")
    places = browser_places(entries)
    found = family(sent_by(entries, lambda at: {"User-Agent": PHONE if at == places[3] else DESK}))

    assert found.theft is not None
    assert found.theft.entry == places[3]
    assert found.theft.suspect is Suspect.ATTACKER
    assert "Chrome 142 on Windows" in found.theft.because[0]
    assert "Safari 18 on iPhone" in found.theft.because[0]
    assert [client.label for client in found.clients] == ["A", "B"]
    assert found.theft.client == "B"


def test_an_answer_that_did_not_arrive_is_a_lost_reply() -> None:
    entries = played("lost-reply", "retried-too-late", "5.6")
    found = family(sent_by(entries, lambda _: {"User-Agent": PHONE}))

    assert found.theft is not None
    assert found.theft.suspect is Suspect.LOST_REPLY
    assert "did not arrive" in found.theft.because[0]


def test_a_token_out_of_an_answer_that_never_arrived_speaks_for_an_attacker() -> None:
    found = family(played("theft", "child-of-a-lost-reply", "5.4"))

    assert found.theft is not None
    assert found.theft.suspect is Suspect.ATTACKER
    assert "meant for somebody else" in found.theft.because[0]


def test_a_thief_with_a_program_of_his_own_is_told_from_the_owner() -> None:
    found = family(played("theft", "thief-comes-late", "5.4"))

    assert found.theft is not None
    assert found.theft.suspect is Suspect.ATTACKER
    assert len(found.clients) == 2


def test_without_any_word_of_who_it_was_the_evidence_leaves_it_open() -> None:
    entries = sent_by(played("theft", "thief-comes-late", "5.4"), lambda _: {"User-Agent": ""})
    found = family(entries)

    assert found.theft is not None
    assert found.theft.suspect is Suspect.UNKNOWN
    assert found.theft.because == (
        "Who sent the request is not recorded: no address, no user agent.",
    )
