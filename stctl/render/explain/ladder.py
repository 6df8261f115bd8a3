"""Explanations on the screen: a line a request, errors opened up."""

from collections.abc import Iterable, Iterator
from typing import Final

from stctl.recipe.arrival import Reach
from stctl.recipe.walk import Source
from stctl.redact import mask_text
from stctl.render.explain.words import ACTIONS, KINDS
from stctl.render.view import (
    Block,
    Drawing,
    Facts,
    Gap,
    Line,
    Note,
    Span,
    bad,
    dim,
    good,
    line,
    name,
    strong,
    visible,
    warn,
)
from stctl.render.wording import count_of
from stctl.traces.explain.core_calls import CoreCall
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.tally import Tally
from stctl.traces.secrets import secrets_of

_NUMBER_WIDTH: Final = 5
_NARROWEST_PATH: Final = 16
_WIDEST_PATH: Final = 48
_STATUS_WIDTH: Final = 7
_VERDICT_WIDTH: Final = 57
"""The longest error with its handler, the handler's kind and a doubt."""
_BRIEF_VERDICT_WIDTH: Final = 34
_LONGEST_BODY: Final = 160
_LARGEST_BODY: Final = 1 << 20
_GOOD: Final = 200
_FIRST_ERROR: Final = 400
_INDENT: Final = _NUMBER_WIDTH + 2

Row = tuple[str, Line]


def ladder(
    told: Iterable[Explanation], width: int, *, reveal: bool, opens_all: bool = False
) -> Iterator[Block]:
    """One line a request; below it, where an error was raised, what happened and why."""
    for one in told:
        yield Drawing([_rung(one, width)])
        if opens_all or one.error is not None or one.is_own_refusal:
            yield Facts([*_opened(one, reveal=reveal)], indent=_INDENT)
            yield Gap()


def _rung(told: Explanation, width: int) -> Line:
    request = told.evidence.request
    status = str(told.evidence.status) if told.evidence.status else "---"
    return rung(
        told.index,
        f"{request.method} {request.path}".strip(),
        _painted_status(told, status),
        _verdict(told, is_brief=_is_brief(width)),
        width,
    )


def rung(index: int, asked: str, status: Span, verdict: Line, width: int) -> Line:
    """One line of the ladder: place, request, status and what is said of it."""
    tail = _BRIEF_VERDICT_WIDTH if _is_brief(width) else _VERDICT_WIDTH
    room = min(max(width - _INDENT - _STATUS_WIDTH - tail, _NARROWEST_PATH), _WIDEST_PATH)
    return line(
        dim(f"{index:>{_NUMBER_WIDTH}}  "),
        name(f"{_cut(visible(asked), room):<{room}}"),
        "  ",
        status,
        "  ",
        verdict,
    )


def _is_brief(width: int) -> bool:
    """Whether the handler would not fit, and is left to what is opened up below."""
    return width - _INDENT - _STATUS_WIDTH - _VERDICT_WIDTH < _NARROWEST_PATH


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _painted_status(told: Explanation, status: str) -> Span:
    if told.evidence.status == 0 or told.evidence.status >= _FIRST_ERROR:
        return warn(status) if told.error is None else bad(status)
    return good(status)


def _verdict(told: Explanation, *, is_brief: bool) -> Line:
    firing = told.answered.firing
    if told.error is not None:
        doubt = dim(" ?") if told.alternatives else ""
        if is_brief:
            return line(bad(told.error), doubt)
        return line(bad(told.error), f" → {firing.handler} ", dim(f"({firing.kind})"), doubt)
    if told.reach is not Reach.SDK:
        return line(dim(told.reach.name.lower().replace("_", " ")))
    if told.is_own_refusal:
        return line(warn("the app's own answer"))
    return line(dim(told.answered.step.value if told.answered.step != "none" else "app"))


