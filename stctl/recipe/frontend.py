"""What the frontend SDK does with an answer: it sees the status and the front token, no more.

Source: SDKs, behaviour notes 6, and recordings of supertokens-website 20.1.6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from stctl.exchange import Response, first_value
from stctl.recipe.response import REMOVE
from stctl.recipe.transfer import FRONT_TOKEN_HEADER

_FIRST_FAILURE: Final = 300


class LocalState(StrEnum):
    """What the frontend SDK believes of its session."""

    EXISTS = "EXISTS"
    NOT_EXISTS = "NOT_EXISTS"
    MAY_EXIST = "MAY_EXIST"


class Action(StrEnum):
    """What the frontend SDK does next."""

    RETURN_RESPONSE = "return_response"
    CALL_REFRESH = "call_refresh"
    RETRY_ORIGINAL_REQUEST = "retry_original_request"
    SEND_ORIGINAL_REQUEST = "send_original_request"
    STOP_SESSION_GONE = "stop_session_gone"
    REFRESH_DONE = "refresh_done"
    THROW_REFRESH_ERROR_TO_CALLER = "throw_refresh_error_to_caller"
    WAIT_FOR_REFRESH_THEN_RETRY = "wait_for_refresh_then_retry"
    RETURN_REFRESH_RESPONSE_AS_RESULT = "return_refresh_response_as_result"
    THROW_ERROR_TO_CALLER = "throw_error_to_caller"
    SDK_CALL_RETURNS_FALSE = "sdk_call_returns_false"
    NETWORK_ERROR_TO_CALLER = "network_error_to_caller"


Purpose = Literal[
    "call",
    "misdirected_refresh",
    "refresh",
    "refresh_of_fetch",
    "explicit_refresh",
    "probe",
    "existence_check",
]
"""Why the request was sent: the app's own call, one to the refresh API that is no refresh because
its method is not POST, a refresh for the sake of one (by whatever means,
or known to be by `fetch`), a refresh that the app asked for, the refresh with which a fresh page
finds out whether it has a session, or the one that `doesSessionExist()` sends."""

_ENDED: Final = "UNAUTHORISED(session expired or revoked)"
_NO_SESSION: Final = "UNAUTHORISED(no session locally)"
_WITHHELD: Final = (
    "the browser keeps the answer from the page: it does not allow the page's origin (CORS)"
)
_TOO_MANY: Final = (
    "the call was sent again after each refresh, as often as the SDK does at most, and was "
    "answered in the same way every time"
)
_FRONT_MISSING: Final = (
    "the answer to the refresh has no front-token header: a proxy took it away, or CORS hides it"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """The frontend SDK's next move, the events that it fires, and its state afterwards."""

    action: Action
    events: tuple[str, ...] = ()
    local_session_after: LocalState
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontendConfig:
    """How the frontend SDK is set up."""

    session_expired_status: int = 401
    invalid_claim_status: int = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An answer in the eyes of the frontend SDK."""

    purpose: Purpose
    before: LocalState
    front_token_before: str | None
    response: Response | None
    """None: no answer came."""
    is_refreshing: bool = False
    """Whether a refresh for another call is on its way."""
    is_withheld: bool = False
    """Whether the browser keeps the answer from the page's scripts."""
    retries_used_up: bool = False
    """Whether the call was sent again as often as the SDK does at most."""


def next_action(seen: Seen, config: FrontendConfig) -> NextAction:
    """Decide the next move on an answer."""
    if seen.response is None:
        return NextAction(action=Action.NETWORK_ERROR_TO_CALLER, local_session_after=seen.before)
    if seen.is_withheld:
        return NextAction(
            action=Action.THROW_ERROR_TO_CALLER, local_session_after=seen.before, detail=_WITHHELD
        )
    front = first_value(seen.response.headers, FRONT_TOKEN_HEADER)
    events = _session_events(seen, front, seen.response.status, config)
    if seen.purpose == "misdirected_refresh" and seen.response.status >= _FIRST_FAILURE:
        # Recordings of supertokens-website say so: the refresh itself is still to be made.
        return NextAction(action=Action.CALL_REFRESH, local_session_after=seen.before)
    if seen.purpose in {"call", "misdirected_refresh"}:
        after = _state_after(seen.before, front)
        return _after_call(seen, seen.response, after, events, config)
    return _after_refresh(seen, seen.response, front, events, config)


def _state_after(before: LocalState, front: str | None) -> LocalState:
    if front is None:
        return before
    return LocalState.NOT_EXISTS if front == REMOVE else LocalState.EXISTS


