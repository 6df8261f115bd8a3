"""The sequence diagram: browser, backend and core side by side, one request below the other.

It is a list of `details`: every request is reached by the Tab key and opened by Enter, with no
script. The lifelines are drawn by the style sheet.
"""

import re
from collections.abc import Iterator
from typing import Final

from stctl.recipe.arrival import Reach
from stctl.render.explain.words import ACTIONS
from stctl.render.report.elements import Content, Html, el
from stctl.render.report.opened import opened
from stctl.render.report.words import duration
from stctl.render.wording import count_of
from stctl.traces.casefile.case import CaseFile
from stctl.traces.casefile.step import Step, StepCall

_PAUSE_MS: Final = 10_000
_HIDDEN: Final = "vh"
_GOOD: Final = 200
_BREAKS: Final = re.compile(r"(?=/)|(?<=_)")


def diagram(case: CaseFile, prefix: str) -> Html:
    """All opened requests of a trace; `prefix` keeps the ids of several traces apart."""
    return el(
        "div",
        el("div", *(el("span", actor) for actor in ACTORS), class_="actors", aria_hidden="true"),
        el("ol", *_rows(case, prefix), class_="steps"),
        class_="sequence",
    )


ACTORS: Final = ("Browser", "Backend", "Core")


def _rows(case: CaseFile, prefix: str) -> Iterator[Html]:
    following, before = 0, None
    for step in case.steps:
        if step.ordinal > following:
            yield _left_out(step.ordinal - following)
        elif before is not None and (pause := _pause(before, step)):
            yield el("li", f"{duration(pause)} later", class_="pause")
        yield el("li", _step(step, case, prefix))
        following, before = step.ordinal + 1, step
    if case.tally.requests > following:
        yield _left_out(case.tally.requests - following)


def _left_out(number: int) -> Html:
    return el("li", f"{count_of(number, 'request')} left out here", class_="pause")


def _pause(before: Step, step: Step) -> float:
    if not before.started_at_ms or not step.started_at_ms:
        return 0
    silent = step.started_at_ms - before.started_at_ms - before.duration_ms
    return silent if silent >= _PAUSE_MS else 0


def _step(step: Step, case: CaseFile, prefix: str) -> Html:
    tone = tone_of(step)
    summary = el(
        "summary",
        el("span", el("b", f"#{step.index}"), " ", _when(step, case), class_="no"),
        el("span", *_ladder(step), class_="ladder"),
    )
    return el(
        "details",
        summary,
        opened(step, prefix),
        id=f"{prefix}e{step.index}",
        class_=f"step {tone}",
        data_trouble="yes" if step.is_trouble else None,
    )


def tone_of(step: Step) -> str:
    """The colour of a request: `bad` for an error, `warn` for a refusal of the app's own."""
    if step.error is not None:
        return "bad"
    if step.is_own_refusal or (step.status == 0 and not step.is_unseen):
        return "warn"
    return "quiet" if step.reach in {Reach.PREFLIGHT, Reach.ELSEWHERE} else "good"


def _when(step: Step, case: CaseFile) -> Content:
    if not step.started_at_ms or not case.started_at_ms:
        return None
    return el("span", f"+{duration(step.started_at_ms - case.started_at_ms)}", class_="when")


def _ladder(step: Step) -> Iterator[Html]:
    yield _arrow("to left", "browser to backend", _asked(step.method, step.path))
    for call in step.calls:
        yield from _call(call)
    if step.error is not None:
        doubt = " ?" if step.alternatives else None
        handler = el("span", f" → {step.handler} ", el("small", step.firing.kind))
        yield el("span", el("b", *_breakable(step.error), doubt), handler, class_="event bad")
    elif step.is_own_refusal:
        yield el("span", _whose(step), class_="event warn")
    yield _arrow("back left", "backend to browser", *_answer(step))
    if step.is_trouble and step.next is not None:
        yield el("span", ACTIONS[step.next.action], class_="note")


def _whose(step: Step) -> str:
    if step.reach is Reach.SDK:
        return "the app's own refusal"
    return str(step.reach.value).removeprefix("no: ")


def _arrow(kind: str, way: str, *label: Content) -> Html:
    hidden = el("span", f"{way}: ", class_=_HIDDEN)
    return el("span", el("span", hidden, *label, class_="label"), class_=f"arrow {kind}")


def _asked(method: str, path: str) -> Html:
    return el("code", f"{method} " if method else None, *_breakable(path))


def _breakable(text: str) -> Iterator[Content]:
    """A text that a narrow screen may break before a slash and behind an underscore."""
    first, *others = _BREAKS.split(text)
    yield first
    for other in others:
        yield el("wbr")
        yield other


def _call(call: StepCall) -> Iterator[Html]:
    yield _arrow("to right", "backend to core", _asked(call.method, call.path))
    if call.status is None:
        yield _arrow("back right lost", "no answer of the core", call.failure or "not recorded")
        return
    said = call.core_status if call.status == _GOOD and call.core_status else str(call.status)
    tone = "" if said in {"OK", "200"} else " bad"
    yield _arrow(f"back right{tone}", "core to backend", *_breakable(said))


def _answer(step: Step) -> Iterator[Content]:
    if step.status:
        yield el("b", step.status, class_="status")
    elif step.is_unseen:
        yield "not recorded"
    else:
        yield step.connection or "no answer"
    if step.clears_session:
        yield el("span", "session cleared", class_="chip bad")
    elif step.set:
        yield el("span", "tokens set", class_="chip")
