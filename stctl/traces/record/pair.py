"""Two connections, of a client and to a server, and the bytes that go from one to the other.

Bytes are passed on first, and looked at afterwards. What the two sides do to their connections is
passed on too: an end of sending as an end of sending, a reset as a reset.
"""

import asyncio
from typing import Protocol

from stctl.traces.record.conversation import Conversation
from stctl.traces.record.endings import (
    CLIENT_CLOSED,
    SERVER_CLOSED,
    SERVER_RESET,
    Ending,
    refused,
)
from stctl.traces.record.hosts import with_host
from stctl.traces.record.messages import Piece
from stctl.traces.record.side import Side


class Surroundings(Protocol):
    """What a pair is given by its recorder."""

    @property
    def host(self) -> str | None:
        """What every Host header is to say; None where it stays as it is."""
        ...

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        ...

    def conversation(self, client: str) -> Conversation:
        """A new follower for the connection of a client at this address."""
        ...

    async def connect(self, side: asyncio.Protocol) -> None:
        """Connect to the server; raises OSError when that cannot be done."""
        ...

    def opened(self, pair: "Pair") -> None:
        """Take note of a pair."""
        ...

    def closed(self, pair: "Pair") -> None:
        """Forget a pair."""
        ...

    def failed(self, problem: Exception) -> None:
        """Take note of something unforeseen that befell what looks at the copy."""
        ...


class Pair:
    """One connection of a client and the one to the server that it led to."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self.client = Side(self, is_client=True)
        self.server = Side(self, is_client=False)
        self._talk: Conversation | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._refusal: Ending | None = None
        self._is_over = False

    @property
    def is_busy(self) -> bool:
        """Whether an exchange is on its way."""
        return self._talk is not None and self._talk.is_open

    def began(self, side: Side, address: str) -> None:
        """A side is connected. Nothing is read from a client until its server is there."""
        if side is self.client:
            self._talk = self._around.conversation(address)
            self._around.opened(self)
            side.pause()
            self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        try:
            await self._around.connect(self.server)
        except (OSError, ValueError) as problem:
            self._refusal = refused(problem)
        self.client.resume()

    def pass_on(self, data: bytes, side: Side) -> None:
        """Give what one side sent to the other, then look at it."""
        # The time comes first: the other side may act before this one looks.
        at_ms = self._around.now_ms()
        if self._refusal is not None:
            self._refuse(data, self._refusal)
        elif side is self.server:
            self.client.write(data)
            self._look(data, side, at_ms)
            if self.client.has_ended and not (self.server.can_end or self.is_busy):
                self.end(CLIENT_CLOSED)
        elif self._around.host is None:
            self.server.write(data)
            self._look(data, side, at_ms)
        else:
            pieces = self._look(data, side, at_ms)
            self.server.write(data if pieces is None else with_host(pieces, self._around.host))

    def _look(self, data: bytes, side: Side, at_ms: int) -> list[Piece] | None:
        """What the bytes are; None once that cannot be told any more, which stops nothing."""
        talk = self._talk
        if talk is None:
            return None
        try:
            if side is self.client:
                return talk.asked(data, at_ms)
            talk.answered(data, at_ms)
        except Exception as problem:  # noqa: BLE001 - whatever is wrong with the copy, bytes go on
            self._talk = None
            self._around.failed(problem)
        return None

    def _refuse(self, data: bytes, why: Ending) -> None:
        """Write down what was asked of a server that is not there, then hang up as it would."""
        self._look(data, self.client, self._around.now_ms())
        if self._talk is None or self._talk.waiting or not self._talk.is_http:
            self.end(why, resets=True)

    def ended(self, side: Side) -> bool:
        """A side sends no more. Whether it may still be sent something."""
        talk = self._talk
        if side is self.server:
            if talk is not None:
                talk.server_closed(SERVER_CLOSED, self._around.now_ms())
            is_kept = self.client.end()
        else:
            if self._refusal is not None or (talk is not None and talk.is_idle):
                self.end(self._refusal or CLIENT_CLOSED)
                return False
            if talk is not None and self._around.host is not None:
                self.server.write(b"".join(piece.raw for piece in talk.client_closed()))
            is_kept = self.server.end() or self.is_busy
        if self.client.has_ended and self.server.has_ended:
            self.end(CLIENT_CLOSED)
        return is_kept

    def lost(self, side: Side, problem: Exception | None) -> None:
        """The connection of one side is gone."""
        if side is self.client:
            self.end(CLIENT_CLOSED, resets=problem is not None)
            return
        if problem is not None and not self._is_over:
            for data in side.left_behind():
                self.pass_on(data, side)
        is_reset = isinstance(problem, ConnectionError)
        if self._talk is not None:
            why = SERVER_RESET if is_reset else SERVER_CLOSED
            self._talk.server_closed(why, self._around.now_ms())
            is_reset = is_reset and self._talk.is_broken
        self.end(SERVER_CLOSED, resets=is_reset)

    def end(self, why: Ending, *, resets: bool = False) -> None:
        """Close both sides; what is open in the conversation is said to have ended so."""
        if self._is_over:
            return
        self._is_over = True
        if self._connecting is not None:
            self._connecting.cancel()
        if self._talk is not None:
            self._talk.end(why, self._around.now_ms())
        for side in (self.client, self.server):
            if resets:
                side.reset()
            else:
                side.close()
        self._around.closed(self)
