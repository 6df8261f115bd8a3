"""What people ask about single requests: given the evidence, stctl must say what is promised."""

from pathlib import Path

import pytest

from acceptance_stand import (
    config_of,
    diagnosed,
    explained,
    finding,
    trace_of,
    written,
)
from diagnosed import Entries, at_path, header, played, recorded, with_header, without_header
from har_edits import answers, later, send_cookies
from running import run

OWN_401 = "e2e-own-401-retry-limit.fastapi.default.cookie"
DOUBLED = "duplicate-access-cookies.go.default.cookie"
STATIC = "static-vs-dynamic-key.flask.custom.cookie"
NO_RID = "csrf-custom-header-missing.express.default.cookie"
CLEARED = [
    "cookie:sAccessToken",
    "cookie:sRefreshToken",
    "header:st-access-token",
    "header:st-refresh-token",
    "header:front-token",
]


def reason(entry: dict[str, object], name: str) -> str:
    """The answer to one question of an explanation."""
    reasons = entry["reasons"]
    assert isinstance(reasons, list)
    return str(next(one["answer"] for one in reasons if one["name"] == name))


def test_1_the_apps_own_401_loop(tmp_path: Path) -> None:
    """API 401, refresh 200, API 401: the API's own 401 sets off the interceptor."""
    entries = recorded(OWN_401)
    for entry in entries:
        if entry["request"]["url"].endswith("/custom-401"):
            answers(entry, 401, {"error": "forbidden"})
    outcome = diagnosed(written(entries, tmp_path))
    assert outcome.exit_status == 3
    found = finding(outcome, "ST-001")
    assert found["severity"] == "error"
    assert "the session is valid (its token has" in found["detail"]
    assert "no handler of the session recipe fired" in found["detail"]
    assert "403" in found["fix"]
    assert "sessionExpiredStatusCode" in found["fix"]
    told = explained(written(entries, tmp_path))
    assert [told[one]["error"] for one in (4, 7)] == [None, None]
    assert told[4]["next_frontend_action"]["action"] == "call_refresh"


def test_2_two_cookies_of_one_name() -> None:
    """TRY_REFRESH_TOKEN, and the refresh is a 500 unless olderCookieDomain is set."""
    told = explained(trace_of(DOUBLED))
    call, refresh = told[0], told[1]
    assert (call["error"], reason(call, "doubled_cookie")) == ("TRY_REFRESH_TOKEN", "yes")
    assert call["error_message"].lower().startswith("multiple access tokens")
    assert (refresh["error"], refresh["status"]) == ("GENERAL_ERROR", 500)
    assert "sAccessToken" in reason(refresh, "doubled_cookies")
    found = finding(diagnosed(trace_of(DOUBLED)), "ST-003")
    assert "olderCookieDomain" in found["fix"]
    assert "with a wrong olderCookieDomain, clears nothing and goes round" in found["cause"]


def test_3_the_kind_of_key_against_the_setting(tmp_path: Path) -> None:
    """A refusal that names the setting, without any call to the core."""
    config = config_of(
        tmp_path, sdk="supertokens-python", use_dynamic_access_token_signing_key=False
    )
    told = explained(trace_of(STATIC), "--app-config", config)[0]
    assert told["error"] == "TRY_REFRESH_TOKEN"
    assert "use_dynamic_access_token_signing_key" in told["error_message"]
    assert told["core_calls"] == []
    found = finding(diagnosed(trace_of(STATIC), "--app-config", config), "ST-023")
    assert "signed with a dynamic key meets a backend that takes static ones" in found["detail"]
    assert "useDynamicAccessTokenSigningKey" in found["cause"]


def test_4_the_header_rid_is_missing() -> None:
    """On a call TRY_REFRESH_TOKEN, on the refresh UNAUTHORISED with the tokens cleared."""
    told = explained(trace_of(NO_RID), "--sdk", "node")
    passed, refused, refresh = told[0], told[1], told[3]
    assert (passed["status"], passed["error"]) == (200, None)
    assert passed["request"] == "GET /protected"
    assert (refused["error"], refused["handler"]) == ("TRY_REFRESH_TOKEN", "onTryRefreshToken")
    assert "Please pass 'rid: \"session\"' header" in refused["error_message"]
    assert reason(refused, "rid") == "no"
    assert (refresh["error"], refresh["handler"]) == ("UNAUTHORISED", "onUnauthorised")
    assert refresh["cleared"] == CLEARED
    assert "anti-CSRF" in finding(diagnosed(trace_of(NO_RID)), "ST-011")["title"]


