"""One step as a ladder: who sent what to whom, and what the backend made of it."""

from collections.abc import Iterator, Sequence
from typing import Final

from stctl.recipe.failures import General
from stctl.recipe.handlers import Firing, clears_tokens
from stctl.recipe.walk import Source
from stctl.redact import mask, mask_text
from stctl.render.simulate.rails import Rails, folded
from stctl.render.simulate.words import NEXT, marks_in_words
from stctl.render.view import Line, Span, Style, bad, dim, good, line, name, strong, warn
from stctl.render.wording import sentence_case
from stctl.scenarios.core_link import CoreCall
from stctl.scenarios.results import Asked, Carried, StepResult, must_be_gone

_GOOD_STATUS: Final = 200
_FIRST_FAILURE: Final = 400
_LONGEST_BODY: Final = 60
_UNDECISIVE: Final = frozenset(
    {
        "route",
        "session_required",
        "overridden",
        "custom_handler",
        "core_remove",
        "app_error_handler",
    }
)
"""Questions whose answers raise nothing by themselves."""
_FATE: Final = {"arrives": "", "lost": ", lost on the way", "waits": ", still on its way"}
_NO_USER: Final = "UNKNOWN_USER_ID_ERROR"


def ladder(result: StepResult, rails: Rails) -> Iterator[Line]:
    """The lines of a step; nothing for a step that sends nothing."""
    if result.asked is not None:
        yield from _request(result.asked, rails)
    elif result.calls:
        yield from _operator(result.calls, rails)
    elif result.waited_ms is not None:
        yield rails.pause()


def _request(asked: Asked, rails: Rails) -> Iterator[Line]:
    own = len(asked.calls) - asked.handler_calls
    yield rails.arrow(rails.left, rails.middle, strong(_path(asked)), style=_style(asked))
    for carried in asked.carried:
        yield rails.text(_carried(carried), after=rails.left)
    for call in asked.calls[:own]:
        yield from _call(call, rails)
    yield from _failure(asked, rails)
    for call in asked.calls[own:]:
        yield from _call(call, rails)
    yield from _after_handler(asked.answered.firing, rails)
    yield from _answer(asked, rails)
    yield from _standing(asked, rails)


def _standing(asked: Asked, rails: Rails) -> Iterator[Line]:
    """What the core of an app said when stctl asked it for the session."""
    if asked.in_core is None:
        return
    question = Span("GET /recipe/session", "dim")
    yield rails.arrow(rails.left, rails.right, question, style="warn")
    said = dim("UNAUTHORISED: the session is gone")
    if asked.in_core == "alive":
        paint = bad if must_be_gone(asked) else dim
        said = paint("OK: the session is still alive")
    yield rails.arrow(rails.right, rails.left, said, style="warn")


def _path(asked: Asked) -> str:
    return f"{asked.request.method} {asked.request.path}"


def _style(asked: Asked) -> Style:
    """A thief's arrows stand out."""
    return "dim" if asked.next_action is not None else "warn"


def _carried(carried: Carried) -> Line:
    shown = mask(carried.text)
    if carried.kind == "anti_csrf":
        return line(dim(f"anti-csrf {shown}"))
    return line(name(f"{carried.name or '??'} "), dim(shown))


def _call(call: CoreCall, rails: Rails) -> Iterator[Line]:
    yield rails.arrow(rails.middle, rails.right, Span(f"{call.method} {call.path}"))
    answer, style = _core_answer(call)
    if call.status is None:
        yield rails.mark(bad("✗"), line(Span(answer, style)))
    else:
        yield rails.arrow(rails.right, rails.middle, Span(answer, style))


def _core_answer(call: CoreCall) -> tuple[str, Style]:
    by_stctl = ", played by stctl" if call.played else ""
    if call.status is None:
        return f"{call.failure}{by_stctl}", "bad"
    if call.status != _GOOD_STATUS:
        return f"HTTP {call.status}{by_stctl}", "bad"
    if call.played:
        return f"HTTP 200, a web page{by_stctl}", "bad"
    said = call.core_status or "200"
    if said == _NO_USER:
        return f"{said} (fine)", "dim"
    return said, "plain" if said in {"OK", "200"} else "warn"


