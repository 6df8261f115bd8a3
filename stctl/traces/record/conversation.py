"""Puts requests and answers of one connection together, from copies of both directions."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from stctl.traces.record.endings import Ending
from stctl.traces.record.framing import (
    is_interim,
    method_of,
    opens_tunnel,
    request_framing,
    response_framing,
    status_of,
)
from stctl.traces.record.messages import (
    REQUEST_START,
    RESPONSE_START,
    Data,
    End,
    Framing,
    Head,
    MessageReader,
    Opaque,
    Piece,
)


@dataclass(slots=True)
class BodyCopy:
    """What is kept of a body while it passes."""

    limit: int
    """Bytes that are kept at most."""
    kept: bytearray = field(default_factory=bytearray)
    size: int = 0
    """Bytes that passed."""

    def add(self, data: bytes) -> None:
        """Take the next bytes of it."""
        self.size += len(data)
        room = self.limit - len(self.kept)
        if room > 0:
            self.kept += data[:room]

    @property
    def is_whole(self) -> bool:
        """Whether all that passed was kept."""
        return self.size == len(self.kept)


@dataclass(slots=True, eq=False)
class Passing:
    """One exchange while it passes."""

    asked: Head
    started_at_ms: int
    request_body: BodyCopy
    response_body: BodyCopy
    answered: Head | None = None
    is_asked: bool = False
    """Whether the request came to its end."""
    is_answered: bool = False
    """Whether the answer came to its end."""
    ended_at_ms: int = 0
    ending: Ending | None = None
    """What happened to the connection, where the answer did not come to its end."""


class Conversation:
    """Follows one connection; each exchange is given to `on_end` once, when it is over.

    `asked` returns what the bytes were found to be; see `MessageReader`. Times are in milliseconds
    since the epoch.
    """

    def __init__(self, limit: int, on_end: Callable[[Passing], None]) -> None:
        self._now_ms = 0
        self._limit = limit
        self._on_end = on_end
        self._requests = MessageReader(REQUEST_START, request_framing)
        self._responses = MessageReader(RESPONSE_START, self._framing)
        self._asking: Passing | None = None
        self._waiting: deque[Passing] = deque()
        self._began_at_ms: int | None = None
        self.is_broken = False
        """Whether the server closed while an answer was due."""

    @property
    def is_http(self) -> bool:
        """Whether requests and answers can be told apart; a tunnel, say, is none of them."""
        return not (self._requests.is_opaque or self._responses.is_opaque)

    @property
    def is_idle(self) -> bool:
        """Whether this is HTTP, and nothing is on its way."""
        return self.is_http and not self.is_open

    @property
    def is_open(self) -> bool:
        """Whether an answer, or the rest of a request, is still to come."""
        return bool(self._waiting) or self._asking is not None or self._began_at_ms is not None

    @property
    def waiting(self) -> int:
        """How many requests have no whole answer yet."""
        return len(self._waiting)

    def asked(self, data: bytes, at_ms: int) -> list[Piece]:
        """Take bytes that the client sent, and that came at this time."""
        self._now_ms = at_ms
        if self._asking is None and self._began_at_ms is None and not data.isspace():
            self._began_at_ms = at_ms
        pieces: list[Piece] = []
        for piece in self._requests.feed(data):
            pieces.append(piece)
            self._take_request(piece)
        return pieces

    def answered(self, data: bytes, at_ms: int) -> None:
        """Take bytes that the server sent, and that came at this time."""
        self._now_ms = at_ms
        self._look(self._responses.feed(data))

    def _take_request(self, piece: Piece) -> None:
        match piece:
            case Head():
                self._begin(piece)
            case Data():
                if self._asking is not None:
                    self._asking.request_body.add(piece.body)
            case End():
                self._end_request()
            case Opaque():
                self._began_at_ms = None

    def client_closed(self) -> list[Piece]:
        """The client sends no more; returns what is left of what it sent."""
        return self._requests.close()

    def server_closed(self, why: Ending, at_ms: int) -> None:
        """The server sends no more: an answer without a length ends with that, others break."""
        self._now_ms = at_ms
        self._look(self._responses.close())
        self.is_broken |= bool(self._waiting)
        self.end(why, at_ms)

    def end(self, why: Ending, at_ms: int) -> None:
        """The connection is over: no answer that is still open will come to its end."""
        self._now_ms = at_ms
        asking, self._asking, self._began_at_ms = self._asking, None, None
        waiting, self._waiting = self._waiting, deque()
        if asking is not None and asking not in waiting:
            self._finish(asking)
        for passing in waiting:
            passing.ending = why
            self._finish(passing)

    def _begin(self, head: Head) -> None:
        began_at_ms = self._began_at_ms
        passing = Passing(
            asked=head,
            started_at_ms=self._now_ms if began_at_ms is None else began_at_ms,
            request_body=BodyCopy(self._limit),
            response_body=BodyCopy(self._limit),
        )
        self._began_at_ms = None
        self._asking = passing
        self._waiting.append(passing)

    def _end_request(self) -> None:
        passing, self._asking = self._asking, None
        if passing is None:
            return
        passing.is_asked = True
        if passing.is_answered:
            self._finish(passing)

    def _look(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            # What a server sends unasked belongs to no exchange.
            if self._waiting:
                self._take(self._waiting[0], piece)

    def _take(self, passing: Passing, piece: Piece) -> None:
        match piece:
            case Head():
                self._take_head(passing, piece)
            case Data():
                passing.response_body.add(piece.body)
            case End():
                if passing.answered is not None:
                    self._end_response(passing)
            case Opaque():
                pass

    def _take_head(self, passing: Passing, head: Head) -> None:
        status = status_of(head)
        if is_interim(status):
            return
        passing.answered = head
        if opens_tunnel(method_of(passing.asked), status):
            self._requests.give_up()
            passing.is_asked, self._asking = True, None
            self._end_response(passing)

    def _end_response(self, passing: Passing) -> None:
        self._waiting.popleft()
        passing.is_answered = True
        passing.ended_at_ms = self._now_ms
        if passing.is_asked:
            self._finish(passing)

    def _finish(self, passing: Passing) -> None:
        passing.ended_at_ms = passing.ended_at_ms or self._now_ms
        self._on_end(passing)

    def _framing(self, head: Head) -> Framing:
        method = method_of(self._waiting[0].asked) if self._waiting else ""
        return response_framing(head, method)
