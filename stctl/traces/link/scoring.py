"""How well a call to the core suits a request, by everything that both of them say."""

from typing import Final

from stctl.traces.link.clues import Clues
from stctl.traces.link.linked import Evidence
from stctl.traces.link.window import COARSE_TOLERANCE_MS, TOLERANCE_MS, Call, OpenRequest
from stctl.traces.model import Entry, Timing

_SAME_PARENT: Final = 3.0
_SAME_TRACE: Final = 12.0
_ANSWER: Final = 10.0
_TOKEN: Final = 6.0
_SESSION: Final = 3.0
_USER: Final = 1.5
_FITTING_STEP: Final = 2.0
_INSIDE: Final = 1.0
_PREFLIGHT: Final = -8.0
_SECOND_CALL: Final = -3.0
_OK: Final = 200

Score = tuple[float, Evidence]


def score(call: Call, request: OpenRequest) -> Score | None:
    """How well they suit, with the best evidence; None when they cannot belong together."""
    near = _nearness(call.entry, request.entry)
    traced = _by_trace(call.entry, request.entry)
    tokens = _by_tokens(call.clues, request)
    if near is None or traced is None or tokens is None:
        return None
    points, evidence = tokens
    if traced:
        evidence = Evidence.TRACE
    step = _by_step(call.clues, request)
    return near + traced + points + step, evidence


def _nearness(call: Entry, request: Entry) -> float | None:
    """From 1 inside the request's time to 0 where it is only just near enough."""
    if call.timing is Timing.UNKNOWN or request.timing is Timing.UNKNOWN:
        return 0.0
    is_exact = call.timing is request.timing is Timing.MEASURED
    tolerance_ms = TOLERANCE_MS if is_exact else COARSE_TOLERANCE_MS
    before_ms = request.started_at_ms - call.started_at_ms
    # Starts are cut down to whole milliseconds, so an end may seem a millisecond early.
    behind_ms = call.started_at_ms - request.ended_at_ms - 1
    outside_ms = max(before_ms, behind_ms, 0.0)
    if outside_ms > tolerance_ms:
        return None
    return _INSIDE if not outside_ms else 0.5 - 0.5 * outside_ms / tolerance_ms


def _by_trace(call: Entry, request: Entry) -> float | None:
    if call.span is None or request.span is None:
        return 0.0
    if not call.span.trace_id or not request.span.trace_id:
        return 0.0
    if call.span.trace_id != request.span.trace_id:
        return None
    is_child = call.span.parent_id == request.span.span_id
    return _SAME_TRACE + (_SAME_PARENT if is_child else 0.0)


def _by_tokens(call: Clues, request: OpenRequest) -> Score | None:
    mine = request.clues
    if call.gets & mine.gets:
        return _ANSWER, Evidence.ANSWER
    if call.asks & (mine.asks | request.learned_tokens):
        return _TOKEN, Evidence.TOKEN
    if call.handles & (mine.handles | request.learned_handles):
        return _SESSION, Evidence.SESSION
    # An answer that the backend passed on in part, or not at all, contradicts nothing.
    if call.asks and mine.asks:
        return None
    if call.users & mine.users:
        return _USER, Evidence.SESSION
    return 0.0, Evidence.TIME


def _by_step(call: Clues, request: OpenRequest) -> float:
    points = 0.0
    if request.entry.exchange.request.method == "OPTIONS":
        points += _PREFLIGHT
    if call.call == "refresh":
        points += _FITTING_STEP if request.clues.is_refresh else -_FITTING_STEP
    elif call.call in {"verify", "create"}:
        points += -_FITTING_STEP if request.clues.is_refresh else 0.0
    if call.call == "create" and request.clues.gets:
        points += _INSIDE
    if call.call and any(_is_done(other, call) for other in request.calls):
        points += _SECOND_CALL
    return points


def _is_done(other: Call, kind: Clues) -> bool:
    """Whether a step was answered already: it is repeated only when the core was too busy."""
    response = other.entry.exchange.response
    return other.clues.call == kind.call and response is not None and response.status == _OK
