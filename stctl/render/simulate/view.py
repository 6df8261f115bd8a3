"""A performance on the screen: one ladder a step, as it is played."""

from collections.abc import Iterator, Sequence

from stctl.redact import mask_text
from stctl.render.simulate.ending import ending
from stctl.render.simulate.ladder import ladder
from stctl.render.simulate.rails import Rails
from stctl.render.simulate.setting import backend_of, place_of
from stctl.render.simulate.words import doer, done, in_place
from stctl.render.view import (
    Block,
    Drawing,
    Gap,
    Heading,
    Line,
    Lines,
    Note,
    Table,
    bad,
    dim,
    good,
    line,
    strong,
    warn,
)
from stctl.scenarios.browser import SCRIPTS
from stctl.scenarios.model import Case, LogIn, Receive, Revoke, Scenario, SetPayload, Steal
from stctl.scenarios.play import Performance
from stctl.scenarios.results import CaseResult, ScenarioResult, StepResult

_WIDE = 96
_HEADS = ("browser", "backend", "core")


def view(performance: Performance, width: int, *, narrate: bool, brief: bool) -> Iterator[Block]:
    """Everything, as it is played: `brief` shows one line a case, and ladders for none."""
    rails = Rails.for_width(width)
    scenario: Scenario | None = None
    for event in performance.watch():
        if isinstance(event, Scenario):
            scenario = event
        elif brief or scenario is None:
            continue
        elif isinstance(event, Case):
            yield from _opening(scenario, event, performance, rails)
        elif isinstance(event, StepResult):
            yield from _step(event, rails, narrate=narrate)
        elif event.outcome != "skipped" or event.steps:
            yield Drawing([rails.blank()])
            yield from ending(event)
            yield Gap()
    yield from _closing(performance.results, width, brief=brief)


def _opening(
    scenario: Scenario, case: Case, performance: Performance, rails: Rails
) -> Iterator[Block]:
    if performance.why_not_played(case) is not None:
        return
    wishes, needs = performance.wishes, case.needs
    app = wishes.app_for(needs)
    setting = (
        *backend_of(performance),
        f"tokens {in_place(wishes.place_for(needs))}",
        f"anti-CSRF {app.anti_csrf_mode}",
        *place_of(performance.target),
    )
    yield Gap()
    yield Heading(line(f"{scenario.name} · {case.name}"))
    yield Lines([line(case.doc), line(dim(" · ".join(setting)))])
    yield Gap()
    yield Drawing([rails.heads(_HEADS)])


def _step(result: StepResult, rails: Rails, *, narrate: bool) -> Iterator[Block]:
    deed = result.step.deed
    who = doer(deed)
    paint = warn if who in SCRIPTS else strong
    told = ""
    quiet = result.asked is None and isinstance(deed, LogIn)
    if result.told and (quiet or isinstance(deed, Steal | Revoke | SetPayload | Receive)):
        told = f": {mask_text(result.told)}"
    yield Drawing([rails.blank()])
    yield Lines([line(dim(f"{result.number} "), paint(who), f" {done(deed)}", dim(told))])
    if narrate:
        yield Lines([line(result.step.says)], indent=2)
    yield Drawing([*ladder(result, rails)])
    if result.deviations and result.counts:
        yield Note("bad", line(", and ".join(result.deviations)))


def _closing(results: Sequence[ScenarioResult], width: int, *, brief: bool) -> Iterator[Block]:
    played = [
        (result, case) for result in results for case in result.cases if case.outcome != "skipped"
    ]
    if brief or len(played) > 1:
        yield Gap()
        yield _summary(played, with_error=width >= _WIDE)
    if brief:
        yield from _otherwise(played)
    yield from _skipped(results)
    if not played:
        yield Note("bad", line("nothing could be played"))


def _summary(played: Sequence[tuple[ScenarioResult, CaseResult]], *, with_error: bool) -> Table:
    """One row a case, under the name of its scenario; narrow screens leave the error out."""
    rows: list[Sequence[Line]] = []
    last = ""
    for result, case in played:
        if result.scenario.name != last:
            last = result.scenario.name
            rows.append([line(strong(last)), *[()] * (2 + with_error)])
        rows.append(_row(case, with_error=with_error))
    error = ("error",) if with_error else ()
    return Table(("case", *error, "answered by", "answer"), rows)


def _otherwise(played: Sequence[tuple[ScenarioResult, CaseResult]]) -> Iterator[Block]:
    for result, case in played:
        if case.outcome == "otherwise":
            name = strong(f"{result.scenario.name} {case.case.name}: ")
            yield Note("bad", line(name, mask_text(case.reason or "")))


def _row(case: CaseResult, *, with_error: bool) -> Sequence[Line]:
    mark = good("✓") if case.outcome == "as_promised" else bad("✗")
    asked = None if case.promised is None else case.promised.asked
    title = line("  ", mark, f" {case.case.name}")
    if asked is None:
        return [title, *[()] * (2 + with_error)]
    firing = asked.answered.firing
    handler = "nobody" if firing.handler is None else f"{firing.handler} ({firing.kind})"
    if firing.kind == "framework":
        handler = "the framework"
    status = "broken off" if asked.response is None else str(asked.response.status)
    error = [line(str(asked.error or "none"))] if with_error else []
    return [title, *error, line(handler), line(status)]


def _skipped(results: Sequence[ScenarioResult]) -> Iterator[Block]:
    reasons: dict[str, list[str]] = {}
    for result in results:
        for case in result.cases:
            if case.outcome == "skipped":
                name = f"{result.scenario.name} {case.case.name}"
                reasons.setdefault(case.reason or "", []).append(name)
    for reason, names in reasons.items():
        yield Note("info", line("not played: ", ", ".join(names), dim(f" ({mask_text(reason)})")))
