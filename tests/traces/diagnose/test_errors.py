"""Rules for errors, the app's own code, and sessions that end: one case each, and one in order."""

import json

from diagnosed import at_path, found, ids, known_of, only, played, recorded
from har_edits import answers, browser_only, cookie_of, core_call, told_by_core
from stctl.traces.diagnose.rules.errors_app import (
    AppException,
    DashboardFails,
    HandlerFails,
    RefusedLoginKept,
    ServerErrorUnexplained,
)
from stctl.traces.diagnose.rules.errors_claims import ClaimRefused
from stctl.traces.diagnose.rules.errors_ending import StolenSessionKept, TokensLeft
from stctl.traces.diagnose.rules.errors_revoked import DeletedUser, RevokedButAccepted
from stctl.traces.diagnose.rules.errors_tokens import (
    GarbageAccessToken,
    GarbageRefreshToken,
    UnfittingSignature,
)
from stctl.traces.explain.known_app import KnownApp

LOGIN = "login-and-use.express.default.header"
THEFT = "theft-parent-reused.express.default.cookie"
HEADLESS = "exception-handler-only.fastapi.default.cookie"


def test_a_refused_claim_is_named_with_its_validator() -> None:
    one = only(
        found(recorded("claim-fails.express.default.cookie"), rules=[ClaimRefused]), "ST-017"
    )
    assert one.detail.startswith("lab-always-fails refused the session")
    assert [proof.entry for proof in one.proofs] == [0]


def test_a_claim_of_a_recipe_is_said_to_be_of_that_recipe() -> None:
    entries = recorded("claim-fails.express.default.cookie")
    errors = [{"id": "st-ev", "reason": {"message": "wrong value"}}]
    answers(entries[0], 403, {"message": "invalid claim", "claimValidationErrors": errors})
    one = only(found(entries, rules=[ClaimRefused]), "ST-017")
    assert "st-ev is of the EmailVerification recipe" in one.detail


def test_a_custom_handler_that_hides_the_validator_does_not_hide_the_finding() -> None:
    name = "claim-fails.express.custom.cookie"
    one = only(found(recorded(name), known_of(name), [ClaimRefused]), "ST-017")
    assert one.detail.startswith("a validator that the answer does not name refused the session")


def test_a_session_whose_claims_hold_is_no_refused_claim() -> None:
    assert not found(recorded(LOGIN), rules=[ClaimRefused])


def test_a_handler_of_the_app_that_throws_is_found_once_for_each_handler() -> None:
    entries = recorded("throwing-overrides.express.throwing.cookie")
    subjects = {one.subject for one in found(entries, rules=[HandlerFails])}
    assert subjects >= {"onUnauthorised", "onTokenTheftDetected", "onInvalidClaim"}


def test_a_general_error_handler_behind_it_does_not_hide_a_failing_handler() -> None:
    name = "throwing-overrides-general.express.throwing.cookie"
    one = only(found(recorded(name), known_of(name), [HandlerFails]), "ST-107")
    assert "503" in one.detail


def test_a_custom_handler_that_answers_is_no_failing_one() -> None:
    name = "claim-fails.express.custom.cookie"
    assert not found(recorded(name), known_of(name), [HandlerFails])


def test_an_exception_of_the_app_is_told_from_trouble_with_the_core() -> None:
    entries = recorded("app-exception.go.default.cookie")
    details = [one.detail for one in found(entries, rules=[AppException])]
    assert details == [
        "GET /boom ends in an exception of the app (the connection broke).",
        "GET /boom-auth ends in an exception of the app (the connection broke).",
    ]
    assert not found(recorded("core-500.express.default.cookie"), rules=[AppException])


def test_without_the_cores_side_a_server_error_is_left_open() -> None:
    entries = recorded("core-down-warm.express.default.cookie")
    rules = [ServerErrorUnexplained, AppException]
    assert {*ids(found(browser_only(entries), rules=rules))} == {"ST-120"}
    assert not found(entries, rules=rules)


def test_a_dashboard_that_fails_is_found() -> None:
    entries = recorded("core-500.express.default.cookie")
    assert not found(entries, rules=[DashboardFails])
    entries[0]["request"]["url"] = "http://localhost:3001/auth/dashboard/api/users"
    one = only(found(entries, rules=[DashboardFails]), "ST-053")
    assert one.detail == "GET /auth/dashboard/api/users is answered 500."


def test_an_exception_behind_the_dashboard_is_none_of_the_apps_own() -> None:
    entries = recorded("app-exception.go.default.cookie")
    for entry in entries:
        entry["request"]["url"] = "http://localhost:3001/auth/dashboard/api/users"
    assert not found(entries, rules=[AppException])


def test_a_login_that_is_refused_after_its_session_was_made_leaves_it_in_the_core() -> None:
    name = "app-throws-unauthorised.flask.default.cookie"
    assert ids(found(recorded(name), known_of(name), [RefusedLoginKept])) == ["ST-115"]
    assert not found(recorded(LOGIN), rules=[RefusedLoginKept])


def test_a_cookie_that_is_no_token_is_found() -> None:
    entries = recorded("garbage-access-token.express-5.default.cookie")
    one = only(found(entries, rules=[GarbageAccessToken]), "ST-113")
    assert one.subject == "cookie sAccessToken"


