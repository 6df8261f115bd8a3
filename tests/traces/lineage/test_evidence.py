"""For whom the evidence speaks, and what is said where the rules are not known."""

from collections.abc import Sequence
from typing import Any

import pytest

from lineages import DESK, PHONE, family, played, recorded, sent_by
from stctl.exchange import Request
from stctl.traces.lineage import Family, LineageReader, Rules, Suspect, TheftKind, UseKind
from stctl.traces.lineage.moves import Move
from stctl.traces.sources import is_tool, label_of, source_of

A, B = (None, DESK), (None, PHONE)
HOME, AWAY = ("10.0.0.1", DESK), ("172.16.0.9", DESK)
CURL = (None, "curl/8.5.0")
THEFT = "TOKEN_THEFT_DETECTED"
SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
START = 1_795_000_000_000


def move(entry: int, at_ms: int, source: Any, **members: Any) -> Move:
    made: dict[str, Any] = {
        "entry": entry,
        "order": entry,
        "at_ms": START + at_ms,
        "ended_at_ms": START + at_ms + 20,
        "kind": UseKind.REFRESHED,
        "source": source,
        "handle": "s",
        **members,
    }
    return Move(**made)


def grown(*moves: Move) -> Family:
    reader = LineageReader()
    for one in moves:
        reader.take(one)
    (only,) = reader.families()
    return only


def suspect(*moves: Move) -> tuple[Suspect, Sequence[str]]:
    theft = grown(*moves).theft
    assert theft is not None
    return theft.suspect, theft.because


def refreshed(entry: int, at_ms: int, source: Any, old: str, new: str, **members: Any) -> Move:
    return move(entry, at_ms, source, presented=old, given=new, **members)


def stolen(entry: int, at_ms: int, source: Any, old: str, reuse: str = "STALE_LINEAGE") -> Move:
    return move(entry, at_ms, source, presented=old, error=THEFT, reuse=reuse)


LINE = (refreshed(0, 0, A, "r0", "r1"), refreshed(1, HOUR, A, "r1", "r2"))


def test_another_program_speaks_for_an_attacker() -> None:
    found, because = suspect(*LINE, stolen(2, 2 * HOUR, B, "r0"))
    assert found is Suspect.ATTACKER
    assert "client A (Chrome 142 on Windows)" in because[0]
    assert "client B (Safari 18 on iPhone)" in because[0]


def test_another_address_speaks_for_an_attacker_with_a_doubt() -> None:
    line = (refreshed(0, 0, HOME, "r0", "r1"), refreshed(1, HOUR, HOME, "r1", "r2"))
    found, because = suspect(*line, stolen(2, 2 * HOUR, AWAY, "r0"))
    assert found is Suspect.ATTACKER
    assert "172.16.0.9" in because[0]
    assert "changes its network" in because[1]


def test_another_address_after_a_lost_answer_is_a_phone_that_changed_its_network() -> None:
    lost = refreshed(0, 0, HOME, "r0", "r1", lost="connection reset")
    found, because = suspect(lost, stolen(1, MINUTE, AWAY, "r0", "RECENT_PREV"))
    assert found is Suspect.LOST_REPLY
    assert "connection reset" in because[0]


def test_a_tool_after_a_browser_speaks_for_a_replay_by_hand() -> None:
    found, because = suspect(*LINE, stolen(2, 2 * HOUR, CURL, "r0"))
    assert found is Suspect.MANUAL_REPLAY
    assert "curl/8.5.0" in because[0]


def test_a_tool_among_tools_is_nothing_special() -> None:
    line = (refreshed(0, 0, CURL, "r0", "r1"), refreshed(1, HOUR, CURL, "r1", "r2"))
    found, _ = suspect(*line, stolen(2, HOUR + MINUTE, CURL, "r0"))
    assert found is not Suspect.MANUAL_REPLAY


