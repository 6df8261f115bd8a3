"""What linking holds for a while: requests that may get calls, calls that may get a request."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

from stctl.traces.link.clues import Clues
from stctl.traces.link.linked import Evidence, LinkedCall, LinkedRequest
from stctl.traces.model import Entry, Timing

TOLERANCE_MS: Final = 100
"""How far outside its request a call may begin: two recorders, two clocks."""
COARSE_TOLERANCE_MS: Final = 2_000
"""The same where one of the times is only known to the second."""
_SLOT_MS: Final = 1_000
_MOST_SLOTS: Final = 64
_MOST_LOOKED_AT: Final = 512
"""Requests that one call is compared with: a trace repeated many times over has ever more."""

Key = TypeVar("Key")


@dataclass(slots=True, eq=False)
class Call:
    """A call to the core."""

    entry: Entry
    clues: Clues
    evidence: Evidence = Evidence.TIME


@dataclass(slots=True, eq=False)
class OpenRequest:
    """A request of a browser, with the calls that were found to be its own."""

    entry: Entry
    clues: Clues
    calls: list[Call] = field(default_factory=list)
    learned_tokens: set[str] = field(default_factory=set)
    """Tokens that its calls brought: a later call may carry them."""
    learned_handles: set[str] = field(default_factory=set)

    def take(self, call: Call, evidence: Evidence) -> None:
        """Make a call this request's own."""
        call.evidence = evidence
        self.calls.append(call)
        self.learned_tokens |= call.clues.gets
        self.learned_handles |= call.clues.handles

    def closed(self) -> LinkedRequest:
        """The request as it is given on."""
        calls = sorted(self.calls, key=lambda call: call.entry.index)
        linked = tuple(LinkedCall(call.entry, call.evidence) for call in calls)
        return LinkedRequest(self.entry, linked)

    @property
    def size(self) -> int:
        """About how many bytes it holds."""
        return self.entry.size + sum(call.entry.size for call in self.calls)


class OpenRequests:
    """The open requests in order, to be found by number, by token and by time."""

    def __init__(self) -> None:
        self._all: deque[OpenRequest] = deque()
        self._by_index: dict[int, OpenRequest] = {}
        self._by_token: dict[str, list[OpenRequest]] = {}
        self._by_slot: dict[int | None, list[OpenRequest]] = {}

    def __len__(self) -> int:
        return len(self._all)

    @property
    def first(self) -> OpenRequest | None:
        """The one that came first."""
        return self._all[0] if self._all else None

    def add(self, request: OpenRequest) -> None:
        """Put a request behind the others."""
        self._all.append(request)
        self._by_index[request.entry.index] = request
        for token in request.clues.asks | request.clues.gets:
            self._by_token.setdefault(token, []).append(request)
        for slot in _slots(request.entry):
            self._by_slot.setdefault(slot, []).append(request)

    def take_first(self) -> OpenRequest:
        """Remove the one that came first."""
        request = self._all.popleft()
        self._by_index.pop(request.entry.index, None)
        for token in request.clues.asks | request.clues.gets:
            _drop(self._by_token, token, request)
        for slot in _slots(request.entry):
            _drop(self._by_slot, slot, request)
        return request

    def numbered(self, index: int) -> OpenRequest | None:
        """The request with this number in the recording."""
        return self._by_index.get(index)

    def with_token(self, call: Call) -> Iterator[OpenRequest]:
        """Requests that share a token with a call."""
        for token in call.clues.gets | call.clues.asks:
            yield from self._by_token.get(token, ())[-_MOST_LOOKED_AT:]

    def around(self, call: Call) -> Iterable[OpenRequest]:
        """Requests that may have been open when a call began."""
        if call.entry.timing is Timing.UNKNOWN:
            return self._all
        slot = call.entry.started_at_ms // _SLOT_MS
        near = self._by_slot.get(slot, ())[-_MOST_LOOKED_AT:]
        return [*near, *self._by_slot.get(None, ())[-_MOST_LOOKED_AT:]]


def _slots(entry: Entry) -> Iterable[int | None]:
    """The seconds in which a request is open; None for one that may be open at any time."""
    if entry.timing is Timing.UNKNOWN:
        return (None,)
    first = int(entry.started_at_ms - COARSE_TOLERANCE_MS) // _SLOT_MS
    last = int(entry.ended_at_ms + COARSE_TOLERANCE_MS) // _SLOT_MS
    return range(first, last + 1) if last - first < _MOST_SLOTS else (None,)


def _drop(index: dict[Key, list[OpenRequest]], key: Key, request: OpenRequest) -> None:
    holders = index[key]
    holders.remove(request)
    if not holders:
        del index[key]
