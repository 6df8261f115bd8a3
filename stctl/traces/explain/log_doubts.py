"""What a debug log leaves open, and what else may have happened then.

SDKs log their own doings. Not in a log are: an exception that Python or Go let pass by, who answers
for an exception, and the words of an answer, so that the SDK's own helper may have served a custom
handler. What is taken for true all the same is marked inferred.
"""

from dataclasses import dataclass
from typing import Final

from stctl.recipe.config import AppConfig
from stctl.recipe.failures import ErrorName, Failure, General, HandlerName, InvalidClaims
from stctl.recipe.handlers import NOBODY, Firing
from stctl.recipe.walk import Reason, Source
from stctl.traces.explain.explanation import Alternative
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.link import LoggedRequest
from stctl.traces.model import LogEvent, Logger, Topic

_DUPLICATES_STATUS: Final = 200
_RAISES: Final = "does anything raise an exception that the log does not show?"
_ANSWERS: Final = "who answers for the exception?"
_WHOLE: Final = "does the log hold the request to its end?"
_FRAMEWORK: Final = Firing(handler=HandlerName.FRAMEWORK_ERROR_RESPONSE, kind="framework")
_APP: Final = Firing(handler=HandlerName.APP_ERROR_HANDLER, kind="custom")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What was concluded beyond the log, and the verdicts that it leaves open."""

    reasons: tuple[Reason, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


def expired_status_in(event: LogEvent) -> int | None:
    """The status for expired sessions, where a line of the SDK's start tells it."""
    if event.topic is not Topic.INIT:
        return None
    name = event.facts.get("setting", "").replace("_", "").lower()
    value = event.facts.get("value", "")
    is_it = name == "sessionexpiredstatuscode" and value.isascii() and value.isdecimal()
    return int(value) if is_it else None


def is_logged_whole(request: LoggedRequest) -> bool:
    """Whether the SDK came to an end with what it began; an exception lets it break off.

    What the SDK answers itself ends with its answer, a step in an app's route with the step.
    """
    ends = {Topic.ANSWER, Topic.MIDDLEWARE_END}
    if not request.facts(Topic.ROUTE, "route"):
        ends = {Topic.ANSWER, Topic.DONE}
        if not request.facts(Topic.STEP, "step"):
            return True
    return any(event.topic in ends for event in request.events)


def is_status_of_default(status: int, failure: Failure, app: AppConfig) -> bool:
    """Whether the default handler of an error would answer with this status."""
    if failure.error is ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES:
        return status == _DUPLICATES_STATUS
    if isinstance(failure, InvalidClaims):
        return status == app.invalid_claim_status
    return status == app.session_expired_status


def is_status_known(failure: Failure, known: KnownApp) -> bool:
    """Whether it is known, and not only taken as usual, what the default handler answers with."""
    if failure.error is ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES:
        return True
    if isinstance(failure, InvalidClaims):
        return known.invalid_claim_status_code is not None
    return known.session_expired_status_code is not None


def doubts_of(
    request: LoggedRequest, failure: Failure | None, firing: Firing, app: AppConfig
) -> Doubts:
    """What the log of a request does not tell."""
    if failure is None:
        return _of_silence(request)
    if isinstance(failure, General):
        return _of_exception(request)
    return _of_handler(request, failure, firing, app)


def _of_silence(request: LoggedRequest) -> Doubts:
    """Node's error handler logs every exception that comes to it; the others pass by in silence."""
    is_told = request.logger is Logger.NODE or bool(request.facts(Topic.ANSWER, "status"))
    if is_told:
        return Doubts()
    return Doubts(
        reasons=(_concluded("unlogged_exception", _RAISES, "no"),),
        alternatives=(
            _other(ErrorName.GENERAL_ERROR, _FRAMEWORK, f"{_RAISES} yes"),
            _other(ErrorName.GENERAL_ERROR, _APP, f"{_RAISES} yes, and the app answers for it"),
        ),
    )


def _of_exception(request: LoggedRequest) -> Doubts:
    reasons = [_concluded("app_error_handler", _ANSWERS, "the framework")]
    others = [_other(ErrorName.GENERAL_ERROR, _APP, f"{_ANSWERS} the app's own error handler")]
    if not any(event.topic is Topic.ERROR for event in request.events):
        reasons.insert(0, _concluded("unlogged_exception", _RAISES, "yes"))
        others.append(_other(None, NOBODY, f"{_WHOLE} no"))
    return Doubts(reasons=tuple(reasons), alternatives=tuple(others))


def _of_handler(request: LoggedRequest, failure: Failure, firing: Firing, app: AppConfig) -> Doubts:
    """An answer that the SDK sent is the default handler's, or made by its helper for the app's."""
    told = request.facts(Topic.ANSWER, "status")
    if firing.kind != "default" or not told or firing.handler is None:
        return Doubts()
    question = f"does the app override {firing.handler.value}?"
    reasons = (_concluded("override", question, "no"),)
    if told[-1].isdecimal() and is_status_of_default(int(told[-1]), failure, app):
        return Doubts(reasons=reasons)
    custom = Firing(handler=firing.handler, kind="custom")
    return Doubts(reasons=reasons, alternatives=(_other(failure.error, custom, f"{question} yes"),))


def _concluded(name: str, question: str, answer: str) -> Reason:
    return Reason(name, question, answer, Source.INFERRED)


def _other(error: ErrorName | None, firing: Firing, because: str) -> Alternative:
    return Alternative(
        error=error, handler=firing.handler, handler_kind=firing.kind, because=because
    )
