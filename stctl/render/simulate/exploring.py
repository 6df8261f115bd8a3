"""What exploring found, on a screen and as data."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from stctl.jsontypes import JsonObject, JsonValue
from stctl.render.view import (
    Block,
    Facts,
    Gap,
    Heading,
    Line,
    Note,
    Presentation,
    Table,
    bad,
    dim,
    good,
    line,
    strong,
)
from stctl.scenarios.explore.keep import case_name
from stctl.scenarios.explore.model import Action, Alarm, Explored, Fate, Found

SCHEMA: Final = "stctl.exploration/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """Everything that was explored at once."""

    explored: Sequence[Explored]
    fates: Sequence[tuple[Explored, Found, Sequence[Fate]]]
    """Each schedule that was found, and what it comes to under the other rules."""
    seed: int | None
    """Of the walks beyond the bound; None when there were none."""


def presentation(result: Exploration) -> Presentation:
    """The faces of an exploration."""
    return Presentation(
        schema=SCHEMA,
        view=lambda _: _view(result),
        document=lambda: _document(result),
        rows=lambda: _rows(result),
        ids=lambda: (case_name(one.rules, found) for one in result.explored for found in one.found),
    )


def told(action: Action, delay_s: int) -> str:
    """One event in plain words."""
    match action.kind:
        case "send":
            return f"tab {action.tab} refreshes"
        case "arrive":
            return f"answer to tab {action.tab} arrives"
        case "lose":
            return f"answer to tab {action.tab} is lost"
        case "use":
            return "a call uses the access token"
        case "wait":
            return f"{delay_s} s pass"
        case "restart":
            return "the browser restarts"


def _view(result: Exploration) -> Iterator[Block]:
    bounds = result.explored[0].bounds
    yield Heading(line("Every order of events, and no thief"))
    yield Facts(
        [
            ("tabs", line(str(bounds.tabs), dim("  of one browser: shared cookies, no lock"))),
            ("lost answers", line(f"{bounds.losses} at most")),
            ("events", line(f"{bounds.depth} at most")),
            ("a pause", line(f"{bounds.delay_s} s")),
        ]
    )
    yield Gap()
    columns = ("rules", "schedules", "false alarms", "states", "core calls", "seconds")
    yield Table(columns, map(_row, result.explored), right=frozenset({1, 2, 3, 4, 5}))
    for explored in result.explored:
        yield from _found(explored, result)
    yield from _samples(result)
    if not any(one.found for one in result.explored):
        yield Gap()
        yield Note("good", line("no schedule within these bounds ends in a false alarm"))


def _row(explored: Explored) -> Sequence[Line]:
    share = 100 * explored.false_alarms / max(explored.schedules, 1)
    alarms = f"{explored.false_alarms:,} ({share:.1f} %)"
    return [
        line(explored.rules.name),
        line(f"{explored.schedules:,}"),
        line(bad(alarms) if explored.false_alarms else good("none")),
        line(f"{explored.states:,}"),
        line(f"{explored.core_calls:,}"),
        line(f"{explored.duration_s:.1f}"),
    ]


def _found(explored: Explored, result: Exploration) -> Iterator[Block]:
    for one, found, fates in result.fates:
        if one is not explored:
            continue
        yield Gap()
        alarm = found.alarm
        count = f"  {explored.alarms[alarm.kind]:,} schedules; the shortest, {len(found.schedule)} "
        yield Heading(line(f"{explored.rules.name}: {alarm.kind}", dim(f"{count}events:")))
        delay_s = explored.bounds.delay_s
        steps = [
            (str(n), line(told(one, delay_s))) for n, one in enumerate(found.schedule, start=1)
        ]
        yield Facts([*steps, ("", line(bad(alarm.error)))])
        for fate in fates:
            yield Note("info", line("under ", strong(fate.rules.name), ": ", _fate(fate)))


def _fate(fate: Fate) -> Line:
    if not fate.happens:
        return line(dim("this order cannot come about"))
    if fate.alarm is None:
        return line(good("the session goes on"))
    return line(bad(f"{fate.alarm.error}, {fate.alarm.kind}"))


def _samples(result: Exploration) -> Iterator[Block]:
    if result.seed is None:
        return
    yield Gap()
    yield Heading(line("Beyond the bound, by chance", dim(f"  seed {result.seed}")))
    rows = []
    for one in result.explored:
        sampled = one.sampled
        if sampled is not None:
            alarms = ", ".join(
                f"{kind} {count:,}" for kind, count in sorted(sampled.alarms.items())
            )
            rows.append(
                [
                    line(one.rules.name),
                    line(f"{sampled.walks:,}"),
                    line(str(sampled.depth)),
                    line(alarms or "none"),
                ]
            )
    yield Table(("rules", "walks", "events each", "false alarms"), rows, right=frozenset({1, 2}))


def _document(result: Exploration) -> JsonObject:
    bounds = result.explored[0].bounds
    return {
        "tabs": bounds.tabs,
        "losses": bounds.losses,
        "depth": bounds.depth,
        "delay_s": bounds.delay_s,
        "seed": result.seed,
        "rules": [_explored(one) for one in result.explored],
        "found": [dict(row) for row in _rows(result)],
    }


def _explored(one: Explored) -> JsonValue:
    sampled = one.sampled
    return {
        "rules": one.rules.name,
        "cdi": one.rules.cdi,
        "grace_s": one.rules.grace_s if one.rules.is_rotation else None,
        "schedules": one.schedules,
        "false_alarms": one.false_alarms,
        "alarms": dict(one.alarms),
        "states": one.states,
        "core_calls": one.core_calls,
        "duration_s": one.duration_s,
        "sampled": None
        if sampled is None
        else {"walks": sampled.walks, "depth": sampled.depth, "alarms": dict(sampled.alarms)},
    }


def _rows(result: Exploration) -> Iterable[JsonObject]:
    for explored, found, fates in result.fates:
        delay_s = explored.bounds.delay_s
        yield {
            "case": case_name(explored.rules, found),
            "rules": explored.rules.name,
            "error": found.alarm.error,
            "kind": found.alarm.kind,
            "schedules": explored.alarms[found.alarm.kind],
            "schedule": [told(action, delay_s) for action in found.schedule],
            "under_other_rules": [
                {"rules": fate.rules.name, "happens": fate.happens, **_end(fate.alarm)}
                for fate in fates
            ],
        }


def _end(alarm: Alarm | None) -> dict[str, JsonValue]:
    return {
        "error": None if alarm is None else alarm.error,
        "kind": None if alarm is None else alarm.kind,
    }
