"""Rules for what happens one after the other: one case each, and one that is in order."""

from datetime import datetime

import pytest

from diagnosed import Entries, at_path, found, ids, known_of, only, played, recorded
from har_edits import (
    answers,
    browser_only,
    cookie_of,
    joined,
    later,
    resigned,
    send_cookies,
    without_calls,
    without_date,
    without_tokens,
)
from stctl.traces.diagnose.rules.sequences_clocks import (
    BackendClockOff,
    ClientClockAhead,
    KeyRotationBurst,
)
from stctl.traces.diagnose.rules.sequences_loops import FreshTokenRefused, OwnRefusalLoop
from stctl.traces.diagnose.rules.sequences_stale import OldTokenAgain, TokenInMemory

LOOP = "e2e-own-401-retry-limit.fastapi.default.cookie"
REFRESHED = "expired-access-token.express.default.cookie"
SHORT_LIVED = "e2e-expired-core-down.fastapi.default.header"
AHEAD = "backend-clock-ahead.flask.default.cookie"
REFUSED = {"message": "try refresh token"}
MINUTE_MS = 60_000


def test_the_apps_own_401_before_and_after_a_refresh_is_a_loop() -> None:
    one = only(found(recorded(LOOP), known_of(LOOP), [OwnRefusalLoop]), "ST-001")
    assert one.subject == "GET /custom-401"
    assert "the session is valid" in one.detail
    assert "no handler of the session recipe fired" in one.detail
    assert [proof.request for proof in one.proofs] == [
        "GET /custom-401",
        "POST /auth/session/refresh",
        "GET /custom-401",
    ]


def test_the_loop_is_found_from_the_browsers_side_alone() -> None:
    assert ids(found(browser_only(recorded(LOOP)), rules=[OwnRefusalLoop])) == ["ST-001"]


def unproved() -> Entries:
    """The loop without a sign that the SDK took the token, as from CDI 5.6 on."""
    entries = without_calls(recorded(LOOP), "/session/verify")
    for entry in entries:
        if entry["request"]["url"].endswith("/custom-401"):
            without_tokens(entry)
    return entries


def test_a_refusal_that_may_be_of_a_handler_is_not_called_the_apps_own() -> None:
    assert not found(unproved(), rules=[OwnRefusalLoop])


def test_a_session_that_another_route_accepts_is_known_to_be_good() -> None:
    entries = unproved()
    (call,) = later([at_path(entries, "/custom-401")], -5)
    call["request"]["url"] = call["request"]["url"].replace("/custom-401", "/protected")
    answers(call, 200, {"userId": "user-1"})
    assert ids(found(joined([call], entries), rules=[OwnRefusalLoop])) == ["ST-001"]


def test_an_own_refusal_with_403_or_once_only_is_no_loop() -> None:
    forbidden = recorded(LOOP)
    for entry in forbidden:
        if entry["request"]["url"].endswith("/custom-401"):
            answers(entry, 403, {"error": "not your document"})
    assert not found(forbidden, known_of(LOOP), [OwnRefusalLoop])
    assert not found(recorded(LOOP)[:7], known_of(LOOP), [OwnRefusalLoop])


def test_an_expired_token_that_is_refreshed_is_no_loop() -> None:
    rules = [OwnRefusalLoop, FreshTokenRefused, OldTokenAgain, TokenInMemory]
    for sdk in ("express", "fastapi", "go"):
        name = f"expired-access-token.{sdk}.default.cookie"
        assert not found(recorded(name), known_of(name), rules)


def refused_again() -> Entries:
    """A backend that refuses what its core has just given."""
    entries = without_calls(recorded(REFRESHED), "/session/verify")[:4]
    retry = at_path(entries, "/protected", 1)
    answers(retry, 401, REFUSED)
    without_tokens(retry)
    return entries


def test_a_token_of_a_refresh_that_is_refused_at_once_is_found() -> None:
    one = only(found(refused_again(), known_of(REFRESHED), [FreshTokenRefused]), "ST-101")
    assert [proof.entry for proof in one.proofs] == [1, 3]


def test_an_audience_has_a_rule_of_its_own() -> None:
    name = "audience-claim.flask.default.cookie"
    assert not found(recorded(name), known_of(name), [FreshTokenRefused])


def replayed() -> Entries:
    """The same request with the old token, after the refresh."""
    entries = refused_again()
    first, retry = at_path(entries, "/protected"), at_path(entries, "/protected", 1)
    send_cookies(retry, {"sAccessToken": cookie_of(first, "sAccessToken")})
    return entries