def test_no_token_and_a_foreign_authorization_header_are_no_garbage() -> None:
    for name in ("no-token.express.default.header", "header-and-cookie.fastapi.default.cookie"):
        assert not found(recorded(name), known_of(name), [GarbageAccessToken])


def test_a_refresh_token_of_no_known_form_is_found() -> None:
    entries = recorded("refresh-garbage.express.default.cookie")
    one = only(found(entries, rules=[GarbageRefreshToken]), "ST-114")
    assert one.detail.startswith("cookie sRefreshToken holds no refresh token: ")


def test_a_refused_refresh_token_in_good_form_is_no_garbage() -> None:
    for name in ("refresh-revoked.go.default.cookie", "refresh-no-token.go.default.cookie"):
        assert not found(recorded(name), known_of(name), [GarbageRefreshToken])


def test_a_signature_that_does_not_fit_is_found_before_the_tokens_time() -> None:
    for name in (
        "wrong-key-known-kid.go.default.cookie",
        "wrong-key-known-kid.express.custom.cookie",
    ):
        one = only(found(recorded(name), known_of(name), [UnfittingSignature]), "ST-102")
        assert one.subject.startswith("d-")


def test_of_an_unknown_app_a_wrong_signature_is_told_with_what_else_it_may_be() -> None:
    name = "wrong-key-known-kid.express.default.cookie"
    one = only(found(recorded(name), rules=[UnfittingSignature]), "ST-102")
    assert "or the app is set to the other kind of key" in one.detail
    healed = "static-vs-dynamic-key.flask.custom.cookie"
    assert not found(recorded(healed), rules=[UnfittingSignature])


def test_an_expired_token_is_no_unfitting_signature() -> None:
    name = "expired-access-token.express.default.cookie"
    assert not found(recorded(name), known_of(name), [UnfittingSignature])


def test_without_the_cores_side_a_wrong_signature_is_not_claimed() -> None:
    """A backend that cannot fetch the keys answers in the same way."""
    name = "wrong-key-known-kid.fastapi.default.cookie"
    assert not found(browser_only(recorded(name)), known_of(name), [UnfittingSignature])


def test_a_theft_handler_of_the_app_that_revokes_nothing_is_found() -> None:
    name = "theft-parent-reused.express.custom.cookie"
    assert ids(found(recorded(name), known_of(name), [StolenSessionKept])) == ["ST-105"]
    assert not found(recorded(THEFT), rules=[StolenSessionKept])


def test_tokens_that_stay_after_the_end_of_the_session_are_found() -> None:
    one = only(found(recorded(HEADLESS), known_of(HEADLESS), [TokensLeft]), "ST-106")
    assert one.subject == "UNAUTHORISED"
    assert not found(recorded("revoked-session.express.default.cookie"), rules=[TokensLeft])


def test_a_token_that_outlives_its_session_is_found_with_the_time_it_has_left() -> None:
    entries = recorded("revoked-session.express.default.cookie")
    one = only(found(entries, rules=[RevokedButAccepted]), "ST-015")
    assert one.subject == "/protected"
    assert [proof.entry for proof in one.proofs] == [0, 1]
    assert " min more." in one.detail


def test_what_an_operator_revoked_and_a_route_accepts_is_found() -> None:
    entries = played("revoked-but-valid", "without-a-look")
    assert ids(found(entries, rules=[RevokedButAccepted])) == ["ST-015"]


def test_a_session_that_was_used_and_revoked_later_is_in_order() -> None:
    for name in ("signout-api.fastapi.default.cookie", "logout-route.express.default.header"):
        assert not found(recorded(name), rules=[RevokedButAccepted])
    assert not found(played("revoked-but-valid", "with-a-look"), rules=[RevokedButAccepted])


def test_a_token_of_a_deleted_user_that_is_accepted_is_found() -> None:
    entries = played("deleted-user", "refresh-after-deletion")
    assert ids(found(entries, rules=[DeletedUser])) == ["ST-016"]
    assert not found(played("deleted-user", "session-without-a-user"), rules=[DeletedUser])


def test_a_route_that_fails_on_a_missing_user_is_found() -> None:
    entries = recorded("app-exception.go.default.cookie")
    failing = at_path(entries, "/boom-auth")
    user = _subject(cookie_of(failing, "sAccessToken"))
    look_up = core_call(recorded(LOGIN), "/user/id")
    assert told_by_core(look_up)["status"] == "UNKNOWN_USER_ID_ERROR"
    look_up["_initiator"] = entries.index(failing)
    look_up["startedDateTime"] = failing["startedDateTime"]
    look_up["request"]["url"] = f"http://localhost:3567/user/id?userId={user}"
    look_up["request"]["queryString"] = [{"name": "userId", "value": user}]
    one = only(found([*entries, look_up], KnownApp(), [DeletedUser]), "ST-016")
    assert one.subject == user
    assert not found(recorded(LOGIN), rules=[DeletedUser])


def _subject(token: str) -> str:
    import base64

    body = token.split(".")[1]
    payload: dict[str, str] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return payload["sub"]