def _failure(asked: Asked, rails: Rails) -> Iterator[Line]:
    failure = asked.answered.failure
    if failure is None:
        return
    if len(asked.calls) == asked.handler_calls:
        yield from _decisive_question(asked, rails)
    yield rails.mark(bad("●"), line(bad(str(failure.error)), " raised"))
    if failure.message:
        for text in folded(f"“{mask_text(failure.message)}”", rails.room_right):
            yield rails.text(line(dim(text)), after=rails.middle)
    if clears_tokens(failure):
        yield rails.text(line(warn("every token is cleared")), after=rails.middle)
    if not isinstance(failure, General):
        firing = asked.answered.firing
        words = line(strong(f"{firing.handler}"), f" ({firing.kind}) fires")
        yield rails.mark(warn("◆"), words)


def _decisive_question(asked: Asked, rails: Rails) -> Iterator[Line]:
    """The last question that the backend asked itself, where no core had the last word."""
    reasons = [reason for reason in asked.reasons if reason.name not in _UNDECISIVE]
    if not reasons:
        return
    last = reasons[-1]
    for text in folded(sentence_case(last.wording), rails.room_right):
        yield rails.text(line(dim(text)), after=rails.middle)
    how = " (concluded)" if last.source is Source.INFERRED else ""
    for text in folded(sentence_case(last.answer) + how, rails.room_right):
        yield rails.text(line(text), after=rails.middle)


def _after_handler(firing: Firing, rails: Rails) -> Iterator[Line]:
    if firing.failed is not None:
        text = f"it fails: {firing.failed.message}"
        if firing.failed.place:
            text += f" ({firing.failed.place})"
        for part in folded(mask_text(text), rails.room_right):
            yield rails.text(line(bad(part)), after=rails.middle)
    last = firing.final_handler or firing.handler
    kind = firing.final_kind or firing.kind
    if last == "framework_error_response":
        yield rails.mark(warn("◆"), line("the framework answers"))
    elif last == "app_error_handler":
        yield rails.mark(warn("◆"), line(strong("on_general_error"), f" ({kind}) fires"))


def _answer(asked: Asked, rails: Rails) -> Iterator[Line]:
    response = asked.response
    if response is None:
        yield rails.arrow(rails.middle, rails.left, bad("the connection breaks"))
    else:
        good_end = response.status < _FIRST_FAILURE and asked.reply == "arrives"
        style: Style = "good" if good_end else "bad" if asked.reply != "waits" else "warn"
        label = f"{response.status} {_gist(response.body)}".strip() + _FATE[asked.reply]
        yield rails.arrow(rails.middle, rails.left, Span(label, style), style=_style(asked))
    yield from _marks(asked, rails)
    action = asked.next_action
    plain = asked.error is None and not asked.marks.cleared and response is not None
    if action is not None and not (plain and action.action == "return_response"):
        yield rails.text(line(dim("→ "), NEXT[action.action]), after=rails.left)


def _gist(body: bytes) -> str:
    """The message of a JSON body, the beginning of another."""
    import json

    text = body.decode("utf-8", "replace").strip()
    try:
        document = json.loads(text)
    except ValueError:
        return "" if text.startswith("<") else mask_text(text)[:_LONGEST_BODY]
    message = document.get("message") if isinstance(document, dict) else None
    return mask_text(str(message))[:_LONGEST_BODY] if message else ""


def _marks(asked: Asked, rails: Rails) -> Iterator[Line]:
    for generation in asked.born:
        parent = f", child of {generation.parent}" if generation.parent else ""
        words = line(good("new "), name(generation.name), dim(f" {generation.short_hash}{parent}"))
        yield rails.text(words, after=rails.left)
    for verb, marks, paint in (
        ("clears", asked.marks.cleared, warn),
        ("sets", asked.marks.set, dim),
    ):
        if marks:
            for text in folded(f"{verb} {marks_in_words(marks)}", rails.room_left):
                yield rails.text(line(paint(text)), after=rails.left)


def _operator(calls: Sequence[CoreCall], rails: Rails) -> Iterator[Line]:
    for call in calls:
        label = Span(f"{call.method} {call.path}")
        yield rails.arrow(rails.left, rails.right, label, style="warn")
        answer, style = _core_answer(call)
        yield rails.arrow(rails.right, rails.left, Span(answer, style), style="warn")
