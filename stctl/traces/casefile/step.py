"""One explained request as a report keeps it: short, and with its secrets masked."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from stctl.exchange import Pairs
from stctl.recipe.arrival import Reach
from stctl.recipe.failures import ErrorName, HandlerName
from stctl.recipe.frontend import NextAction
from stctl.recipe.handlers import Firing
from stctl.recipe.step_end import StepName
from stctl.recipe.walk import Reason, Source
from stctl.redact import mask_text
from stctl.traces.casefile.headers import shown_headers
from stctl.traces.explain.core_calls import CoreCall
from stctl.traces.explain.explanation import Alternative, Explanation
from stctl.traces.secrets import secrets_of

_LONGEST_BODY: Final = 1200
_LARGEST_BODY: Final = 1 << 20
"""In bytes; in what is larger no secrets are looked for, so that nothing of it is shown."""
_LONGEST_VALUE: Final = 1000
_LONGEST_WORDS: Final = 300
_MOST_HEADERS: Final = 60
_FIRST_FAILURE: Final = 300
_TOLD: Final = ("status", "message", "reason")
_OF_SESSION: Final = ("handle", "userId", "tenantId")

Hide = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCall:
    """One call to the core."""

    index: int | None
    """Place in the trace; None for a call that must have been made and is not recorded."""
    method: str
    path: str
    status: int | None
    core_status: str | None
    failure: str | None
    cdi: str | None
    told: tuple[tuple[str, str], ...]
    """What the answer said, without tokens and without the users' data."""
    is_inferred: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One half of an exchange."""

    headers: tuple[tuple[str, str], ...]
    body: str
    """Empty where there is none, or where it is left out."""
    body_size: int
    """In bytes, as recorded."""
    cut: int = 0
    """How many headers were left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request of a browser with what became of it."""

    ordinal: int
    """Number among the requests of the trace, from 0."""
    index: int
    """Place among the exchanges of the trace, by which other commands name it."""
    started_at_ms: int
    """Since the epoch; 0 where unknown."""
    duration_ms: float
    host: str
    method: str
    path: str
    status: int
    """0 without an answer."""
    request: Message
    response: Message | None
    reach: Reach
    step: StepName
    error: ErrorName | None
    error_message: str
    firing: Firing
    is_own_refusal: bool
    is_unseen: bool
    connection: str | None
    clears_session: bool
    cleared: tuple[str, ...]
    set: tuple[str, ...]
    calls: tuple[StepCall, ...]
    reasons: tuple[Reason, ...]
    why_not: tuple[tuple[ErrorName, str], ...]
    alternatives: tuple[Alternative, ...]
    next: NextAction | None

    @property
    def handler(self) -> HandlerName | None:
        """Who answered the error."""
        return self.firing.handler

    def covers(self, index: int) -> bool:
        """Whether an exchange is this request, or a call to the core that it led to."""
        return index == self.index or any(call.index == index for call in self.calls)

    @property
    def is_trouble(self) -> bool:
        """Whether an error was raised, or the app refused by itself."""
        return self.error is not None or self.is_own_refusal


def step_of(told: Explanation, ordinal: int, *, reveal: bool) -> Step:
    """Keep of an explanation what a report shows."""
    hide = _hider(told, reveal=reveal)
    evidence, answered, entry = told.evidence, told.answered, told.evidence.entry
    return Step(
        ordinal=ordinal,
        index=told.index,
        started_at_ms=entry.started_at_ms,
        duration_ms=entry.exchange.duration_ms,
        host=entry.host,
        method=evidence.request.method,
        path=hide(evidence.request.path),
        status=evidence.status,
        request=_request(told, reveal=reveal),
        response=_response(told, hide, reveal=reveal),
        reach=told.reach,
        step=answered.step,
        error=told.error,
        error_message=hide(told.error_message or ""),
        firing=answered.firing,
        is_own_refusal=told.is_own_refusal,
        is_unseen=evidence.is_unseen,
        connection=entry.connection,
        clears_session=evidence.marks.clears_session,
        cleared=evidence.marks.cleared,
        set=evidence.marks.set,
        calls=tuple(_call(call, hide) for call in told.core_calls),
        reasons=tuple(
            Reason(one.name, hide(one.wording), hide(one.answer), one.source)
            for one in told.reasons
        ),
        why_not=tuple((error, hide(because)) for error, because in told.why_not.items()),
        alternatives=tuple(_alternative(one, hide) for one in told.alternatives),
        next=told.next,
    )


def _hider(told: Explanation, *, reveal: bool) -> Hide:
    if reveal:
        return lambda text: text
    secrets = secrets_of(told.evidence.entry)
    return lambda text: mask_text(text, secrets)


def _request(told: Explanation, *, reveal: bool) -> Message:
    """A request's body is a login's password or a person's data, and decides nothing."""
    request = told.evidence.request
    body = _body(request.body, str) if reveal else ""
    return _message(told, request.headers, body, len(request.body), reveal=reveal)


def _response(told: Explanation, hide: Hide, *, reveal: bool) -> Message | None:
    """What an answer that went well says is the app's own affair; only the others are shown."""
    response = told.evidence.response
    if response is None:
        return None
    shows = reveal or response.status >= _FIRST_FAILURE or told.error is not None
    body = _body(response.body, hide) if shows else ""
    return _message(told, response.headers, body, len(response.body), reveal=reveal)


def _message(
    told: Explanation, headers: Pairs, body: str, body_size: int, *, reveal: bool
) -> Message:
    few = headers[:_MOST_HEADERS]
    secrets = frozenset[str]() if reveal else secrets_of(told.evidence.entry)
    shown = tuple(few) if reveal else shown_headers(few, secrets)
    return Message(
        headers=tuple((_cut(name, 100), _cut(value, _LONGEST_VALUE)) for name, value in shown),
        body=body,
        body_size=body_size,
        cut=len(headers) - len(few),
    )


def _body(body: bytes, hide: Hide) -> str:
    """Masked as a whole before it is cut, for half a token is not known to be one."""
    if len(body) > _LARGEST_BODY:
        return ""
    return _cut(hide(body.decode("utf-8", "replace")), _LONGEST_BODY)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _call(call: CoreCall, hide: Hide) -> StepCall:
    return StepCall(
        index=call.index,
        method=call.method,
        path=hide(call.path),
        status=call.status,
        core_status=call.core_status,
        failure=call.failure,
        cdi=call.cdi,
        told=tuple(_told(call, hide)),
        is_inferred=call.source is Source.INFERRED,
    )


def _told(call: CoreCall, hide: Hide) -> list[tuple[str, str]]:
    pairs = [(name, call.answer.get(name)) for name in _TOLD]
    session = call.answer.get("session")
    if isinstance(session, dict):
        pairs += [(f"session.{name}", session.get(name)) for name in _OF_SESSION]
    revoked = call.answer.get("sessionHandlesRevoked")
    if isinstance(revoked, list):
        pairs.append(("sessionHandlesRevoked", json.dumps(revoked)))
    if not call.answer and len(call.text) <= _LONGEST_VALUE:
        pairs.append(("answer", call.text))
    told = [(name, value) for name, value in pairs if value and isinstance(value, str)]
    return [(name, _cut(hide(value), _LONGEST_WORDS)) for name, value in told]


def _alternative(other: Alternative, hide: Hide) -> Alternative:
    return Alternative(
        error=other.error,
        handler=other.handler,
        handler_kind=other.handler_kind,
        because=hide(other.because),
    )
