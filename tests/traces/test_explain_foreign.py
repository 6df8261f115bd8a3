import pytest

from explained import CLEARED, EXPIRED, LIVE, answer, entry, explain_one, explained, request
from staged_facts import access_token
from stctl.recipe.arrival import Reach
from stctl.recipe.failures import ErrorName, HandlerName
from stctl.recipe.frontend import Action
from stctl.recipe.step_end import StepName
from stctl.traces.model import Peer


def test_a_401_of_the_app_itself_is_no_handlers() -> None:
    told = explain_one(request("/me", cookies=LIVE), answer(401, {"error": "not your document"}))
    assert told.error is None
    assert told.answered.firing.kind == "none"
    assert told.is_own_refusal


def test_an_own_401_is_told_from_a_custom_handler_that_speaks_of_a_refresh() -> None:
    told = explain_one(request("/me", cookies=LIVE), answer(401, {"error": "please refresh"}))
    assert told.error is ErrorName.TRY_REFRESH_TOKEN
    assert told.answered.firing.kind == "custom"
    assert (None, None) in [(one.error, one.handler) for one in told.alternatives]


def test_a_gateway_that_answers_in_the_backends_place_is_no_handler() -> None:
    page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
    told = explain_one(request("/me", cookies=LIVE), answer(502, text=page))
    assert told.reach is Reach.GATEWAY
    assert (told.error, told.answered.firing.handler) == (None, None)


def test_a_gateway_stands_in_for_the_refresh_api_too() -> None:
    asked = request("/auth/session/refresh", method="POST", cookies={"sRefreshToken": "r"})
    told = explain_one(asked, answer(504, text="<html>504 Gateway Time-out</html>"))
    assert told.reach is Reach.GATEWAY
    assert told.answered.step is StepName.NONE


def test_a_failed_preflight_is_no_handler_and_the_frontend_sdk_never_sees_it() -> None:
    told = explain_one(request("/me", method="OPTIONS"), answer(403, {"error": "origin"}))
    assert told.reach is Reach.PREFLIGHT
    assert told.error is None
    assert told.next is None


@pytest.mark.parametrize(
    ("path", "step"),
    [
        ("/auth/signout", StepName.SIGN_OUT),
        ("/auth/session/refresh", StepName.NONE),
        ("/me", StepName.NONE),
    ],
)
def test_only_the_preflight_of_the_sign_out_api_counts_to_a_step(path: str, step: StepName) -> None:
    told = explain_one(request(path, method="OPTIONS"), answer(204, text=""))
    assert told.answered.step is step
    assert told.error is None


def test_a_plain_exception_goes_on_to_the_framework() -> None:
    told = explain_one(request("/boom"), answer(500, text="Internal Server Error"))
    assert told.error is ErrorName.GENERAL_ERROR
    assert told.answered.firing.handler is HandlerName.FRAMEWORK_ERROR_RESPONSE
    assert told.answered.firing.kind == "framework"


def test_a_broken_connection_is_a_general_error() -> None:
    told = explain_one(request("/boom"), None)
    assert told.error is ErrorName.GENERAL_ERROR
    assert told.next is not None
    assert told.next.action is Action.NETWORK_ERROR_TO_CALLER


def test_a_page_of_the_framework_says_that_there_is_no_such_route() -> None:
    asked = request("/auth/session/refresh", method="POST", cookies={"sRefreshToken": "r"})
    told = explain_one(asked, answer(404, text="<pre>Cannot POST /auth/session/refresh</pre>"))
    assert told.reach is Reach.NO_ROUTE
    assert told.error is None


def test_a_custom_handler_is_known_by_what_was_cleared_before_it_ran() -> None:
    asked = request("/auth/session/refresh", method="POST", cookies={"sRefreshToken": "r"})
    body = {"oops": "something"}
    told = explain_one(asked, answer(418, body, CLEARED))
    assert told.error in {ErrorName.UNAUTHORISED, ErrorName.TOKEN_THEFT_DETECTED}
    assert told.answered.firing.kind == "custom"
    assert told.alternatives


def test_a_default_body_decides_between_errors_of_one_status() -> None:
    asked = request("/auth/session/refresh", method="POST", cookies={"sRefreshToken": "r"})
    told = explain_one(asked, answer(401, {"message": "token theft detected"}, CLEARED))
    assert told.error is ErrorName.TOKEN_THEFT_DETECTED
    assert told.answered.firing.kind == "default"
    assert told.answered.firing.side_effect == "revoke_session"
    assert not told.alternatives


def test_an_expired_token_leaves_no_doubt_whatever_the_handler_says() -> None:
    told = explain_one(request("/me", cookies=EXPIRED), answer(498, {"oops": 1}))
    assert told.error is ErrorName.TRY_REFRESH_TOKEN
    assert told.answered.firing.kind == "custom"


def test_the_refresh_of_a_token_whose_child_was_used_is_likelier_theft() -> None:
    old, new = "old.token.V2", "new.token.V2"
    set_new = (
        ("set-cookie", f"sAccessToken={access_token()}"),
        ("set-cookie", f"sRefreshToken={new}"),
        ("front-token", "e30="),
    )
    refresh = "/auth/session/refresh"
    body = {"oops": 1}
    told = explained(
        [
            entry(
                0,
                request(refresh, method="POST", cookies={"sRefreshToken": old}),
                answer(200, {}, set_new),
            ),
            entry(
                1,
                request(refresh, method="POST", cookies={"sRefreshToken": new}),
                answer(200, {}, set_new),
            ),
            entry(
                2,
                request(refresh, method="POST", cookies={"sRefreshToken": old}),
                answer(401, body, CLEARED),
            ),
        ]
    )
    assert told[2].error is ErrorName.TOKEN_THEFT_DETECTED
    others = [one.error for one in told[2].alternatives]
    assert ErrorName.UNAUTHORISED in others


def test_what_remains_possible_is_not_said_to_be_ruled_out() -> None:
    asked = request("/auth/session/refresh", method="POST", cookies={"sRefreshToken": "r"})
    told = explain_one(asked, answer(418, {"oops": 1}, CLEARED))
    for other in told.alternatives:
        if other.error is not None and other.error is not told.error:
            assert "not ruled out" in told.why_not[other.error]


def test_a_500_in_json_comes_from_the_apps_error_handler_or_from_its_route() -> None:
    told = explain_one(request("/me", cookies=LIVE), answer(500, {"error": "something broke"}))
    assert told.error is ErrorName.GENERAL_ERROR
    assert told.answered.firing.handler is HandlerName.APP_ERROR_HANDLER
    assert (None, None) in [(one.error, one.handler) for one in told.alternatives]


def test_an_error_handler_that_is_known_by_its_body_is_known_everywhere() -> None:
    broke = {"error": "something broke"}
    refresh = request(
        "/auth/session/refresh", method="POST", cookies={"sRefreshToken": "r"}, headers={"rid": "x"}
    )
    peer = Peer.BROWSER_BACKEND
    told = explained(
        [
            entry(0, request("/me", cookies=EXPIRED), answer(503, broke), peer=peer),
            entry(1, refresh, answer(503, broke), peer=peer),
        ]
    )
    assert told[1].answered.firing.handler is HandlerName.APP_ERROR_HANDLER
    assert told[1].answered.firing.kind == "custom"
