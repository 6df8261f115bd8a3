"""Writes schedules that were found as scenarios, which can be played by themselves."""

import json
from collections.abc import Iterator, Sequence

from stctl.scenarios.explore.model import Action, Explored, Found, Rules

_THEFT = "TOKEN_THEFT_DETECTED"


def scenario_text(explored: Sequence[Explored]) -> str | None:
    """Return the TOML of a scenario with a case for each schedule; None where there is none."""
    parts = [_case(one, found) for one in explored for found in one.found]
    if not parts:
        return None
    doc = "Nobody has stolen anything, and the core raises a false alarm."
    return f"doc = {json.dumps(doc)}\n\n" + "\n".join(parts)


def case_name(rules: Rules, found: Found) -> str:
    """The name of the case for a schedule."""
    kind = found.alarm.kind.lower().replace("_", "-")
    family = f"grace-{rules.grace_s}-s" if rules.is_rotation else "legacy"
    return f"{family}-{kind}"


def _case(explored: Explored, found: Found) -> str:
    rules = explored.rules
    head = [
        "[[case]]",
        f'name = "{case_name(rules, found)}"',
        f'doc = "{found.alarm.kind} after {len(found.schedule)} events."',
        f'cdi = "{"5.6.." if rules.is_rotation else "..5.5"}"',
    ]
    if rules.is_rotation:
        head.append(f'settings = {{ refresh_token_rotation_grace_period = "{rules.grace_s}" }}')
    steps = _Steps(explored, found)
    return "\n".join([*head, "", *steps.written()])


class _Steps:
    """The events of one schedule as steps."""

    def __init__(self, explored: Explored, found: Found) -> None:
        self._explored = explored
        self._found = found
        self._fates = _fates(found.schedule)
        self._under_way: dict[int, str] = {}

    def written(self) -> Iterator[str]:
        """Yield the lines."""
        yield from _step("login", "log-in", "Alice signs in.", expect='{ error = "none" }')
        for place, action in enumerate(self._found.schedule):
            yield from self._written(place, action)

    def _written(self, place: int, action: Action) -> Iterator[str]:
        number = place + 1
        match action.kind:
            case "send":
                yield from self._sent(place, action.tab)
            case "arrive":
                name = self._under_way[action.tab]
                says = f"The answer to tab {action.tab} arrives; its cookies replace the old ones."
                yield from _step(f"arrival-{number}", "receive", says, f'reply_of = "{name}"')
            case "use":
                says = "A call uses the access token of the moment."
                yield from _step(f"use-{number}", "call", says, expect='{ error = "none" }')
            case "wait":
                delay = f"{self._explored.bounds.delay_s}s"
                yield from _step(f"pause-{number}", "wait", "Time passes.", f'for = "{delay}"')
            case "lose" | "restart":
                # A lost answer is a matter of the step that it answers.
                yield f"# Here {_told_loss(action)}."
                yield ""

    def _sent(self, place: int, tab: int) -> Iterator[str]:
        name = f"refresh-{place + 1}"
        self._under_way[tab] = name
        if place and not self._explored.rules.grace_s:
            # Without grace seconds the very same instant would still pass.
            yield from _step(f"tick-{place + 1}", "wait", "An instant passes.", 'for = "1ms"')
        if place == len(self._found.schedule) - 1:
            yield from _step(
                name, "refresh", f"Tab {tab} refreshes.", expect=self._promise(), promise=True
            )
            return
        says = f"Tab {tab} refreshes with the cookies of the moment."
        reply = f'reply = "{self._fates[place]}"'
        yield from _step(name, "refresh", says, reply, expect='{ error = "none" }')

    def _promise(self) -> str:
        alarm = self._found.alarm
        parts = [f'error = "{alarm.error}"', "clears_session = true"]
        if alarm.error == _THEFT:
            parts.append('handler = "onTokenTheftDetected"')
        if self._explored.rules.is_rotation:
            parts.append(f'reuse = "{alarm.kind}"')
        return f"{{ {', '.join(parts)} }}"


def _told_loss(action: Action) -> str:
    if action.kind == "restart":
        return "the browser is closed and opened, and what was on its way is lost"
    return f"the answer to tab {action.tab} gets lost"


def _fates(schedule: Sequence[Action]) -> dict[int, str]:
    """What becomes of the answer to each refresh, by its place in the schedule."""
    fates: dict[int, str] = {}
    under_way: dict[int, int] = {}
    for place, action in enumerate(schedule):
        if action.kind == "send":
            under_way[action.tab] = place
            fates[place] = "lost"  # unless it arrives
        elif action.kind == "arrive":
            fates[under_way.pop(action.tab)] = "waits"
    return fates


def _step(
    name: str, does: str, says: str, *lines: str, expect: str | None = None, promise: bool = False
) -> Iterator[str]:
    yield "[[case.step]]"
    yield f'name = "{name}"'
    yield f'does = "{does}"'
    yield from lines
    yield f"says = {json.dumps(says, ensure_ascii=False)}"
    if expect is not None:
        yield f"expect = {expect}"
    if promise:
        yield "promise = true"
    yield ""
