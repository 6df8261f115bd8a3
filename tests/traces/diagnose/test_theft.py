"""Rules for thefts: who was behind it, by the lineage of the session."""

import pytest

from diagnosed import (
    Entries,
    found,
    ids,
    known_of,
    only,
    played,
    recorded,
    with_header,
    without_header,
)
from har_edits import answers, core_call, sent_by
from stctl.traces.diagnose.rules.theft import RULES, BranchRotatedOut

PARENT = "theft-parent-reused.fastapi.default.cookie"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
THEFTS = [rule for rule in RULES if rule is not BranchRotatedOut]


@pytest.mark.parametrize(
    "name", ["refresh-race.express.default.cookie", "refresh-race.go.default.header"]
)
def test_two_refreshes_at_once_are_a_false_alarm(name: str) -> None:
    one = only(found(recorded(name), known_of(name), THEFTS), "ST-002")
    assert "at the same time" in one.detail


def test_a_lost_answer_is_a_false_alarm() -> None:
    entries = played("lost-reply", "retried-too-late", cdi="5.6")
    assert ids(found(entries, rules=THEFTS)) == ["ST-002"]


def replayed_by(agent: str) -> Entries:
    """A session of Firefox, whose old refresh token comes from another program."""
    entries = recorded(PARENT)
    sent_by(entries, FIREFOX)
    with_header(entries[4], "request", "User-Agent", agent)
    return entries


def test_a_tool_that_people_use_by_hand_is_a_manual_replay() -> None:
    one = only(found(replayed_by("PostmanRuntime/7.42.0"), rules=THEFTS), "ST-054")
    assert "PostmanRuntime" in one.detail


def test_another_browser_is_another_client() -> None:
    chrome = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"
    one = only(found(replayed_by(chrome), rules=THEFTS), "ST-103")
    assert [proof.entry for proof in one.proofs][-1] == 4


def test_the_same_client_within_a_minute_is_a_false_alarm() -> None:
    one = only(found(recorded(PARENT), known_of(PARENT), THEFTS), "ST-002")
    assert one.subject == "9311e902-1b33-4017-8a60-5235993b5b5e"
    assert "Only the user agent is known, which a thief can send as well." in one.detail


def test_what_does_not_show_who_it_was_is_left_open() -> None:
    entries = played("theft", "stale-lineage", cdi="5.6")
    for entry in entries:
        without_header(entry, "request", "user-agent")
    one = only(found(entries, rules=THEFTS), "ST-104")
    assert "stale-lineage" in one.detail


@pytest.mark.parametrize(
    "name",
    [
        "refresh-ok.go.default.header",
        "expired-access-token.express.default.cookie",
        "refresh-revoked.go.default.cookie",
        "signout-api.express.default.cookie",
    ],
)
def test_without_an_alarm_there_is_no_theft(name: str) -> None:
    assert not found(recorded(name), known_of(name), RULES)


def test_the_same_token_twice_before_a_child_is_used_is_no_theft() -> None:
    assert not found(played("lost-reply", "retried-at-once"), rules=RULES)


@pytest.mark.parametrize(
    "message", ["rotated-out token branch", "The access token was replaced; refresh the session"]
)
def test_a_branch_that_was_rotated_out_is_found_by_the_cores_words(message: str) -> None:
    name = "revoked-session.express.default.cookie"
    entries = recorded(name)
    assert not found(entries, known_of(name), [BranchRotatedOut])
    answers(core_call(entries, "/verify"), 200, {"status": "UNAUTHORISED", "message": message})
    assert ids(found(entries, known_of(name), [BranchRotatedOut])) == ["ST-055"]
