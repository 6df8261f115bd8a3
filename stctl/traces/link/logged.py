"""Groups the events of a debug log into the requests that they tell of.

An SDK's log has no number of the request, so that order is all there is: an SDK tells of a request
in bursts, and waits for the core between them. While one request is open everything is its own.
Where a second one begins before the first is settled, each event goes to the open request whose
story it can go on, and the requests are marked as mixed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from stctl.traces.model import LogEvent, Logger, Topic

_MOST_OPEN: Final = 32
_LONGEST_MS: Final = 60_000

_BEFORE: Final = frozenset({Topic.LOOKED_AT, Topic.NOT_MINE, Topic.ROUTE})
_IN_STEP: Final = frozenset({Topic.STEP, Topic.OPTION, Topic.FOUND, Topic.IGNORED, Topic.TRANSFER})
_WITH_CORE_CALL: Final = "TOKEN_THEFT_DETECTED"
_NEVER: Final = frozenset({Topic.INIT, Topic.FRONTEND})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """What a backend SDK told of one request."""

    index: int
    """0-based place among the requests of the log."""
    events: tuple[LogEvent, ...]
    """Never empty; in the order of the log."""
    is_mixed: bool
    """Other requests were open at the same time, so that an event may be another's."""

    @property
    def logger(self) -> Logger:
        """Whose log it is."""
        return self.events[0].logger

    @property
    def position(self) -> str:
        """Where it begins in the log."""
        return self.events[0].position

    @property
    def at_ms(self) -> int | None:
        """When it began, in milliseconds since the epoch."""
        return self.events[0].at_ms

    def facts(self, topic: Topic, name: str) -> list[str]:
        """The values that a fact has in all events of a topic, in order."""
        found = (event.facts.get(name) for event in self.events if event.topic is topic)
        return [text for text in found if text is not None]

    @property
    def path(self) -> str | None:
        """The path of the request, where a line has it."""
        paths = self.facts(Topic.NOT_MINE, "path") + self.facts(Topic.LOOKED_AT, "path")
        return next(iter(paths), None)


def requests_in_log(events: Iterable[LogEvent]) -> Iterator[LoggedRequest]:
    """The requests of backend SDKs in a log, each as soon as it is over; what is none is left out.

    Logs of several processes may be in one file: what stands before an event keeps them apart.
    """
    groups: dict[tuple[Logger, str], _Group] = {}
    count = 0
    for event in events:
        if event.topic in _NEVER or event.logger is Logger.FRONTEND:
            continue
        group = groups.setdefault((event.logger, event.source), _Group())
        for closed in group.take(event):
            yield closed.as_request(count)
            count += 1
    for group in groups.values():
        for closed in group.close():
            yield closed.as_request(count)
            count += 1


@dataclass(slots=True, eq=False)
class _Open:
    events: list[LogEvent] = field(default_factory=list)
    is_mixed: bool = False
    step: str | None = None
    is_raised: bool = False
    error: str | None = None
    is_caught: bool = False
    is_handled: bool = False
    is_answered: bool = False
    is_done: bool = False

    def as_request(self, index: int) -> LoggedRequest:
        return LoggedRequest(index=index, events=tuple(self.events), is_mixed=self.is_mixed)

    @property
    def is_settled(self) -> bool:
        """Whether nothing more has to come: answers of apps and custom handlers are not logged.

        From an error to its end all is one burst, but for a theft, which asks the core once more.
        """
        if self.is_handled:
            return self.is_answered or self.error != _WITH_CORE_CALL
        return self.is_answered or self.is_done or self.is_caught or self.step is None

    def take(self, event: LogEvent) -> None:
        self.events.append(event)
        match event.topic:
            case Topic.STEP:
                self.step, self.is_done = event.facts["step"], False
            case Topic.DONE:
                self.is_done = True
            case Topic.RAISED:
                self.is_raised, self.error = True, event.facts["error"]
            case Topic.ERROR:
                self.is_raised = self.is_caught = True
            case Topic.HANDLER:
                self.is_handled, self.error = True, event.facts["error"]
            case Topic.ANSWER:
                self.is_answered = True
            case _:
                pass

    def can_take(self, event: LogEvent) -> bool:
        """Whether its story can go on with an event."""
        step = event.facts.get("step")
        if self.is_answered:
            return False
        if event.topic in _BEFORE:
            return self.step is None and not self.is_raised
        if event.topic in _IN_STEP or event.topic is Topic.DONE:
            return not self.is_raised and (self.step in {None, step} or self.is_done)
        if event.topic is Topic.RAISED:
            return not self.is_raised and self.step in {None, step or self.step}
        if event.topic is Topic.HANDLER:
            return not self.is_handled and self.error in {None, event.facts["error"]}
        return True


class _Group:
    """The open requests of one process."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._latest: _Open | None = None

    def take(self, event: LogEvent) -> Iterator[_Open]:
        """Put an event where it belongs; gives back what is over by that."""
        if self._begins(event):
            yield from self._begin(event)
        owner = self._owner(event)
        if owner is not None:
            owner.take(event)
            self._latest = owner

    def close(self) -> list[_Open]:
        """All that is open, at the end of the log."""
        left, self._open = self._open, []
        return left

    def _begins(self, event: LogEvent) -> bool:
        """Node and Python say so; Go's first word is that it looks at a request, or will not."""
        if event.logger is not Logger.GO:
            return event.topic is Topic.REQUEST
        is_first = "rid" in event.facts or "path" in event.facts
        return event.topic in {Topic.LOOKED_AT, Topic.NOT_MINE} and is_first

    def _begin(self, event: LogEvent) -> Iterator[_Open]:
        over = [one for one in self._open if one.is_settled or _is_old(one, event)]
        if len(self._open) - len(over) >= _MOST_OPEN:
            over.append(next(one for one in self._open if one not in over))
        self._open = [one for one in self._open if one not in over]
        yield from over
        self._latest = _Open(is_mixed=bool(self._open))
        for one in self._open:
            one.is_mixed = True
        self._open.append(self._latest)

    def _owner(self, event: LogEvent) -> _Open | None:
        """The request told of last, if the event suits it, else the oldest one that it suits."""
        if self._latest is not None and self._latest.can_take(event):
            return self._latest
        return next((one for one in self._open if one.can_take(event)), self._latest)


def _is_old(request: _Open, event: LogEvent) -> bool:
    begun = request.events[0].at_ms if request.events else None
    return begun is not None and event.at_ms is not None and event.at_ms - begun > _LONGEST_MS
