"""From an error to an answer: the recipe clears, then exactly one handler writes.

Source: SDKs, behaviour notes 4.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from stctl.exchange import Request, Response
from stctl.jsontypes import JsonObject
from stctl.recipe.config import AppConfig
from stctl.recipe.core_replies import CoreTrouble
from stctl.recipe.failures import (
    ClearDuplicateSessionCookies,
    Failure,
    General,
    HandlerName,
    InvalidClaims,
    SessionFailure,
    TokenTheftDetected,
    TryRefreshToken,
    Unauthorised,
)
from stctl.recipe.questions import AppErrorHandler, CoreRemove, CustomHandler, Overridden
from stctl.recipe.response import Change, clear_everything, write_headers
from stctl.recipe.situation import HandlerAnswered, HandlerEnd, HandlerFailed
from stctl.recipe.trouble import failure_of
from stctl.recipe.walk import Saw, Tree, ask

HandlerKind = Literal["default", "custom", "framework", "none"]
REVOKE_SESSION: Final = "revoke_session"
JSON_TYPE: Final = "application/json; charset=utf-8"
DEFAULT_MESSAGES: Final = {
    HandlerName.ON_UNAUTHORISED: "unauthorised",
    HandlerName.ON_TRY_REFRESH_TOKEN: "try refresh token",
    HandlerName.ON_TOKEN_THEFT_DETECTED: "token theft detected",
    HandlerName.ON_INVALID_CLAIM: "invalid claim",
}
"""The `message` of each default answer; the error's own text is never in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """Who answered an error."""

    handler: HandlerName | None
    kind: HandlerKind
    side_effect: Literal["revoke_session"] | None = None
    runs: int = 1
    """How often the handler was called; more than once only if it failed."""
    failed: HandlerFailed | None = None
    final_handler: HandlerName | None = None
    """Who answered after the handler had failed."""
    final_kind: HandlerKind | None = None