def test_5_a_refresh_with_an_access_token_alone(tmp_path: Path) -> None:
    """UNAUTHORISED, with everything cleared."""
    file = written(played("unauthorised", "refresh-token-lost"), tmp_path)
    refresh = max(explained(file).values(), key=lambda one: int(one["index"]))
    assert refresh["request"] == "POST /auth/session/refresh"
    assert (refresh["error"], refresh["clears_session"]) == ("UNAUTHORISED", True)
    assert refresh["cleared"] == CLEARED
    assert "access token is present. Clearing all tokens." in refresh["error_message"]


def test_11_a_403_of_email_verification(tmp_path: Path) -> None:
    """INVALID_CLAIM, the validator, its recipe, and how to satisfy it."""
    entries = recorded("claim-fails.express.default.cookie")
    errors = [{"id": "st-ev", "reason": {"message": "wrong value", "expectedValue": True}}]
    answers(entries[0], 403, {"message": "invalid claim", "claimValidationErrors": errors})
    file = written(entries, tmp_path)
    told = explained(file)[0]
    assert (told["error"], told["handler"]) == ("INVALID_CLAIMS", "onInvalidClaim")
    assert set(told["why_not"]) >= {"UNAUTHORISED", "TRY_REFRESH_TOKEN", "TOKEN_THEFT_DETECTED"}
    found = finding(diagnosed(file), "ST-017")
    assert "st-ev refused the session" in found["detail"]
    assert "EmailVerification recipe: the user has to verify the email address" in found["detail"]
    assert "verify the email address" in found["fix"]


def test_14_a_client_whose_clock_is_ahead(tmp_path: Path) -> None:
    """The server's Date is four minutes behind, and the token expired on arrival."""
    entries = recorded("e2e-expired-core-down.fastapi.default.header")
    file = written(later(entries, 240_000), tmp_path)
    found = finding(diagnosed(file), "ST-025")
    assert "The client's clock is about 4 min ahead" in found["detail"]
    assert "A refresh loop is to be expected." in found["detail"]
    assert {proof["field"] for proof in found["proofs"]} == {
        "answer header Date",
        "answer header front-token",
    }


def test_16_the_cookie_of_an_old_session() -> None:
    """TRY_REFRESH_TOKEN, once after an upgrade."""
    file = trace_of("legacy-id-refresh-cookie.fastapi.default.cookie")
    told = explained(file)[0]
    assert (told["error"], reason(told, "legacy_cookie")) == ("TRY_REFRESH_TOKEN", "yes")
    found = finding(diagnosed(file), "ST-029")
    assert found["severity"] == "info"
    assert "once for each browser is normal" in found["detail"]


def wrong_slot() -> Entries:
    """A refresh in header mode with the access token where the refresh token belongs."""
    entries = recorded("refresh-garbage.express.default.cookie")
    donor = at_path(recorded("refresh-ok.go.default.header"), "/session/refresh")
    right = (header(donor, "request", "Authorization") or "").removeprefix("Bearer ")
    access = header(donor, "response", "st-access-token")
    refresh = at_path(entries, "/session/refresh")
    send_cookies(refresh, {})
    without_header(refresh, "request", "cookie")
    with_header(refresh, "request", "st-auth-mode", "header")
    with_header(refresh, "request", "Authorization", f"Bearer {access}")
    with_header(refresh, "request", "st-refresh-token", right)
    return entries


@pytest.mark.parametrize("sdk", ["node", "python", "go"])
def test_17_an_access_token_in_the_slot_of_the_refresh_token(sdk: str, tmp_path: Path) -> None:
    """UNAUTHORISED; the V2 value belongs into Authorization."""
    file = written(wrong_slot(), tmp_path)
    told = explained(file, "--sdk", sdk)[0]
    assert told["error"] == "UNAUTHORISED"
    assert reason(told, "refresh_token") == "in the Authorization header"
    outcome = diagnosed(file, "--sdk", sdk)
    assert outcome.exit_status == 3
    found = finding(outcome, "ST-012")
    assert "Where the refresh token belongs stands the access token." in found["detail"]
    assert "st-refresh-token" in found["proofs"][0]["shows"]
    assert "Authorization" in found["fix"]


def test_no_case_shows_a_token_in_full() -> None:
    token = header(
        at_path(recorded("refresh-ok.go.default.header"), "/session/refresh"),
        "request",
        "Authorization",
    )
    assert token
    shown = run("diagnose", trace_of("refresh-ok.go.default.header")).stdout
    assert token.removeprefix("Bearer ") not in shown
