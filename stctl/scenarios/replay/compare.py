"""A trace beside itself: as it was recorded, and as it would be under other rules."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final, Protocol, TypeAlias

from stctl.clock import FrozenClock
from stctl.recipe.failures import ErrorName
from stctl.scenarios.core_link import Core
from stctl.scenarios.replay.outcome import Outcome
from stctl.scenarios.replay.player import Player
from stctl.scenarios.replay.recorded import Recorded
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.story import Told
from stctl.traces.link import LoneCall

Change: TypeAlias = tuple[ErrorName | None, ErrorName | None]
"""The error as recorded and as under the other rules; None where the request goes well."""

VALIDITY: Final = "access_token_validity"
_LOOK_AHEAD: Final = 200
_SECOND_MS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a core goes by: the version that is spoken with it, and its settings."""

    cdi: str
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One request: as recorded, as played under the recorded rules, and under the others."""

    told: Explanation
    recorded: Outcome
    again: Outcome
    """Under the rules of the recording."""
    instead: Outcome
    """Under the rules that were asked for."""
    ended_outside: bool = False
    """Whether the session must have been ended before by something that the trace does not show."""

    @property
    def is_reproduced(self) -> bool:
        """Whether the recorded rules lead to the recorded error; else the rest proves nothing."""
        return self.again.missing_since is None and self.again.error is self.recorded.error

    @property
    def differs(self) -> bool:
        """Whether the other rules lead to another error, or to none."""
        return self.is_reproduced and (
            self.instead.missing_since is not None or self.instead.error is not self.recorded.error
        )


class OpenCore(Protocol):
    """Opens an embedded core under some rules, on a clock that is moved by hand."""

    def __call__(self, rules: Rules, clock: FrozenClock) -> Core:
        """Return the core; whoever gave this function closes it."""
        ...


class Replay:
    """Plays a trace under other rules; to be gone through once."""

    def __init__(
        self,
        told: Iterable[Told],
        open_core: OpenCore,
        *,
        cdi: str | None,
        settings: Mapping[str, str],
    ) -> None:
        """`cdi` and `settings` are what is to be other; None and no settings change nothing."""
        items = iter(told)
        first = [*islice(items, _LOOK_AHEAD)]
        self._told = chain(first, items)
        self.recorded_rules = _rules_of(first)
        """As far as the trace shows them."""
        self.rules = Rules(
            cdi=cdi or self.recorded_rules.cdi,
            settings={**self.recorded_rules.settings, **settings},
        )
        self._open_core = open_core
        self._now_ms = 0
        self.changes: Counter[Change] = Counter()
        """What the reproduced requests came to, recorded and under the other rules."""
        self.played = 0
        self.not_reproduced = 0
        self.cut_off = 0
        """Reproduced requests that could not have been sent under the other rules."""

    def __iter__(self) -> Iterator[Compared]:
        again, instead = self._player(self.recorded_rules), self._player(self.rules)
        for item in self._told:
            if isinstance(item, LoneCall):
                for player in (again, instead):
                    player.play_lone(item, self._at(item.entry.started_at_ms))
            elif isinstance(item, Explanation):
                recorded = Recorded(item)
                if recorded.is_playable:
                    yield self._compared(recorded, again, instead)

    def _player(self, rules: Rules) -> Player:
        clock = FrozenClock(self._now_ms)
        return Player(self._open_core(rules, clock), clock)

    def _at(self, at_ms: int) -> int:
        """Time does not go back, even where the recording's does."""
        self._now_ms = max(self._now_ms, at_ms)
        return self._now_ms

    def _compared(self, recorded: Recorded, again: Player, instead: Player) -> Compared:
        told, at_ms = recorded.told, self._at(recorded.at_ms)
        outcomes = [player.play(recorded, at_ms) for player in (again, instead)]
        ended_outside = outcomes[0].error is None and recorded.found_no_session
        if ended_outside:
            outcomes = [player.play_ended(recorded, at_ms) for player in (again, instead)]
        compared = Compared(
            told=told,
            recorded=Outcome(error=told.error, handler=told.answered.firing.handler),
            again=outcomes[0],
            instead=outcomes[1],
            ended_outside=ended_outside,
        )
        self._count(compared)
        return compared

    def _count(self, compared: Compared) -> None:
        self.played += 1
        if not compared.is_reproduced:
            self.not_reproduced += 1
        elif compared.instead.missing_since is not None:
            self.cut_off += 1
        else:
            self.changes[compared.recorded.error, compared.instead.error] += 1


def _rules_of(items: Iterable[Told]) -> Rules:
    """What the first requests of a trace show of the core's rules."""
    explained = [item for item in items if isinstance(item, Explanation)]
    spoken = (call.cdi for one in explained for call in one.evidence.calls if call.cdi)
    usual = explained[0].app.profile.cdi if explained else "5.4"
    # A core may make single tokens live a little shorter, and never longer.
    validity_s = max(_validities_s(explained), default=0)
    settings = {VALIDITY: str(validity_s)} if validity_s > 0 else {}
    return Rules(cdi=next(spoken, usual), settings=settings)


def _validities_s(explained: Iterable[Explanation]) -> Iterator[int]:
    for one in explained:
        recorded = Recorded(one)
        for token in (*recorded.issued_access, *recorded.presented_access):
            yield round((token.expires_at_ms - token.created_at_ms) / _SECOND_MS)
