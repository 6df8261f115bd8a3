"""Rules for what passes between frontend and backend: one case each, and one that is in order."""

from copy import deepcopy

import pytest

from diagnosed import (
    Entries,
    at_path,
    found,
    ids,
    known_of,
    only,
    recorded,
    with_header,
    without_header,
)
from har_edits import (
    answers,
    browser_only,
    cookie_of,
    joined,
    later,
    send_cookies,
    sent_by,
    without_date,
    without_tokens,
)
from stctl.traces.diagnose.rules.frontend_apps import OtherAppLeft, ServerKeepsTokens
from stctl.traces.diagnose.rules.frontend_cookies import AccessTokenLost, CookiesNotKept
from stctl.traces.diagnose.rules.frontend_paths import (
    BasePathMismatch,
    MiddlewareMissing,
    RefreshByWrongMethod,
)
from stctl.traces.diagnose.rules.frontend_status import StatusMismatch
from stctl.traces.diagnose.rules.frontend_tokens import (
    FrontTokenMissing,
    SessionNotDelivered,
    SignOutKeepsTokens,
    UpdateNotSent,
)

PATHS = [BasePathMismatch, MiddlewareMissing, RefreshByWrongMethod]
REFRESHED = "expired-access-token.express.default.cookie"
LOGIN = "login-and-use.express.default.header"
LOST = "e2e-cookies-lost.express.default.cookie"
SIGNED_OUT = "chromium-sign-out.fastapi.default.cookie"
OTHER_STATUS = "session-expired-status-440.flask.default.cookie"


def test_a_refresh_beside_the_base_path_is_found() -> None:
    name = "e2e-wrong-base-path.express.default.cookie"
    one = only(found(recorded(name), known_of(name), PATHS), "ST-020")
    assert one.subject == "/api/auth"
    assert one.detail.endswith("the backend serves /auth.")


def test_a_refresh_on_the_base_path_that_nobody_serves_lacks_the_middleware() -> None:
    name = "exception-handler-only.fastapi.default.cookie"
    assert ids(found(recorded(name), known_of(name), PATHS)) == ["ST-118"]


def test_without_a_known_base_path_both_causes_are_named() -> None:
    name = "exception-handler-only.fastapi.default.cookie"
    one = only(found(recorded(name), rules=PATHS), "ST-020")
    assert "or the SDK's middleware is not installed" in one.detail


def test_a_refresh_by_get_is_found() -> None:
    name = "refresh-via-get.express.default.cookie"
    assert ids(found(recorded(name), known_of(name), PATHS)) == ["ST-112"]


def test_a_refresh_that_the_sdk_refuses_is_on_the_right_path() -> None:
    for name in ("e2e-first-visit.express.default.cookie", SIGNED_OUT, REFRESHED):
        assert not found(recorded(name), known_of(name), PATHS)


def test_settings_that_differ_are_found_even_where_handlers_answer_alike() -> None:
    one = only(found(recorded(OTHER_STATUS), known_of(OTHER_STATUS), [StatusMismatch]), "ST-057")
    assert one.detail == "sessionExpiredStatusCode is 440 in the backend and 401 in the frontend."


def test_a_handler_with_a_status_of_its_own_is_found() -> None:
    name = "custom-status-codes.flask.custom.cookie"
    one = only(found(recorded(name), known_of(name), [StatusMismatch]), "ST-057")
    assert "answered 498 by the app's own onTryRefreshToken" in one.detail


def test_a_client_that_refreshes_knows_the_status() -> None:
    """Nothing is known of the app; the refresh after it shows what the frontend is set to."""
    assert not found(recorded(OTHER_STATUS), rules=[StatusMismatch])
    unanswered = recorded(OTHER_STATUS)[:2]
    assert ids(found(unanswered, rules=[StatusMismatch])) == ["ST-057"]
    assert not found(recorded(REFRESHED), known_of(REFRESHED), [StatusMismatch])


def test_cookies_that_are_set_in_good_order_and_never_come_back_are_found() -> None:
    one = only(found(recorded(LOST), known_of(LOST), [CookiesNotKept]), "ST-026")
    assert [proof.entry for proof in one.proofs] == [1, 5]


def test_cookies_that_come_back_are_kept() -> None:
    assert not found(recorded(SIGNED_OUT), known_of(SIGNED_OUT), [CookiesNotKept])


def test_somebody_without_a_session_beside_one_with_cookies_is_in_order() -> None:
    """Two people behind one address, with the same browser."""
    entries = joined(recorded(SIGNED_OUT), recorded(LOST))
    sent_by(entries, "Mozilla/5.0")
    for entry in entries:
        without_header(entry, "request", "origin")
    assert not found(entries, rules=[CookiesNotKept])


@pytest.mark.parametrize(
    "name",
    ["samesite-lax-cross-site.express.default.cookie", "secure-cookie-on-http.go.default.cookie"],
)
def test_cookies_that_a_browser_has_a_reason_to_refuse_are_left_to_other_rules(name: str) -> None:
    entries = recorded(LOST)
    if name.startswith("samesite"):
        entries = recorded(name)
    else:
        for entry in entries:
            for one in entry["response"]["headers"]:
                if one["name"].lower() == "set-cookie":
                    one["value"] += "; Domain=example.net"
    assert not found(entries, rules=[CookiesNotKept])