def test_a_token_that_was_given_and_never_shown_again_seems_to_be_lost() -> None:
    found, because = suspect(
        refreshed(0, 0, A, "r0", "r1"), stolen(1, 5 * MINUTE, A, "r0", "RECENT_PREV")
    )
    assert found is Suspect.LOST_REPLY
    assert because[0].startswith("r1, which the refresh at entry 0 by A gave, was never used")
    assert "a thief can send as well" in because[-1]


def test_a_client_that_slept_speaks_for_a_restart() -> None:
    line = (*LINE, refreshed(2, HOUR + SECOND, A, "r2", "r3"))
    found, because = suspect(*line, stolen(3, 9 * HOUR, A, "r0"))
    assert found is Suspect.RESTART
    assert "was silent for 8 h" in because[0]


def test_two_refreshes_within_a_minute_by_one_client_speak_for_two_tabs() -> None:
    found, because = suspect(
        refreshed(0, 0, A, "r0", "r1"),
        refreshed(1, 3 * SECOND, A, "r0", "r2"),
        refreshed(2, HOUR, A, "r2", "r3"),
        stolen(3, HOUR + SECOND, A, "r1"),
    )
    assert found is Suspect.TWO_TABS
    assert "3.0 s apart" in because[0]


@pytest.mark.parametrize("gap", [61 * SECOND, 20 * MINUTE])
def test_two_refreshes_further_apart_are_no_race(gap: int) -> None:
    found, _ = suspect(
        refreshed(0, 0, A, "r0", "r1"),
        refreshed(1, gap, A, "r0", "r2"),
        refreshed(2, gap + MINUTE, A, "r2", "r3"),
        stolen(3, gap + 2 * MINUTE, A, "r1"),
    )
    assert found is Suspect.UNKNOWN


def test_an_old_token_of_nobody_known_is_left_open_with_what_it_can_be() -> None:
    line = (refreshed(0, 0, None, "r0", "r1"), refreshed(1, HOUR, None, "r1", "r2"))
    found, because = suspect(*line, stolen(2, 2 * HOUR, None, "r0"))
    assert found is Suspect.UNKNOWN
    assert "no address, no user agent" in because[0]
    assert "somebody who pastes it" in because[-1]


def without_a_word_of_the_rules(name: str) -> Family:
    """A recorded race, of whose tokens only those of refresh are told, and no call to the core."""
    entries = [one for one in recorded(name) if one["_peer"] == "browser-backend"]
    kept = []
    for one in entries:
        if not one["request"]["url"].endswith("/session/refresh"):
            continue
        for side in ("request", "response"):
            headers = [pair for pair in one[side]["headers"] if not _tells_parent(pair)]
            one[side]["headers"] = headers
        kept.append({name: one[name] for name in one if name not in {"_peer", "_initiator"}})
    return family(kept)


def _tells_parent(pair: dict[str, str]) -> bool:
    if pair["name"].lower() == "cookie":
        pair["value"] = "; ".join(
            part for part in pair["value"].split("; ") if not part.startswith("sAccessToken")
        )
        return False
    if pair["name"].lower() == "set-cookie":
        return pair["value"].startswith("sAccessToken=e")
    return pair["name"].lower() == "front-token" and pair["value"] != "remove"


def test_without_the_cdi_both_verdicts_are_given() -> None:
    found = without_a_word_of_the_rules("refresh-race.express.default.cookie")

    assert found.rules is Rules.UNKNOWN
    assert [one.is_current for one in found.generations] == [None, None, None]
    legacy, rotation = found.verdicts
    assert legacy.rules is Rules.LEGACY
    assert "is theft if a child or sibling of 5f730449 had been used before" in legacy.says
    assert (rotation.rules, rotation.kind) == (Rules.ROTATION, None)
    assert "within the grace of 30 s and no theft" in rotation.says


