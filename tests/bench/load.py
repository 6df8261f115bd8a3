"""A load generator for one HTTP server: raw sockets, keep-alive, one thread, a few µs per request.

Each connection is led by a generator that yields the bytes of its next request and is sent the
answer, so that a connection can go on with what it was just given (a refresh token, say).
"""

import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status and body."""

    status: int
    body: bytes


Talk: TypeAlias = Generator[bytes, Reply, None]


@dataclass(slots=True)
class Outcome:
    """What a measurement found."""

    seconds: float
    statuses: Counter[int] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.latencies_s) / self.seconds

    @property
    def failures(self) -> int:
        """Answers with another status than 200."""
        return self.statuses.total() - self.statuses[200]

    def percentile_ms(self, share: float) -> float:
        """The latency that `share` of the answers kept, in milliseconds."""
        ordered = sorted(self.latencies_s)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


class _Connection:
    def __init__(self, port: int, talk: Talk) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.talk = talk
        self.received = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def reply(self) -> Reply | None:
        """Return the answer when it has arrived as a whole."""
        chunk = self.socket.recv(_CHUNK)
        if not chunk:
            raise ConnectionError("the server closed a connection under load")
        self.received += chunk
        head, gap, body = self.received.partition(b"\r\n\r\n")
        if not gap:
            return None
        length = _LENGTH.search(head)
        if len(body) < (int(length[1]) if length else 0):
            return None
        self.received = b""
        return Reply(int(head[9:12]), body)


def request(
    method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """The bytes of a keep-alive request."""
    fields = {"host": "127.0.0.1", "content-length": str(len(body)), **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def repeat(one: bytes) -> Talk:
    """The same request for ever."""
    while True:
        yield one


def measure(port: int, talk: Callable[[int], Talk], connections: int, seconds: float) -> Outcome:
    """Load the server on `port` for `seconds` and return what came back.

    `talk` makes the generator of connection 0, 1, 2 and so on.
    """
    everyone = [_Connection(port, talk(number)) for number in range(connections)]
    outcome = Outcome(seconds)
    started = time.perf_counter()
    for one in everyone:
        one.send(next(one.talk))
    if connections == 1:
        # Asking which of one is ready would take longer than some servers do.
        _go_on_alone(everyone[0], outcome, started + seconds)
    else:
        _go_on_together(everyone, outcome, started + seconds)
    outcome.seconds = time.perf_counter() - started
    for one in everyone:
        one.socket.close()
    return outcome


def _go_on_alone(one: _Connection, outcome: Outcome, until: float) -> None:
    while time.perf_counter() < until:
        _take(one, outcome)


def _go_on_together(everyone: list[_Connection], outcome: Outcome, until: float) -> None:
    with selectors.DefaultSelector() as selector:
        for one in everyone:
            selector.register(one.socket, selectors.EVENT_READ, one)
        while time.perf_counter() < until:
            for key, _events in selector.select(timeout=1):
                _take(key.data, outcome)


def _take(connection: _Connection, outcome: Outcome) -> None:
    """Read what has come; when it is a whole answer, go on with the next request."""
    reply = connection.reply()
    if reply is not None:
        outcome.latencies_s.append(time.perf_counter() - connection.sent_at)
        outcome.statuses[reply.status] += 1
        connection.send(connection.talk.send(reply))