def without_access_token() -> Entries:
    """A client that comes without an access token, and refreshes with success."""
    entries = recorded(REFRESHED)
    first, refresh = at_path(entries, "/protected"), at_path(entries, "/session/refresh")
    send_cookies(first, {})
    answers(first, 401, {"message": "unauthorised"})
    send_cookies(refresh, {"sRefreshToken": cookie_of(refresh, "sRefreshToken")})
    return entries


def test_a_client_that_lost_its_access_token_and_kept_the_other_is_found() -> None:
    one = only(found(without_access_token(), known_of(REFRESHED), [AccessTokenLost]), "ST-045")
    assert one.detail == "GET /protected goes without a token, and works after a refresh."


def test_an_expired_access_token_is_not_lost() -> None:
    assert not found(recorded(REFRESHED), known_of(REFRESHED), [AccessTokenLost])


def test_a_client_that_was_there_a_moment_ago_did_not_just_start() -> None:
    before = later(recorded("no-token.express.default.cookie"), 0)
    shift = 200_000_000
    entries = without_date(joined(before, later(without_access_token(), shift)))
    assert ids(found(entries, rules=[AccessTokenLost])) == ["ST-045"]
    start = without_access_token()
    busy = later([start[0]], -2_000)
    send_cookies(busy[0], {})
    answers(busy[0], 200, {"session": None})
    assert not found(joined(busy, start), rules=[AccessTokenLost])


def test_tokens_without_a_front_token_are_found() -> None:
    name = "proxy-strips-front-token.fastapi.default.cookie"
    subjects = {one.subject for one in found(recorded(name), known_of(name), [FrontTokenMissing])}
    assert subjects == {"refresh", "verify", "create"}
    assert not found(recorded("refresh-ok.go.default.header"), rules=[FrontTokenMissing])


@pytest.mark.parametrize("mode", ["cookie", "header"])
def test_a_changed_payload_that_is_not_sent_is_found(mode: str) -> None:
    name = f"update-payload.go.default.{mode}"
    entries = recorded(name)
    assert not found(entries, known_of(name), [UpdateNotSent])
    without_tokens(at_path(entries, "/update-payload"))
    assert ids(found(entries, known_of(name), [UpdateNotSent])) == ["ST-047"]


def test_a_session_that_the_answer_does_not_carry_is_found() -> None:
    entries = recorded(LOGIN)
    assert not found(entries, known_of(LOGIN), [SessionNotDelivered])
    without_tokens(at_path(entries, "/login"))
    one = only(found(entries, known_of(LOGIN), [SessionNotDelivered]), "ST-058")
    assert one.subject == "/login"


def test_a_recording_of_the_browsers_side_cannot_tell_of_undelivered_sessions() -> None:
    entries = browser_only(recorded(LOGIN))
    without_tokens(entries[0])
    assert not found(entries, rules=[SessionNotDelivered])


def test_a_sign_out_that_clears_nothing_is_found() -> None:
    name = "signout-api.express-5.default.cookie"
    one = only(found(recorded(name), known_of(name), [SignOutKeepsTokens]), "ST-039")
    assert one.count == 1
    for name in ("signout-api.express.default.cookie", "signout-api.flask-011.default.cookie"):
        assert not found(recorded(name), known_of(name), [SignOutKeepsTokens])


def rendered_by(agent: str) -> Entries:
    """A refresh by that program, and the browser's old token ten seconds later."""
    entries = recorded(REFRESHED)
    with_header(at_path(entries, "/session/refresh"), "request", "User-Agent", agent)
    return [*entries[:3], *later(entries[:1], 10_000)]


def test_a_refresh_on_the_server_that_the_browser_does_not_get_is_found() -> None:
    one = only(found(rendered_by("node"), rules=[ServerKeepsTokens]), "ST-013")
    assert [proof.entry for proof in one.proofs] == [1, 3]
    assert not found(rendered_by("Mozilla/5.0 (X11)"), rules=[ServerKeepsTokens])


def test_a_refresh_on_the_server_that_is_handed_on_is_in_order() -> None:
    entries = recorded(REFRESHED)
    with_header(at_path(entries, "/session/refresh"), "request", "User-Agent", "node")
    assert not found(entries, rules=[ServerKeepsTokens])


def two_apps(other: str) -> Entries:
    """A sign-out in one app, and a refresh from the other one, which had used the session."""
    entries = recorded(SIGNED_OUT)
    sign_out = at_path(entries, "/auth/signout", 1)
    call = deepcopy(at_path(entries, "/protected", 1))
    send_cookies(call, {"sAccessToken": cookie_of(sign_out, "sAccessToken")})
    answers(call, 200, {"userId": "user-1"})
    shared, left = later([call], -150), later([at_path(entries, "/session/refresh", 1)], 60_000)
    for entry in (*shared, *left):
        with_header(entry, "request", "Origin", other)
    return without_date(joined(entries, shared, left))


def test_an_app_that_does_not_know_of_the_others_sign_out_is_found() -> None:
    one = only(found(two_apps("http://other.localhost:3000"), rules=[OtherAppLeft]), "ST-052")
    assert one.subject == "http://other.localhost:3000"
    assert not found(two_apps("http://localhost:3000"), rules=[OtherAppLeft])
    assert not found(recorded(SIGNED_OUT), rules=[OtherAppLeft])
