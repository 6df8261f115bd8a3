"""One side of a pair: a connection as asyncio sees it."""

import asyncio
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Final, Protocol

_AT_ONCE: Final = 1 << 18
_LINGER_FOR_NO_TIME: Final = struct.pack("ii", 1, 0)
"""Closing a socket with it resets the connection."""


class Owner(Protocol):
    """What a side tells what happens to it."""

    @property
    def client(self) -> "Side":
        """The side of the client."""
        ...

    @property
    def server(self) -> "Side":
        """The side of the server."""
        ...

    def began(self, side: "Side", address: str) -> None:
        """It is connected, to this address."""
        ...

    def pass_on(self, data: bytes, side: "Side") -> None:
        """It sent something."""
        ...

    def ended(self, side: "Side") -> bool:
        """It sends no more; returns whether it may still be sent something."""
        ...

    def lost(self, side: "Side", problem: Exception | None) -> None:
        """Its connection is gone; None when it was closed in an orderly way."""
        ...


class Side(asyncio.Protocol):
    """One connection; its calls do nothing where it is not there, or not any more.

    Small pieces are sent at once: asyncio sets TCP_NODELAY on every connection.
    """

    def __init__(self, owner: Owner, *, is_client: bool) -> None:
        self._owner = owner
        self._is_client = is_client
        self._transport: asyncio.Transport | None = None
        self.has_ended = False
        """Whether it sends no more."""
        self._is_ended = False

    @property
    def _other(self) -> "Side":
        return self._owner.server if self._is_client else self._owner.client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a stream transport is what a stream protocol is given")
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._owner.began(self, str(peer[0]) if peer else "")

    def data_received(self, data: bytes) -> None:
        """Pass on what came."""
        self._owner.pass_on(data, self)

    def eof_received(self) -> bool:
        """Pass on that no more comes."""
        if self.has_ended:
            return True
        self.has_ended = True
        is_kept = self._owner.ended(self)
        return is_kept and self.can_end

    def connection_lost(self, problem: Exception | None) -> None:
        """Pass on that the connection is gone."""
        self.has_ended = True
        self._owner.lost(self, problem)
        self._transport = None

    def pause_writing(self) -> None:
        """It takes no more for now: the other side is not read either."""
        self._other.pause()

    def resume_writing(self) -> None:
        """It takes more."""
        self._other.resume()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        if self._transport is not None and data and not self._is_ended:
            self._transport.write(data)

    @property
    def can_end(self) -> bool:
        """Whether it can be told that no more comes, and still answer: TLS cannot."""
        return self._transport is not None and self._transport.can_write_eof()

    def end(self) -> bool:
        """Send no more once all is sent; returns whether more may come from it."""
        if self._transport is None or not self.can_end or self._transport.is_closing():
            return False
        self._is_ended = True
        with suppress(OSError):
            self._transport.write_eof()
        return True

    def pause(self) -> None:
        """Do not read for now."""
        if self._transport is not None and not self.has_ended:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None and not self.has_ended:
            self._transport.resume_reading()

    def close(self) -> None:
        """Close once all is sent."""
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """Close at once, and as suddenly as can be."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size():
            self._transport.close()
            return
        held = self._transport.get_extra_info("socket")
        with suppress(OSError, AttributeError):
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_FOR_NO_TIME)
        self._transport.abort()

    def left_behind(self) -> Iterator[bytes]:
        """What had arrived before the connection broke, and was not read yet."""
        if self._transport is None or self._transport.get_extra_info("ssl_object") is not None:
            return
        held = self._transport.get_extra_info("socket")
        with suppress(OSError, AttributeError):
            while data := os.read(held.fileno(), _AT_ONCE):
                yield data
