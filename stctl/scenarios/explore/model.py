"""What is explored, and what is found, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

ActionKind = Literal["send", "arrive", "lose", "use", "wait", "restart"]


class Action(NamedTuple):
    """One event."""

    kind: ActionKind
    tab: int = 0
    """From 1, for what one tab does or waits for; 0 for what all have in common."""


Schedule: TypeAlias = tuple[Action, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """By which rules a core refreshes."""

    cdi: str
    is_rotation: bool
    grace_s: int
    """Of the core's setting; the legacy family does not look at it."""

    @property
    def name(self) -> str:
        """For people, and one of a kind."""
        return f"CDI {self.cdi}, grace {self.grace_s} s" if self.is_rotation else f"CDI {self.cdi}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How far to look."""

    tabs: int
    """Tabs of one browser, which share their cookies and know of no lock."""
    losses: int
    """Answers that may get lost; a restart of the browser, in which all that are on their way are
    lost, counts as one."""
    depth: int
    """Events of a schedule at most."""
    delay_s: int
    """How long a pause is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """The end of a session that nobody has stolen."""

    kind: str
    """How the core classifies the reuse from CDI 5.6 on; up to 5.5 what the token is to the
    current one: `PARENT_REUSED`, `SIBLING_REUSED` or `OLDER_REUSED`."""
    error: str
    """The core's status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The shortest schedule that ends in one kind of alarm."""

    alarm: Alarm
    schedule: Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """What chance found beyond the bound."""

    walks: int
    depth: int
    alarms: Mapping[str, int]
    """Walks by the kind of their alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """Everything that can happen within the bounds, under one set of rules."""

    rules: Rules
    bounds: Bounds
    schedules: int
    """As many as are as long as the bound, or end before it."""
    alarms: Mapping[str, int]
    """Schedules by the kind of their alarm."""
    found: tuple[Found, ...]
    """One of each kind, the shortest first."""
    states: int
    """That differ in what can happen from there on."""
    core_calls: int
    duration_s: float
    sampled: Sampled | None = None

    @property
    def false_alarms(self) -> int:
        """Schedules that end in an alarm."""
        return sum(self.alarms.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What a schedule that was found under some rules comes to under others."""

    rules: Rules
    alarm: Alarm | None
    """None: the session goes on."""
    happens: bool = True
    """False where the schedule cannot happen under these rules."""