def _opened(told: Explanation, *, reveal: bool) -> Iterator[Row]:
    hide = _hider(told, reveal=reveal)
    firing = told.answered.firing
    yield "step", line(told.answered.step.value)
    if told.error is not None:
        message = hide(told.error_message or "")
        yield "error", line(bad(told.error), f": {message}" if message else "")
        handler = firing.handler or "none"
        yield "handler", line(strong(handler), dim(f", {KINDS[firing.kind]}"))
        if firing.failed is not None:
            final = firing.final_handler or "nobody"
            yield "", line(warn("it failed"), f", so {final} answered")
    elif told.is_own_refusal:
        yield "handler", line("none: ", _whose(told))
    yield "answer", _answer(told, hide)
    yield from _changes(told)
    yield from (("core", _call(call, hide)) for call in told.core_calls)
    if firing.side_effect is not None:
        yield "side effect", line("the session was revoked at the core")
    yield from _reasons(told, hide)
    open_errors = {other.error for other in told.alternatives}
    for error, because in told.why_not.items():
        if error in open_errors:
            continue
        yield "not", line(str(error), dim(f": {hide(because)}"))
    for other in told.alternatives:
        verdict = f"{other.error or 'no error'}, {other.handler or 'no handler'}"
        yield "or else", line(warn(verdict), dim(f": {hide(other.because)}"))
    yield from _browser(told)


def _whose(told: Explanation) -> str:
    if told.reach is Reach.SDK:
        return "the app itself wrote this answer, the session had nothing to do with it"
    return str(told.reach.value).removeprefix("no: ")


def _answer(told: Explanation, hide: "_Hide") -> Line:
    response = told.evidence.response
    if told.evidence.is_unseen:
        return line(dim("not recorded"))
    if response is None:
        return line(warn(told.evidence.entry.connection or "none arrived"))
    # Masked before it is cut: half a token is not known to be one.
    body = " ".join(response.body[:_LARGEST_BODY].decode("utf-8", "replace").split())
    return line(str(response.status), dim(f"  {_cut(hide(body), _LONGEST_BODY)}"))


def _changes(told: Explanation) -> Iterator[Row]:
    marks = told.evidence.marks
    if marks.cleared:
        yield "cleared", line(", ".join(mark.partition(":")[2] for mark in marks.cleared))
    if marks.set:
        yield "set", line(", ".join(mark.partition(":")[2] for mark in marks.set))


def _call(call: CoreCall, hide: "_Hide") -> Line:
    asked = f"{call.method} {hide(call.path)}"
    if call.status is None:
        return line(asked, " → ", warn(call.failure or "not recorded"))
    said = call.core_status if call.status == _GOOD else None
    return line(asked, " → ", said or str(call.status))


def _reasons(told: Explanation, hide: "_Hide") -> Iterator[Row]:
    label = "because"
    for reason in told.reasons:
        inferred = reason.source is Source.INFERRED
        mark = dim("  (inferred)") if inferred else ""
        yield label, line(dim(hide(reason.wording)), f" {hide(reason.answer)}", mark)
        label = ""


def _browser(told: Explanation) -> Iterator[Row]:
    if told.next is None:
        return
    yield "browser", line(ACTIONS[told.next.action])
    for event in told.next.events:
        yield "", line(dim(f"event {event}"))
    if told.next.detail is not None:
        yield "", line(dim(told.next.detail))


class _Hide:
    """Masks the secrets of one exchange, and makes control characters visible."""

    def __init__(self, secrets: frozenset[str], *, reveal: bool) -> None:
        self._secrets = secrets
        self._reveal = reveal

    def __call__(self, text: str) -> str:
        return visible(text if self._reveal else mask_text(text, self._secrets))


def _hider(told: Explanation, *, reveal: bool) -> _Hide:
    secrets = frozenset[str]() if reveal else secrets_of(told.evidence.entry)
    return _Hide(secrets, reveal=reveal)


def summary(tally: Tally) -> Iterator[Block]:
    """What the whole trace came to, in a line or two."""
    if not tally.requests:
        yield Note("info", line(dim("No request to show.")))
        return
    counts = [f"{count} {error}" for error, count in tally.errors.items()]
    if tally.own_refusals:
        counts.append(f"{tally.own_refusals} of the app's own")
    requests = count_of(tally.requests, "request")
    yield Note("info", line(f"{requests}: {', '.join(counts) if counts else 'no error'}"))
    custom = [handler for handler, kind in tally.handlers.items() if kind != "default"]
    if custom:
        yield Note("info", line(dim(f"The app overrides {', '.join(custom)}.")))
