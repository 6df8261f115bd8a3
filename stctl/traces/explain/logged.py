"""Requests of which an SDK's debug log tells: the log names the error, the tree knows the rest.

A log says which step ran, which error was raised and which handler was called. What is cleared,
what a default handler answers and why the other errors were not raised follows from the tree. An
answer that the SDK sends itself is logged; one of an app's own handler is not.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from stctl.exchange import Exchange, Request, Response
from stctl.recipe.answering import Answered
from stctl.recipe.arrival import Reach
from stctl.recipe.config import AppConfig
from stctl.recipe.failures import (
    ClearDuplicateSessionCookies,
    ErrorName,
    Failure,
    General,
    HandlerName,
    InvalidClaims,
    SessionFailure,
    TokenTheftDetected,
    TryRefreshToken,
    Unauthorised,
)
from stctl.recipe.frontend import FrontendConfig, LocalState, NextAction, Seen, next_action
from stctl.recipe.handlers import NOBODY, REVOKE_SESSION, Firing, clears_tokens
from stctl.recipe.profiles.profile import Profile, SdkName
from stctl.recipe.profiles.version import SdkVersion
from stctl.recipe.response import clear_everything, write_headers
from stctl.recipe.step_end import StepName
from stctl.recipe.walk import Reason, Source, Walked
from stctl.recipe.why_not import why_not
from stctl.traces.explain.core_calls import CoreCall, kind_of
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.log_doubts import (
    doubts_of,
    expired_status_in,
    is_logged_whole,
    is_status_known,
    is_status_of_default,
)
from stctl.traces.explain.variants import base_config, profiles_of_app
from stctl.traces.link import LoggedRequest, requests_in_log
from stctl.traces.model import Damage, Entry, Gap, LogEvent, Logger, Topic, TraceItem

_SDKS: Final[Mapping[Logger, SdkName]] = {
    Logger.NODE: "node",
    Logger.PYTHON: "python",
    Logger.GO: "go",
}
_SIGN_OUT: Final = "/signout"
_TOLD: Final = frozenset(
    {
        Topic.FOUND,
        Topic.IGNORED,
        Topic.TRANSFER,
        Topic.OPTION,
        Topic.CORE_ANSWER,
        Topic.RAISED,
        Topic.CLAIM,
        Topic.ERROR,
        Topic.HANDLER,
        Topic.DONE,
    }
)
_ALL_GAPS: Final = frozenset(Gap)
_MOST_SPEAKERS: Final = 100


def explain_log(
    items: Iterable[TraceItem], known: KnownApp
) -> Iterator[Explanation | LogEvent | Damage]:
    """Explain the requests of a debug log; what could not be read comes along.

    So does the first event of every SDK and version that speaks in it.
    """
    log = _Log()
    for request in requests_in_log(log.events(items)):
        yield from log.taken()
        yield explain_logged(request, log.known_of(request, known))
    yield from log.taken()


class _Log:
    """What a log tells beside its requests: damage, and what the SDKs said when they started."""

    def __init__(self) -> None:
        self._beside: list[Damage | LogEvent] = []
        self._speakers: set[tuple[Logger, str | None]] = set()
        self._expired_status: dict[tuple[Logger, str], int] = {}

    def events(self, items: Iterable[TraceItem]) -> Iterator[LogEvent]:
        """The events among the items."""
        for item in items:
            if isinstance(item, Damage):
                self._beside.append(item)
            elif isinstance(item, LogEvent):
                self._note_speaker(item)
                status = expired_status_in(item)
                if status is not None:
                    self._expired_status[item.logger, item.source] = status
                yield item

    def taken(self) -> Iterator[Damage | LogEvent]:
        """What came beside requests since this was asked last."""
        beside, self._beside = self._beside, []
        yield from beside

    def _note_speaker(self, event: LogEvent) -> None:
        speaker = event.logger, event.sdk_version
        if speaker not in self._speakers and len(self._speakers) < _MOST_SPEAKERS:
            self._speakers.add(speaker)
            self._beside.append(event)

    def known_of(self, request: LoggedRequest, known: KnownApp) -> KnownApp:
        """What is known of the app that a request came to; what the operator tells is stronger."""
        first = request.events[0]
        status = self._expired_status.get((first.logger, first.source))
        if status is None or known.session_expired_status_code is not None:
            return known
        return replace(known, session_expired_status_code=status)


def explain_logged(request: LoggedRequest, known: KnownApp) -> Explanation:
    """Explain one request of a log."""
    profile = _profile(request, known)
    sent = Request(method=_method(request), path=_path(request, known))
    app = base_config(_evidence(request, sent, None), known, profile)
    failure = _failure(request, app)
    firing = _firing(request, failure, app, known)
    doubts = doubts_of(request, failure, firing, app)
    response = _response(request, failure, app)
    evidence = _evidence(request, sent, response)
    answered = Answered(
        step=_step(request), session=None, failure=failure, firing=firing, response=response
    )
    reasons = tuple(_reason(event) for event in request.events if _says_something(event))
    walked = Walked(value=answered, steps=(), ruled_out=())
    return Explanation(
        evidence=evidence,
        reach=Reach.SDK,
        answered=answered,
        reasons=(*reasons, *doubts.reasons),
        why_not=why_not(walked),
        alternatives=doubts.alternatives,
        core_calls=tuple(_calls(request)),
        state_before=None,
        next=_next(answered, known),
        app=app,
        plan=None,
    )


def _profile(request: LoggedRequest, known: KnownApp) -> Profile:
    name = _SDKS.get(request.logger, "node")
    if known.sdk is not None and known.sdk.name == name:
        return profiles_of_app(known, name)[0]
    return profiles_of_app(KnownApp(sdk=SdkVersion(name=name)), name)[0]


def _method(request: LoggedRequest) -> str:
    told = request.facts(Topic.LOOKED_AT, "method")
    if told:
        return told[0].upper()
    return "POST" if request.facts(Topic.ROUTE, "route") else ""


def _path(request: LoggedRequest, known: KnownApp) -> str:
    routes = request.facts(Topic.ROUTE, "route")
    if request.path is not None:
        return request.path
    base = known.api_base_path or AppConfig().api_base_path
    return f"{base}{routes[0]}" if routes else "(not logged)"


def _step(request: LoggedRequest) -> StepName:
    if _SIGN_OUT in request.facts(Topic.ROUTE, "route"):
        return StepName.SIGN_OUT
    steps = request.facts(Topic.STEP, "step")
    return StepName(steps[0]) if steps and steps[0] in {*StepName} else StepName.NONE


def _failure(request: LoggedRequest, app: AppConfig) -> Failure | None:
    messages = request.facts(Topic.ERROR, "message")
    message = messages[-1] if messages else ""
    handled = _handled(request)
    if handled:
        return _session_failure(handled[-1], message, request)
    if any(event.topic is Topic.ERROR for event in request.events):
        return General(message=message or _problem(request))
    raised = request.facts(Topic.RAISED, "error")
    if raised:
        reasons = request.facts(Topic.RAISED, "reason")
        return _session_failure(raised[-1], reasons[-1] if reasons else "", request)
    return _unfinished(request, app)


def _handled(request: LoggedRequest) -> list[str]:
    """The errors whose handlers ran.

    Node says so of every error but INVALID_CLAIMS, which is that error's message as well.
    """
    messages = request.facts(Topic.ERROR, "message")
    silent = [text for text in messages if text == ErrorName.INVALID_CLAIMS]
    return request.facts(Topic.HANDLER, "error") or silent


def _problem(request: LoggedRequest) -> str:
    problems = request.facts(Topic.CORE_ANSWER, "problem")
    return problems[-1] if problems else ""


def _unfinished(request: LoggedRequest, app: AppConfig) -> Failure | None:
    """What began and did not end died of something that the SDK does not log."""
    if is_logged_whole(request):
        return None
    return General(message=_problem(request) or app.profile.messages.no_core)


def _session_failure(error: str, message: str, request: LoggedRequest) -> SessionFailure | General:
    cleared = any(event.topic is Topic.CLEARED for event in request.events)
    made: Mapping[str, SessionFailure] = {
        ErrorName.UNAUTHORISED: Unauthorised(message=message, clear_tokens=cleared),
        ErrorName.TRY_REFRESH_TOKEN: TryRefreshToken(message=message),
        ErrorName.TOKEN_THEFT_DETECTED: TokenTheftDetected(
            message=message, session_handle="", user_id="", recipe_user_id=""
        ),
        ErrorName.INVALID_CLAIMS: InvalidClaims(message=message, errors=()),
        ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES: ClearDuplicateSessionCookies(message=message),
    }
    return made.get(error) or General(message=message)


def _firing(
    request: LoggedRequest, failure: Failure | None, app: AppConfig, known: KnownApp
) -> Firing:
    if failure is None:
        return NOBODY
    if isinstance(failure, General):
        return Firing(handler=HandlerName.FRAMEWORK_ERROR_RESPONSE, kind="framework")
    if not _handled(request):
        return NOBODY
    by_default = _is_by_default(request, failure, app, known)
    revoked = by_default and isinstance(failure, TokenTheftDetected)
    return Firing(
        handler=failure.handler,
        kind="default" if by_default else "custom",
        side_effect=REVOKE_SESSION if revoked else None,
    )


def _is_by_default(
    request: LoggedRequest, failure: SessionFailure, app: AppConfig, known: KnownApp
) -> bool:
    """Whether the SDK sent an answer, unless it is known that the default one has another status.

    A custom handler may send its answer by the SDK's own helper, which logs it.
    """
    told = request.facts(Topic.ANSWER, "status")
    if not told or not told[-1].isdecimal():
        return bool(told)
    is_usual = is_status_of_default(int(told[-1]), failure, app)
    return is_usual or not is_status_known(failure, known)


def _response(request: LoggedRequest, failure: Failure | None, app: AppConfig) -> Response | None:
    """The answer as far as the log has it: its status, and what the recipe cleared."""
    told = request.facts(Topic.ANSWER, "status")
    status = int(told[-1]) if told and told[-1].isdecimal() else 0
    cleared = failure is not None and clears_tokens(failure)
    headers = write_headers(clear_everything(app), app) if cleared else []
    return Response(status=status, headers=tuple(headers))


def _evidence(request: LoggedRequest, sent: Request, response: Response | None) -> Evidence:
    exchange = Exchange(request=sent, response=response, started_at_ms=request.at_ms or 0)
    entry = Entry(
        index=request.index,
        position=request.position,
        exchange=exchange,
        url=sent.path,
        scheme="http",
        port=80,
        gaps=_ALL_GAPS,
    )
    return Evidence(entry=entry, calls=(), core_recorded=False)


def _says_something(event: LogEvent) -> bool:
    """Whether a line gives a reason; that an error handler began is none."""
    return event.topic in _TOLD and (event.topic is not Topic.ERROR or "message" in event.facts)


def _reason(event: LogEvent) -> Reason:
    return Reason(
        event.topic.value, f"{event.position} of the log:", event.message, Source.OBSERVED
    )


def _calls(request: LoggedRequest) -> Iterator[CoreCall]:
    problem = _problem(request) or None
    for event in request.events:
        if event.topic is Topic.CORE_CALL and "url" in event.facts:
            method, path = (
                event.facts.get("method", "GET"),
                urlsplit(event.facts["url"]).path or "/",
            )
            yield CoreCall(
                index=None,
                kind=kind_of(method, path),
                method=method,
                path=path,
                status=None,
                sent={},
                answer={},
                failure=problem,
            )


def _next(answered: Answered, known: KnownApp) -> NextAction | None:
    """What a frontend SDK does that has a session; None where the status is not logged."""
    if answered.response is None or answered.response.status == 0:
        return None
    seen = Seen(
        purpose="refresh" if answered.step is StepName.REFRESH else "call",
        before=LocalState.EXISTS,
        front_token_before=None,
        response=answered.response,
    )
    usual = FrontendConfig()
    expired = known.frontend_session_expired_status_code or usual.session_expired_status
    return next_action(seen, FrontendConfig(session_expired_status=expired))