def test_an_old_token_after_a_refresh_is_found() -> None:
    one = only(found(replayed(), known_of(REFRESHED), [OldTokenAgain]), "ST-043")
    assert one.detail == "GET /protected comes again with the token that was refused."


def test_the_old_token_of_another_session_was_not_replaced() -> None:
    """Two people: the refresh is the other one's."""
    other = "expired-access-token.fastapi.default.cookie"
    entries = without_date(joined(recorded(REFRESHED)[:1], later(recorded(other)[1:3], 0)))
    again = later(recorded(REFRESHED)[:1], 500_000)
    assert not found(without_date(joined(entries, again)), rules=[OldTokenAgain])


def kept(after_ms: int) -> Entries:
    """The old token once more, so long after it was first sent."""
    entries = recorded(REFRESHED)
    return without_date(joined(entries, later(entries[:1], after_ms)))


def test_a_token_that_is_kept_in_memory_is_found() -> None:
    assert ids(found(kept(20_000), rules=[TokenInMemory])) == ["ST-044"]


def test_a_request_that_was_under_way_may_carry_the_old_token() -> None:
    assert not found(kept(150), rules=[TokenInMemory])


def test_the_old_token_of_a_client_that_never_saw_the_new_one_is_no_second_copy() -> None:
    entries = recorded(REFRESHED)[:3]
    assert not found([*entries, *later(entries[:1], 20_000)], rules=[TokenInMemory])


@pytest.mark.parametrize("name", ["update-payload.go.default.cookie"])
def test_tokens_of_before_a_change_of_payload_are_in_order(name: str) -> None:
    assert not found(recorded(name), known_of(name), [OldTokenAgain, TokenInMemory])


def test_a_client_whose_clock_is_ahead_of_all_tokens_is_found() -> None:
    entries = browser_only(recorded(SHORT_LIVED))
    one = only(found(later(entries, 4 * MINUTE_MS), rules=[ClientClockAhead]), "ST-025")
    assert "about 4 min ahead" in one.detail
    assert "refresh loop" in one.detail


def test_a_clock_within_half_a_minute_or_behind_is_in_order() -> None:
    entries = browser_only(recorded(SHORT_LIVED))
    for shift_ms in (0, 20_000, -4 * MINUTE_MS):
        assert not found(later(entries, shift_ms), rules=[ClientClockAhead])


def test_a_clock_that_is_ahead_by_less_than_tokens_live_does_no_harm() -> None:
    entries = browser_only(recorded("login-and-use.express.default.header"))
    assert not found(later(entries, 4 * MINUTE_MS), rules=[ClientClockAhead])


def test_a_backend_whose_clock_differs_from_the_cores_is_found() -> None:
    one = only(found(recorded(AHEAD), known_of(AHEAD), [BackendClockOff]), "ST-116")
    assert one.detail == (
        "The backend's clock is 2 h ahead of the core's; the recorder's clock agrees with the core."
    )


def test_a_recorder_whose_clock_is_wrong_makes_no_backend_wrong() -> None:
    for entries in (recorded(REFRESHED), later(recorded(REFRESHED), 90 * MINUTE_MS)):
        assert not found(entries, known_of(REFRESHED), [BackendClockOff])


def rotated(sdk: str, kid: str) -> Entries:
    """A session with a token of an older key, which a refresh replaces."""
    entries = recorded(f"expired-access-token.{sdk}.default.cookie")[:3]
    first = at_path(entries, "/protected")
    old = resigned(cookie_of(first, "sAccessToken"), kid=kid, expires_in_s=7200)
    send_cookies(first, {"sAccessToken": old})
    at_ms = datetime.fromisoformat(first["startedDateTime"]).timestamp() * 1000
    return without_date(later(entries, 1_795_539_300_000 - at_ms - 10 * len(sdk)))


SDKS = ("express", "fastapi", "go")


def test_sessions_that_refresh_at_once_to_a_new_key_are_a_rotation() -> None:
    entries = joined(*(rotated(sdk, "d-1700000000000") for sdk in SDKS))
    one = only(found(entries, rules=[KeyRotationBurst]), "ST-024")
    assert one.detail.startswith("3 sessions within a minute")


def test_two_sessions_or_a_single_rotation_are_in_order() -> None:
    entries = joined(*(rotated(sdk, "d-1700000000000") for sdk in SDKS[:2]))
    assert not found(entries, rules=[KeyRotationBurst])
    assert not found(played("key-rotation", "new-token"), rules=[KeyRotationBurst])
