"""Brings calls and requests together, in one pass over a trace, holding no more than a window.

A trace may be in the order in which exchanges begin (HAR), or in which they end (a live recording,
spans): then a call stands before its request. A call is decided upon as soon as every request that
it may belong to must have been seen, and a request is given on when no call can come for it any
more. Requests are given on in the order of the trace.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from stctl.traces.link.clues import browser_clues, core_clues
from stctl.traces.link.linked import Evidence, LinkedItem, LoneCall
from stctl.traces.link.order import Order
from stctl.traces.link.peers import Peers
from stctl.traces.link.scoring import score
from stctl.traces.link.spans import Spans
from stctl.traces.link.window import TOLERANCE_MS, Call, OpenRequest, OpenRequests
from stctl.traces.model import Entry, Peer, Timing, TraceItem

PATIENCE_MS: Final = 10_000
"""How long a call waits for its request where exchanges are in the order in which they end."""
_MOST_HELD: Final = 4096
_MOST_BYTES: Final = 1 << 26


def link(items: Iterable[TraceItem]) -> Iterator[LinkedItem]:
    """Every request with its calls, calls without a request, and what is no exchange as it is."""
    linker = Linker()
    for item in items:
        if isinstance(item, Entry):
            yield from linker.add(item)
        else:
            yield item
    yield from linker.close()


class Linker:
    """Links exchange after exchange; what is complete comes back from each step."""

    def __init__(self, *, patience_ms: int = PATIENCE_MS) -> None:
        self._patience_ms = patience_ms
        self._peers = Peers()
        self._spans = Spans()
        self._order = Order()
        self._requests = OpenRequests()
        self._calls: deque[Call] = deque()
        self._held_bytes = 0

    def add(self, entry: Entry) -> Iterator[LinkedItem]:
        """Take one exchange; gives on what it makes complete."""
        peer = self._peers.of(entry)
        if peer is Peer.OTHER:
            return
        self._order.watch(entry)
        self._spans.watch(entry)
        self._held_bytes += entry.size
        if peer is Peer.BACKEND_CORE:
            self._calls.append(Call(entry, core_clues(entry)))
        else:
            self._requests.add(OpenRequest(entry, browser_clues(entry)))
        yield from self._settle(self._order.newest_ms)

    def advance(self, now_ms: int) -> Iterator[LinkedItem]:
        """What is complete because time has passed, although nothing came: for live traces.

        Exchanges without a time of their own are complete when nothing comes.
        """
        yield from self._settle(now_ms, is_idle=True)

    def close(self) -> Iterator[LinkedItem]:
        """All that is left, at the end of the trace."""
        while self._calls:
            yield from self._decide(self._calls.popleft())
        while self._requests:
            yield from self._give_on()

    def _settle(self, now_ms: int, *, is_idle: bool = False) -> Iterator[LinkedItem]:
        wait_ms = TOLERANCE_MS if self._order.is_by_start else self._patience_ms
        due_ms, over_ms = now_ms - wait_ms, now_ms - 2 * wait_ms
        while self._calls and (self._is_full or _is_due(self._calls[0].entry, due_ms, is_idle)):
            yield from self._decide(self._calls.popleft())
        while (first := self._requests.first) and (
            self._is_full or _is_over(first.entry, over_ms, is_idle)
        ):
            yield from self._give_on()

    @property
    def _is_full(self) -> bool:
        held = len(self._requests) + len(self._calls)
        return held > _MOST_HELD or self._held_bytes > _MOST_BYTES

    def _decide(self, call: Call) -> Iterator[LinkedItem]:
        is_told_twice = not self._spans.is_call(call.entry)
        if is_told_twice or not (self._recorded_owner(call) or self._best_owner(call)):
            self._held_bytes -= call.entry.size
            if not is_told_twice:
                yield LoneCall(call.entry)

    def _recorded_owner(self, call: Call) -> OpenRequest | None:
        wanted = call.entry.initiator
        owner = None if wanted is None else self._requests.numbered(wanted)
        if owner is not None:
            owner.take(call, Evidence.RECORDED)
        return owner

    def _best_owner(self, call: Call) -> OpenRequest | None:
        """Of those with a token of the call the one that suits best, else of all around it."""
        best = _best(call, self._requests.with_token(call))
        best = best or _best(call, self._requests.around(call))
        if best is None:
            return None
        owner, evidence = best
        owner.take(call, evidence)
        return owner

    def _give_on(self) -> Iterator[LinkedItem]:
        request = self._requests.take_first()
        self._held_bytes -= request.size
        if self._spans.is_request(request.entry):
            yield request.closed()


def _is_due(call: Entry, before_ms: int, is_idle: bool) -> bool:
    return call.started_at_ms < before_ms if call.timing is Timing.MEASURED else is_idle


def _is_over(request: Entry, before_ms: int, is_idle: bool) -> bool:
    return request.ended_at_ms < before_ms if request.timing is Timing.MEASURED else is_idle


def _best(call: Call, requests: Iterable[OpenRequest]) -> tuple[OpenRequest, Evidence] | None:
    """The request that suits a call best; of equals the one that began last."""
    best: tuple[OpenRequest, Evidence] | None = None
    rank = (0.0, 0)
    for request in requests:
        scored = score(call, request)
        if scored is not None and (scored[0], request.entry.started_at_ms) > rank:
            best, rank = (request, scored[1]), (scored[0], request.entry.started_at_ms)
    return best