NOBODY: Final = Firing(handler=None, kind="none", runs=0)
"""Nothing was raised, so nothing fired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerOutcome:
    """What an error came to; `response` is None when the connection broke without an answer."""

    firing: Firing
    response: Response | None


def clears_tokens(failure: Failure) -> bool:
    """Whether the recipe clears all tokens before the handler runs.

    Source: SDKs, behaviour notes 4.1.
    """
    match failure:
        case Unauthorised(clear_tokens=clear):
            return clear
        case TokenTheftDetected():
            return True
        case _:
            return False


def answer_failure(
    failure: Failure, request: Request, app: AppConfig, changes: Iterable[Change]
) -> Tree[HandlerOutcome]:
    """Walk from an error to the answer that the browser gets."""
    written = [*changes]
    if isinstance(failure, General):
        return (yield from _general(failure, request, app, written))
    if clears_tokens(failure):
        cleared = clear_everything(app)
        last = app.profile.applies_changes_last
        written = [*cleared, *written] if last else [*written, *cleared]
    handler = failure.handler
    overridden = yield from _is_overridden(handler, app)
    draft = Response(status=200, headers=write_headers(written, app))
    firing = Firing(handler=handler, kind="custom" if overridden else "default")
    custom = CustomHandler(handler=handler, failure=failure, request=request, response=draft)
    end = yield from ask(custom) if overridden else _default(failure, app, draft)
    for _ in range(1, app.profile.failing_handler_runs):
        if isinstance(end, HandlerFailed):
            end = yield from ask(custom) if overridden else _default(failure, app, draft)
    if isinstance(end, HandlerFailed):
        return (yield from _after_failed_handler(end, firing, request, app, written))
    if end.revoked_session and isinstance(failure, TokenTheftDetected):
        firing = replace(firing, side_effect=REVOKE_SESSION)
    return HandlerOutcome(firing=firing, response=end.response)


def _is_overridden(handler: HandlerName, app: AppConfig) -> Tree[bool]:
    if not app.profile.can_override(handler):
        yield Saw("overridden", Overridden(handler).wording(), "no, this version does not let it")
        return False
    return (yield from ask(Overridden(handler)))


def _default(failure: SessionFailure, app: AppConfig, draft: Response) -> Tree[HandlerEnd]:
    if isinstance(failure, TokenTheftDetected):
        reply = yield from ask(CoreRemove((failure.session_handle,)))
        if isinstance(reply, CoreTrouble):
            return HandlerFailed(message=failure_of(reply, app).message)
    response = _json(draft, default_status(failure, app), failure, app)
    return HandlerAnswered(
        response=response, revoked_session=isinstance(failure, TokenTheftDetected)
    )


def default_status(failure: SessionFailure, app: AppConfig) -> int:
    """Status of a default answer.

    Source: SDKs, behaviour notes 4.1.
    """
    match failure:
        case Unauthorised() | TryRefreshToken() | TokenTheftDetected():
            return app.session_expired_status
        case InvalidClaims():
            return app.invalid_claim_status
        case ClearDuplicateSessionCookies():
            return 200


def _json(draft: Response, status: int, failure: SessionFailure, app: AppConfig) -> Response:
    profile = app.profile
    if isinstance(failure, ClearDuplicateSessionCookies) and profile.bare_duplicate_message:
        text = json.dumps(failure.message)
    else:
        text = json.dumps(
            default_body(failure),
            separators=(",", ":"),
            sort_keys=profile.sorts_json,
            ensure_ascii=False,
        )
    headers = (*draft.headers, ("Content-Type", JSON_TYPE))
    return Response(status=status, headers=headers, body=json_bytes(text))


def json_bytes(text: str) -> bytes:
    r"""A body in UTF-8; half a character, which UTF-8 has not, stays the escape that it came as.

    >>> json_bytes('{"message":"\ud800"}')
    b'{"message":"\\ud800"}'
    """
    return text.encode("utf-8", "backslashreplace")


def default_body(failure: SessionFailure) -> JsonObject:
    """Body of a default answer, in the form that most SDKs give it."""
    match failure:
        case ClearDuplicateSessionCookies(message=message):
            return {"message": message}
        case InvalidClaims(errors=errors):
            return {
                "message": DEFAULT_MESSAGES[failure.handler],
                "claimValidationErrors": [
                    {"id": error.id, "reason": error.reason} for error in errors
                ],
            }
        case _:
            return {"message": DEFAULT_MESSAGES[failure.handler]}


def _after_failed_handler(
    end: HandlerFailed, firing: Firing, request: Request, app: AppConfig, written: list[Change]
) -> Tree[HandlerOutcome]:
    """A handler that fails turns its error into a general one.

    Source: SDKs, behaviour notes 4.5.
    """
    last = yield from _general(General(message=end.message), request, app, written)
    return HandlerOutcome(
        firing=replace(
            firing,
            runs=app.profile.failing_handler_runs,
            failed=end,
            final_handler=last.firing.handler,
            final_kind=last.firing.kind,
        ),
        response=last.response,
    )


def _general(
    failure: General, request: Request, app: AppConfig, written: list[Change]
) -> Tree[HandlerOutcome]:
    kept = written if app.profile.keeps_changes_on_error else []
    draft = Response(status=500, headers=write_headers(kept, app))
    end = None
    if not failure.closes_connection:
        end = yield from ask(
            AppErrorHandler(message=failure.message, request=request, response=draft)
        )
    if isinstance(end, HandlerAnswered):
        firing = Firing(handler=HandlerName.APP_ERROR_HANDLER, kind="custom")
        return HandlerOutcome(firing=firing, response=end.response)
    firing = Firing(handler=HandlerName.FRAMEWORK_ERROR_RESPONSE, kind="framework")
    if failure.closes_connection:
        return HandlerOutcome(firing=firing, response=None)
    message = end.message if isinstance(end, HandlerFailed) else failure.message
    return HandlerOutcome(firing=firing, response=_framework_page(draft, message, app))


def _framework_page(draft: Response, message: str, app: AppConfig) -> Response:
    profile = app.profile
    text = f"{message}\n" if profile.general_body is None else profile.general_body
    headers = (*draft.headers, ("Content-Type", profile.general_type))
    return Response(status=500, headers=headers, body=json_bytes(text))