@pytest.mark.parametrize(
    ("gap", "kind"),
    [(29 * SECOND, None), (30 * SECOND, None), (31 * SECOND, TheftKind.RECENT_PREV)],
)
def test_the_old_parent_is_forgiven_within_the_grace_and_not_after_it(
    gap: int, kind: TheftKind | None
) -> None:
    found = grown(
        refreshed(0, 0, A, "r0", "r1", cdi="5.4"),
        refreshed(1, gap, A, "r0", "r2", cdi="5.4"),
    )
    _, rotation = found.verdicts
    assert rotation.kind is kind


def test_the_rules_are_those_of_the_last_version_that_was_asked_for() -> None:
    found = grown(
        refreshed(0, 0, A, "r0", "r1", cdi="5.4"), refreshed(1, HOUR, A, "r1", "r2", cdi="5.6")
    )
    assert found.rules is Rules.ROTATION
    assert found.cdi_versions == ("5.4", "5.6")


def test_a_theft_that_is_found_twice_is_told_with_both_places() -> None:
    legacy = {"reuse": None, "cdi": "5.4"}
    found = grown(
        refreshed(0, 0, A, "r0", "r1", cdi="5.4"),
        refreshed(1, HOUR, A, "r1", "r2", cdi="5.4"),
        move(2, 2 * HOUR, B, presented="r0", error=THEFT, **legacy),
        move(3, 3 * HOUR, B, presented="r0", error=THEFT, **legacy),
    )
    assert found.theft is not None
    assert (found.theft.entry, found.theft.kind) == (2, TheftKind.PARENT_REUSED)
    assert found.later_thefts == (3,)
    assert found.ended is None


def test_a_client_is_known_by_what_a_proxy_says_before_what_the_recorder_saw() -> None:
    headers = (("User-Agent", "x"), ("X-Forwarded-For", "10.1.1.1, 10.2.2.2"))
    assert source_of(Request(method="GET", path="/", headers=headers)) == ("10.1.1.1", "x")
    forwarded = (("Forwarded", 'for="[2001:db8::1]";proto=https'),)
    assert source_of(Request(method="GET", path="/", headers=forwarded)) == ("2001:db8::1", None)
    seen = Request(method="GET", path="/", remote_address="10.9.9.9")
    assert source_of(seen) == ("10.9.9.9", None)
    assert source_of(Request(method="GET", path="/")) is None


def test_clients_are_labelled_like_columns() -> None:
    assert [label_of(number) for number in (0, 25, 26, 27, 702)] == ["A", "Z", "AA", "AB", "AAA"]


@pytest.mark.parametrize("agent", ["curl/8.5.0", "PostmanRuntime/7.36", "python-requests/2.31"])
def test_tools_are_told_from_browsers(agent: str) -> None:
    assert is_tool(agent)
    assert not is_tool(DESK)
    assert not is_tool("okhttp/4.12")
    assert not is_tool(None)


def test_a_played_sibling_by_one_client_within_seconds_is_a_race() -> None:
    entries = sent_by(played("race", "two-clients", "5.4"), lambda _: {"User-Agent": PHONE})
    theft = family(entries).theft
    assert theft is not None
    assert theft.suspect is Suspect.TWO_TABS


def test_by_other_rules_a_refused_refresh_that_is_good_gives_a_token_of_its_own() -> None:
    found = family(played("theft", "sibling", "5.4"))

    _, rotation = found.verdicts
    assert found.theft is not None
    assert rotation.kind is TheftKind.STALE_LINEAGE
    assert rotation.entry > found.theft.entry
    assert f"entry {found.theft.entry} is no theft, but the refresh with" in rotation.says


def test_by_rotation_of_several_children_the_one_that_came_last_lives() -> None:
    found = family(played("race", "many-clients", "5.4"))
    first, last = found.generations[1], found.generations[-1]
    lost = [one.refresh_hash for one in found.generations[1:-1]]

    _, rotation = found.verdicts
    assert rotation.kind is None
    assert len(lost) == 2
    assert f"{lost[0][:8]} and {lost[1][:8]} are dead" in rotation.says
    assert first.parent_hash == last.parent_hash
    assert last.refresh_hash[:8] not in rotation.says
