"""One place that a recorder listens at, and the server behind it."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from stctl.clock import Clock
from stctl.errors import ErrorKind, StctlError
from stctl.traces.model import Peer
from stctl.traces.record.conversation import Conversation, Passing
from stctl.traces.record.endings import STOPPED
from stctl.traces.record.pair import Pair
from stctl.traces.record.target import Place, Target

_BACKLOG: Final = 1024
_DRAIN_POLL_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be recorded."""

    target: Target
    place: Place
    peer: Peer | None = None
    """Which side it is; None where that is found out from what passes."""


TakeExchange = Callable[[Passing, "Door", str], None]
"""Takes an exchange, the door that it came by, and the address of its client."""


class Door:
    """Listens, and leads every connection to one server."""

    def __init__(
        self,
        wanted: Wanted,
        *,
        clock: Clock,
        body_limit: int,
        rewrites_host: bool,
        take: TakeExchange,
        failed: Callable[[Exception], None],
    ) -> None:
        self.target = wanted.target
        self.peer = wanted.peer
        self.place = wanted.place
        self.host = wanted.target.authority if rewrites_host else None
        self._clock = clock
        self._body_limit = body_limit
        self._take = take
        self._failed = failed
        self._pairs: set[Pair] = set()
        self._server: asyncio.Server | None = None
        self._tls = _tls() if wanted.target.is_tls else None

    @property
    def address(self) -> str:
        """Where to send what is to be recorded, with the path of the server's own address."""
        host = f"[{self.place.host}]" if ":" in self.place.host else self.place.host
        return f"http://{host}:{self.place.port}{self.target.path}"

    async def bind(self) -> None:
        """Take the place, so that its port is known; raises CANNOT_LISTEN."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: Pair(self).client,
                await self._number(),
                self.place.port,
                backlog=_BACKLOG,
                start_serving=False,
            )
        except OSError as problem:
            reason = problem.strerror or str(problem)
            raise StctlError(
                ErrorKind.CANNOT_LISTEN,
                f"Cannot listen on {self.place.host} port {self.place.port}: {reason}.",
                hint="Take another place with --listen; port 0 takes a free one.",
            ) from None
        port = self._server.sockets[0].getsockname()[1]
        self.place = Place(host=self.place.host, port=port)

    async def _number(self) -> str:
        """The one address to listen at, IPv4 before IPv6: a free port would be two of them."""
        found = await asyncio.get_running_loop().getaddrinfo(
            self.place.host, self.place.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        return str(min(found, key=lambda one: one[0] != socket.AF_INET)[4][0])

    async def open(self) -> None:
        """Begin to listen."""
        if self._server is not None:
            await self._server.start_serving()

    async def close(self, drain_s: float) -> None:
        """Take no more; wait for open exchanges as long as that, then end them."""
        if self._server is not None:
            self._server.close()
        loop = asyncio.get_running_loop()
        until = loop.time() + drain_s
        while any(pair.is_busy for pair in self._pairs) and loop.time() < until:
            for pair in [pair for pair in self._pairs if not pair.is_busy]:
                pair.end(STOPPED)
            await asyncio.sleep(_DRAIN_POLL_S)
        for pair in [*self._pairs]:
            pair.end(STOPPED)
        # What was written is sent when the loop comes round once more.
        await asyncio.sleep(0)

    def hurry(self) -> None:
        """End what is still open at once."""
        for pair in [*self._pairs]:
            pair.end(STOPPED)

    def conversation(self, client: str) -> Conversation:
        """A new follower for the connection of a client."""
        return Conversation(self._body_limit, lambda passing: self._take(passing, self, client))

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return self._clock.now_ms()

    async def connect(self, side: asyncio.Protocol) -> None:
        """Connect to the server."""
        target = self.target
        await asyncio.get_running_loop().create_connection(
            lambda: side,
            target.host,
            target.port,
            ssl=self._tls,
            server_hostname=target.host if self._tls else None,
        )

    def opened(self, pair: Pair) -> None:
        """Take note of a pair."""
        self._pairs.add(pair)

    def closed(self, pair: Pair) -> None:
        """Forget a pair."""
        self._pairs.discard(pair)

    def failed(self, problem: Exception) -> None:
        """Pass on that following a connection failed."""
        self._failed(problem)


def _tls() -> ssl.SSLContext:
    """The roots of the system, or those that SSL_CERT_FILE names; HTTP/1.1 and nothing else."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
