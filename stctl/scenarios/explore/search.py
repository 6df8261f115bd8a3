"""Walks through everything that can happen, each state but once.

Two moments are one state when nothing that can follow differs: the same tokens are current and
previous, are held and on their way, with the same ancestry among them, at the same age. Names of
tokens play no part in it, so that the many schedules lead through few states.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from stctl.clock import Clock, Entropy
from stctl.scenarios.explore.model import (
    Action,
    Alarm,
    Bounds,
    Explored,
    Fate,
    Found,
    Sampled,
    Schedule,
)
from stctl.scenarios.explore.world import Moment, Pair, World

State: TypeAlias = tuple[object, ...]
Edge: TypeAlias = "tuple[Action, State | Alarm]"

_SECOND_MS = 1000
_PATIENCE_MS = 2000
_NO_MATTER = frozenset({"use", "wait"})
"""Events that may change nothing under some rules."""


@dataclass(slots=True)
class Explorer:
    """Knows the states of one world, as far as they have been looked at."""

    world: World
    bounds: Bounds
    _moments: dict[State, Moment] = field(default_factory=dict)
    _edges: dict[State, tuple[Edge, ...]] = field(default_factory=dict)
    _start: State = ()

    def begin(self) -> State:
        """The state after the log-in."""
        if not self._start:
            self._start = self._remember(self.world.begin(self.bounds.tabs, self.bounds.losses))
        return self._start

    def edges(self, state: State) -> tuple[Edge, ...]:
        """What can happen in a state, and where it leads; what changes nothing is left out."""
        if state not in self._edges:
            self._edges[state] = tuple(self._tried(state))
        return self._edges[state]

    def _tried(self, state: State) -> Iterator[Edge]:
        moment = self._moments[state]
        for action in possible(moment):
            then = self.happen(moment, action)
            end = then if isinstance(then, Alarm) else self._remember(then)
            if end != state:
                yield action, end

    def happen(self, moment: Moment, action: Action) -> Moment | Alarm:
        """Let one event happen, really, at the core."""
        world = self.world
        match action.kind:
            case "send":
                return world.send(moment, action.tab)
            case "arrive":
                return world.arrive(moment, action.tab)
            case "lose":
                return world.lose(moment, action.tab)
            case "use":
                return world.use(moment)
            case "wait":
                return world.wait(moment, self.bounds.delay_s)
            case "restart":
                return world.restart(moment)

    def _remember(self, moment: Moment) -> State:
        state = self.state_of(moment)
        self._moments.setdefault(state, moment)
        return state

    def state_of(self, moment: Moment) -> State:
        """What counts of a moment."""
        row, pairs = moment.row, (moment.jar, *moment.flights)
        hashes: list[str | None] = []
        if row is not None:
            hashes += [row.current_hash2, row.previous_hash2]
        for pair in pairs:
            hashes += _hashes(pair)
        numbers: dict[str | None, int] = {None: -1}
        for one in hashes:
            numbers.setdefault(one, len(numbers))
        parents = [numbers.get(self.world.parents.get(one or ""), -1) for one in numbers]
        return (
            tuple(numbers[one] for one in hashes),
            tuple(parents),
            self._age(moment),
            tuple(None if pair is None else self._left(pair, moment) for pair in pairs),
            moment.losses_left,
        )

    def _age(self, moment: Moment) -> int | None:
        """Whole seconds since the last rotation, as far as the grace seconds look at it."""
        row, rules = moment.row, self.world.rules
        if row is None or row.rotated_at_ms is None or not rules.is_rotation:
            return None
        return min((moment.now_ms - row.rotated_at_ms) // _SECOND_MS, rules.grace_s + 1)

    def _left(self, pair: Pair, moment: Moment) -> int | None:
        """Seconds until an access token expires; None where no schedule is so long."""
        left_s = (pair.access_expires_at_ms - moment.now_ms) // _SECOND_MS
        return None if left_s > self.bounds.delay_s * self.bounds.depth else max(left_s, -1)

    @property
    def states(self) -> int:
        """How many states are known."""
        return len(self._moments)


def _hashes(pair: Pair | None) -> Sequence[str | None]:
    if pair is None:
        return (None, None, None)
    return (pair.refresh_hash2, pair.access_hash2, pair.access_parent_hash2)


def possible(moment: Moment) -> Iterator[Action]:
    """What can happen at a moment."""
    tabs = range(1, len(moment.flights) + 1)
    waiting = [tab for tab in tabs if moment.flights[tab - 1] is not None]
    yield from (Action("send", tab) for tab in tabs if tab not in waiting)
    yield from (Action("arrive", tab) for tab in waiting)
    yield Action("use")
    yield Action("wait")
    if moment.losses_left:
        yield from (Action("lose", tab) for tab in waiting)
        if len(waiting) > 1:
            yield Action("restart")


def explore(
    explorer: Explorer, clock: Clock, notify: Callable[[str], None] = lambda _: None
) -> Explored:
    """Count every schedule within the bounds, and keep the shortest for each kind of alarm.

    `notify` hears how far it is, when it takes more than two seconds.
    """
    started_at_ms = clock.now_ms()
    layer: dict[State, int] = {explorer.begin(): 1}
    ways: dict[State, Schedule] = {explorer.begin(): ()}
    tally = _Tally()
    for events in range(1, explorer.bounds.depth + 1):
        layer = _step(explorer, layer, ways, tally)
        if clock.now_ms() - started_at_ms > _PATIENCE_MS:
            done = f"{events} of {explorer.bounds.depth} events, {explorer.states:,} states"
            notify(f"{explorer.world.rules.name}: {done}")
    world = explorer.world
    return Explored(
        rules=world.rules,
        bounds=explorer.bounds,
        schedules=tally.ended + sum(layer.values()),
        alarms=tally.alarms,
        found=tuple(tally.found.values()),
        states=explorer.states,
        core_calls=world.calls,
        duration_s=(clock.now_ms() - started_at_ms) / _SECOND_MS,
    )


@dataclass(slots=True)
class _Tally:
    ended: int = 0
    """Schedules after which nothing more happens, alarms included."""
    alarms: dict[str, int] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)

    def note(self, alarm: Alarm, schedule: Schedule, ways: int) -> None:
        """Note an alarm that so many schedules lead to."""
        self.ended += ways
        self.alarms[alarm.kind] = self.alarms.get(alarm.kind, 0) + ways
        self.found.setdefault(alarm.kind, Found(alarm=alarm, schedule=schedule))


def _step(
    explorer: Explorer, layer: Mapping[State, int], ways: dict[State, Schedule], tally: _Tally
) -> dict[State, int]:
    """Let one more event happen in every state of a layer."""
    following: dict[State, int] = {}
    for state, count in layer.items():
        edges = explorer.edges(state)
        if not edges:
            tally.ended += count
        for action, end in edges:
            schedule = (*ways[state], action)
            if isinstance(end, Alarm):
                tally.note(end, schedule, count)
            else:
                ways.setdefault(end, schedule)
                following[end] = following.get(end, 0) + count
    return following


def sample(explorer: Explorer, walks: int, depth: int, chance: Entropy) -> Sampled:
    """Let chance choose what happens, for longer than the bound."""
    alarms: dict[str, int] = {}
    for _ in range(walks):
        state = explorer.begin()
        for _ in range(depth):
            edges = explorer.edges(state)
            if not edges:
                break
            _, end = edges[int(chance.fraction() * len(edges))]
            if isinstance(end, Alarm):
                alarms[end.kind] = alarms.get(end.kind, 0) + 1
                break
            state = end
    return Sampled(walks=walks, depth=depth, alarms=alarms)


def fate(explorer: Explorer, schedule: Schedule) -> Fate:
    """What a schedule comes to under the rules of this explorer."""
    rules, state = explorer.world.rules, explorer.begin()
    for action in schedule:
        end = dict(explorer.edges(state)).get(action)
        if isinstance(end, Alarm):
            return Fate(rules=rules, alarm=end)
        if end is not None:
            state = end
        elif action.kind not in _NO_MATTER:
            return Fate(rules=rules, alarm=None, happens=False)
    return Fate(rules=rules, alarm=None)
