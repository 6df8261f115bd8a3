import pytest

from stctl.recipe.failures import ErrorName, HandlerName
from stctl.recipe.frontend import Action
from stctl.recipe.walk import Source
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.logged import explain_log
from stctl.traces.model import Damage, TraceFormat
from trace_help import SAMPLES, items_of

CLEARED = {
    "cookie:sAccessToken",
    "cookie:sRefreshToken",
    "header:st-access-token",
    "header:st-refresh-token",
    "header:front-token",
}
LINE = (
    'com.supertokens {{t: "2026-11-24T18:00:0{}.000Z", message: "{}", '
    'file: "a.js:1:2" sdkVer: "1"}}'
)


def told_by(name: str) -> list[Explanation]:
    data = (SAMPLES / f"debug_{name}.log").read_bytes()
    told = explain_log(items_of(data, TraceFormat.DEBUG_LOG), KnownApp())
    return [one for one in told if isinstance(one, Explanation)]


def told_from(*messages: str, known: KnownApp | None = None) -> list[Explanation]:
    text = "\n".join(LINE.format(place % 10, text) for place, text in enumerate(messages))
    items = items_of(text.encode(), TraceFormat.DEBUG_LOG)
    told = [*explain_log(items, known or KnownApp())]
    assert not [one for one in told if isinstance(one, Damage)]
    return [one for one in told if isinstance(one, Explanation)]


@pytest.mark.parametrize("name", ["node", "python", "go"])
def test_a_debug_log_tells_the_error_the_handler_and_what_was_cleared(name: str) -> None:
    none, garbage, refresh = told_by(name)[:3]
    for one in (none, garbage):
        assert (one.error, one.answered.step) == (ErrorName.UNAUTHORISED, "verify")
        assert one.evidence.marks.cleared == ()
        assert one.evidence.status == 401
    assert (refresh.error, refresh.answered.step) == (ErrorName.UNAUTHORISED, "refresh")
    assert {*refresh.evidence.marks.cleared} == CLEARED
    assert {one.answered.firing.kind for one in (none, garbage, refresh)} == {"default"}
    assert refresh.error_message is not None
    assert refresh.error_message.startswith("Refresh token not found")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("node", ErrorName.TRY_REFRESH_TOKEN),
        ("python", ErrorName.TRY_REFRESH_TOKEN),
        ("go", ErrorName.GENERAL_ERROR),
    ],
)
def test_keys_that_cannot_be_fetched_are_an_exception_in_go_alone(
    name: str, error: ErrorName
) -> None:
    assert told_by(name)[3].error is error


@pytest.mark.parametrize("name", ["node", "python", "go"])
def test_a_core_out_of_reach_is_a_general_error(name: str) -> None:
    last = told_by(name)[4]
    assert last.error is ErrorName.GENERAL_ERROR
    assert last.answered.firing.handler is HandlerName.FRAMEWORK_ERROR_RESPONSE


def test_a_theft_that_the_sdk_answered_revoked_the_session() -> None:
    (told,) = told_from(
        "middleware: Started",
        "refreshSession: Started",
        "refreshSession: Returning TOKEN_THEFT_DETECTED because of core response",
        "errorHandler: Started",
        "errorHandler: returning TOKEN_THEFT_DETECTED",
        "errorHandler: Clearing tokens because of TOKEN_THEFT_DETECTED response",
        "Sending response to client with status code: 401",
    )
    assert told.error is ErrorName.TOKEN_THEFT_DETECTED
    assert told.answered.firing.side_effect == "revoke_session"
    assert told.next is not None
    assert told.next.action is Action.STOP_SESSION_GONE
    assert ErrorName.UNAUTHORISED in told.why_not


def test_a_handler_after_which_the_sdk_sent_nothing_was_the_apps_own() -> None:
    (told,) = told_from(
        "middleware: Started",
        "getSession: Started",
        "errorHandler: Started",
        "errorHandler: returning TRY_REFRESH_TOKEN",
    )
    assert told.answered.firing.kind == "custom"
    assert told.evidence.status == 0
    assert told.next is None


def test_a_step_that_went_well_raised_nothing() -> None:
    (told,) = told_from("middleware: Started", "getSession: Started", "getSession: Success!")
    assert told.error is None
    assert told.answered.firing.kind == "none"


REFUSED = (
    "middleware: Started",
    "getSession: Started",
    "errorHandler: Started",
    "errorHandler: returning TRY_REFRESH_TOKEN",
)
SENT_440 = "Sending response to client with status code: 440"


def verdicts_left_open(told: Explanation) -> list[tuple[str | None, str | None, str]]:
    return [(one.error, one.handler, one.handler_kind) for one in told.alternatives]


@pytest.mark.parametrize("setting", ["sessionExpiredStatusCode", "session_expired_status_code"])
def test_the_status_that_an_sdk_told_at_its_start_is_its_default_handlers(setting: str) -> None:
    (told,) = told_from(f"session init: {setting}: 440", *REFUSED, SENT_440)
    assert told.answered.firing.kind == "default"
    assert told.alternatives == ()
    (told,) = told_from(f"session init: {setting}: 401", *REFUSED, SENT_440)
    assert told.answered.firing.kind == "custom"


def test_an_unusual_status_leaves_open_who_answered_until_the_setting_is_known() -> None:
    (told,) = told_from(*REFUSED, SENT_440)
    assert told.answered.firing.kind == "default"
    handler = HandlerName.ON_TRY_REFRESH_TOKEN
    assert verdicts_left_open(told) == [(ErrorName.TRY_REFRESH_TOKEN, handler, "custom")]
    assert told.reasons[-1].source is Source.INFERRED


def test_what_the_operator_tells_is_stronger_than_the_log() -> None:
    lines = ("session init: sessionExpiredStatusCode: 401", *REFUSED, SENT_440)
    (told,) = told_from(*lines, known=KnownApp(session_expired_status_code=440))
    assert told.answered.firing.kind == "default"


def test_node_does_not_say_that_the_handler_for_claims_runs() -> None:
    lines = (
        "middleware: Started",
        "getSession: Started",
        "getSession: Success!",
        "errorHandler: Started",
        "errorHandler: Error is from SuperTokens recipe. Message: INVALID_CLAIMS",
        "Sending response to client with status code: 403",
    )
    (told,) = told_from(*lines)
    assert told.answered.firing.handler is HandlerName.ON_INVALID_CLAIM
    assert told.answered.firing.kind == "default"
    (told,) = told_from(*lines[:-1])
    assert told.answered.firing.kind == "custom"


def test_an_api_of_the_sdk_without_an_answer_broke_off_or_the_log_did() -> None:
    (told,) = told_from(
        "middleware: Started",
        "middleware: Request being handled by recipe. ID is: /signout",
        "getSession: Started",
        "getSession: Success!",
    )
    assert told.error is ErrorName.GENERAL_ERROR
    assert told.reasons[-1].source is Source.INFERRED
    assert verdicts_left_open(told) == [
        (ErrorName.GENERAL_ERROR, HandlerName.APP_ERROR_HANDLER, "custom"),
        (None, None, "none"),
    ]