def _session_events(
    seen: Seen, front: str | None, status: int, config: FrontendConfig
) -> tuple[str, ...]:
    had_session = seen.before is LocalState.EXISTS
    if front is None:
        return ()
    if front == REMOVE:
        expired = status == config.session_expired_status
        return (_ENDED if expired else "SIGN_OUT",) if had_session else ()
    if not had_session:
        return ("SESSION_CREATED",)
    return ("ACCESS_TOKEN_PAYLOAD_UPDATED",) if front != seen.front_token_before else ()


def _after_call(
    seen: Seen,
    response: Response,
    after: LocalState,
    events: tuple[str, ...],
    config: FrontendConfig,
) -> NextAction:
    if response.status == config.session_expired_status:
        if after is LocalState.NOT_EXISTS:
            return NextAction(
                action=Action.RETURN_RESPONSE,
                events=(*events, _NO_SESSION),
                local_session_after=after,
            )
        if seen.retries_used_up:
            return NextAction(
                action=Action.THROW_ERROR_TO_CALLER,
                events=events,
                local_session_after=after,
                detail=_TOO_MANY,
            )
        # A new front token on the very answer looks as if somebody else had refreshed meanwhile.
        renewed = first_value(response.headers, FRONT_TOKEN_HEADER) is not None
        action = Action.RETRY_ORIGINAL_REQUEST if renewed else Action.CALL_REFRESH
        if seen.is_refreshing and not renewed:
            action = Action.WAIT_FOR_REFRESH_THEN_RETRY
        return NextAction(action=action, events=events, local_session_after=after)
    if response.status == config.invalid_claim_status and b"claimValidationErrors" in response.body:
        events = (*events, "API_INVALID_CLAIM")
    return NextAction(action=Action.RETURN_RESPONSE, events=events, local_session_after=after)


def _after_refresh(
    seen: Seen,
    response: Response,
    front: str | None,
    events: tuple[str, ...],
    config: FrontendConfig,
) -> NextAction:
    if front == REMOVE or response.status == config.session_expired_status:
        return _session_gone(seen, front, events)
    after = _state_after(seen.before, front)
    if response.status >= _FIRST_FAILURE:
        detail = f"refresh response with status {response.status}"
        return _refresh_failed(_ON_BAD_STATUS[seen.purpose], after, events, detail)
    if front is None:
        return _refresh_failed(_ON_MISSING_FRONT[seen.purpose], after, events, _FRONT_MISSING)
    action = _ON_SUCCESS[seen.purpose]
    return NextAction(action=action, events=(*events, "REFRESH_SESSION"), local_session_after=after)


def _session_gone(seen: Seen, front: str | None, events: tuple[str, ...]) -> NextAction:
    """A refused refresh ends the session locally, with or without a front token to say so."""
    if front is None and seen.before is LocalState.EXISTS:
        events = (*events, _ENDED)
    probe = seen.purpose == "probe"
    return NextAction(
        action=Action.SEND_ORIGINAL_REQUEST if probe else Action.STOP_SESSION_GONE,
        events=events,
        local_session_after=LocalState.NOT_EXISTS,
    )


_ON_SUCCESS: Final[Mapping[Purpose, Action]] = {
    "call": Action.RETURN_RESPONSE,
    "misdirected_refresh": Action.RETURN_RESPONSE,
    "refresh": Action.RETRY_ORIGINAL_REQUEST,
    "refresh_of_fetch": Action.RETRY_ORIGINAL_REQUEST,
    "explicit_refresh": Action.REFRESH_DONE,
    "existence_check": Action.REFRESH_DONE,
    "probe": Action.SEND_ORIGINAL_REQUEST,
}
_ON_BAD_STATUS: Final[Mapping[Purpose, Action]] = {
    "call": Action.RETURN_RESPONSE,
    "misdirected_refresh": Action.RETURN_RESPONSE,
    "refresh": Action.THROW_REFRESH_ERROR_TO_CALLER,
    "refresh_of_fetch": Action.RETURN_REFRESH_RESPONSE_AS_RESULT,
    "explicit_refresh": Action.THROW_ERROR_TO_CALLER,
    "existence_check": Action.SDK_CALL_RETURNS_FALSE,
    "probe": Action.SEND_ORIGINAL_REQUEST,
}
_ON_MISSING_FRONT: Final[Mapping[Purpose, Action]] = {
    **_ON_BAD_STATUS,
    "refresh_of_fetch": Action.THROW_ERROR_TO_CALLER,
}


def _refresh_failed(
    action: Action, after: LocalState, events: tuple[str, ...], detail: str
) -> NextAction:
    return NextAction(
        action=action,
        events=events,
        local_session_after=after,
        detail=detail,
    )
