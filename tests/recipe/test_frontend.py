import pytest

from stctl.exchange import Response
from stctl.recipe.frontend import (
    Action,
    FrontendConfig,
    LocalState,
    NextAction,
    Purpose,
    Seen,
    next_action,
)

ENDED = "UNAUTHORISED(session expired or revoked)"
NO_SESSION = "UNAUTHORISED(no session locally)"
UPDATED = "ACCESS_TOKEN_PAYLOAD_UPDATED"
DONE = "REFRESH_SESSION"
E, N, M = LocalState.EXISTS, LocalState.NOT_EXISTS, LocalState.MAY_EXIST


def react(
    status: int | None,
    front: str | None = None,
    *,
    purpose: Purpose = "call",
    before: LocalState = E,
    body: bytes = b"",
) -> NextAction:
    headers = () if front is None else (("Front-Token", front),)
    response = None if status is None else Response(status=status, headers=headers, body=body)
    seen = Seen(purpose=purpose, before=before, front_token_before="old", response=response)
    return next_action(seen, FrontendConfig())


@pytest.mark.parametrize(
    ("status", "front", "before", "action", "events", "after"),
    [
        (200, None, E, Action.RETURN_RESPONSE, (), E),
        (200, "new", E, Action.RETURN_RESPONSE, (UPDATED,), E),
        (200, "old", E, Action.RETURN_RESPONSE, (), E),
        (200, "new", N, Action.RETURN_RESPONSE, ("SESSION_CREATED",), E),
        (200, "remove", E, Action.RETURN_RESPONSE, ("SIGN_OUT",), N),
        (401, None, E, Action.CALL_REFRESH, (), E),
        (401, None, N, Action.RETURN_RESPONSE, (NO_SESSION,), N),
        (401, "remove", E, Action.RETURN_RESPONSE, (ENDED, NO_SESSION), N),
        (401, "new", E, Action.RETRY_ORIGINAL_REQUEST, (UPDATED,), E),
        (440, None, E, Action.RETURN_RESPONSE, (), E),
        (500, None, E, Action.RETURN_RESPONSE, (), E),
        (500, "remove", E, Action.RETURN_RESPONSE, ("SIGN_OUT",), N),
    ],
)
def test_a_call_is_judged_by_status_and_front_token_alone(
    *,
    status: int,
    front: str | None,
    before: LocalState,
    action: Action,
    events: tuple[str, ...],
    after: LocalState,
) -> None:
    told = react(status, front, before=before)
    assert (told.action, told.events, told.local_session_after) == (action, events, after)


@pytest.mark.parametrize(
    ("status", "front", "before", "action", "events", "after"),
    [
        (200, "new", E, Action.RETRY_ORIGINAL_REQUEST, (UPDATED, DONE), E),
        (200, None, E, Action.THROW_REFRESH_ERROR_TO_CALLER, (), E),
        (200, "remove", E, Action.STOP_SESSION_GONE, ("SIGN_OUT",), N),
        (401, "remove", E, Action.STOP_SESSION_GONE, (ENDED,), N),
        (401, None, E, Action.STOP_SESSION_GONE, (ENDED,), N),
        (401, "remove", M, Action.STOP_SESSION_GONE, (), N),
        (423, "remove", E, Action.STOP_SESSION_GONE, ("SIGN_OUT",), N),
        (500, None, E, Action.THROW_REFRESH_ERROR_TO_CALLER, (), E),
    ],
)
def test_a_refresh_is_judged_by_status_and_front_token_alone(
    *,
    status: int,
    front: str | None,
    before: LocalState,
    action: Action,
    events: tuple[str, ...],
    after: LocalState,
) -> None:
    told = react(status, front, before=before, purpose="refresh")
    assert (told.action, told.events, told.local_session_after) == (action, events, after)


def test_a_failed_refresh_says_how_it_failed() -> None:
    assert react(500, purpose="refresh").detail == "refresh response with status 500"
    assert "no front-token" in (react(200, purpose="refresh").detail or "")


def test_a_probe_goes_on_with_the_call_and_an_explicit_refresh_is_done() -> None:
    assert react(401, "remove", purpose="probe", before=M).action is Action.SEND_ORIGINAL_REQUEST
    assert react(200, "new", purpose="explicit_refresh").action is Action.REFRESH_DONE


def test_a_refused_request_to_the_refresh_api_that_is_no_post_leaves_the_refresh_due() -> None:
    assert react(404, purpose="misdirected_refresh").action is Action.CALL_REFRESH
    assert react(200, purpose="misdirected_refresh").action is Action.RETURN_RESPONSE


def test_no_answer_is_a_network_error_and_changes_nothing() -> None:
    told = react(None)
    assert (told.action, told.local_session_after) == (Action.NETWORK_ERROR_TO_CALLER, E)


def test_an_invalid_claim_is_an_event_only_with_its_body() -> None:
    assert react(403, body=b'{"claimValidationErrors":[]}').events == ("API_INVALID_CLAIM",)
    assert react(403, body=b"no").events == ()
