"""The clients of the recorder's measurement: one that asks, and a storm of them."""

import json
import re
import selectors
import socket
import time
from itertools import count
from urllib.parse import urlsplit

from bench.load import request

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_HEADERS = {"cdi-version": "5.4", "content-type": "application/json; charset=utf-8"}


class Client:
    """One connection that is kept alive."""

    def __init__(self, address: str) -> None:
        place = urlsplit(address)
        self.socket = socket.create_connection((place.hostname or "", place.port or 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""

    def ask(self, call: bytes) -> bytes:
        """The whole answer."""
        self.socket.sendall(call)
        while (answer := self.take()) is None:
            pass
        return answer

    def take(self) -> bytes | None:
        """Read what is there; the answer once it is whole."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the connection was closed")
        self._held += data
        head, gap, body = self._held.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not gap or len(body) < (int(length[1]) if length else 0):
            return None
        answer, self._held = self._held, b""
        return answer

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


class Storm:
    """Sessions made for one user each, over many connections at once."""

    def __init__(
        self, address: str, connections: int, total: int, until: int | None = None
    ) -> None:
        self._address = address
        self._connections = connections
        self._total = total
        self._until = total if until is None else until
        """How many answers are waited for; fewer than asked for leave it in the middle."""
        self._numbers = count()
        self._asked: dict[Client, str] = {}
        self.answered: set[str] = set()
        self.altered = 0
        self.seconds = 0.0

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.answered) / self.seconds

    def run(self) -> "Storm":
        """Ask until every answer that is waited for is there."""
        began = time.perf_counter()
        with selectors.DefaultSelector() as selector:
            for _ in range(self._connections):
                client = Client(self._address)
                selector.register(client.socket, selectors.EVENT_READ, client)
                self._ask(client)
            while len(self.answered) + self.altered < self._until:
                for key, _events in selector.select(timeout=10):
                    self._take(key.data)
        self.seconds = time.perf_counter() - began
        if self._until == self._total:
            for client in self._asked:
                client.close()
        return self

    def _ask(self, client: Client) -> None:
        number = next(self._numbers)
        if number >= self._total:
            return
        user = f"user-{number}"
        self._asked[client] = user
        body = json.dumps(
            {
                "userId": user,
                "userDataInJWT": {},
                "userDataInDatabase": {},
                "enableAntiCsrf": False,
            }
        )
        client.socket.sendall(request("POST", "/recipe/session", body.encode(), _HEADERS))

    def _take(self, client: Client) -> None:
        answer = client.take()
        if answer is None:
            return
        user = self._asked[client]
        head, _, body = answer.partition(b"\r\n\r\n")
        is_right = head.startswith(b"HTTP/1.1 200")
        if is_right and json.loads(body)["session"]["userId"] == user:
            self.answered.add(user)
        else:
            self.altered += 1
        self._ask(client)
