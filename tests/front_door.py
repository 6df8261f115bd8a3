"""One origin for a page and a backend: serves the page, and hands everything else on."""

import http.client
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_House"

    def do_GET(self) -> None:
        page = self.server.pages.get(urlsplit(self.path).path)
        if page is None:
            self._hand_on()
            return
        kind, content = page
        self._answer(200, [("content-type", kind)], content)

    def do_POST(self) -> None:
        self._hand_on()

    def _hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        connection = http.client.HTTPConnection(self.server.backend, timeout=30)
        try:
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            self._answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def _answer(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _House(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, backend: str, pages: Mapping[str, tuple[str, bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.backend = urlsplit(backend).netloc
        self.pages = pages


@contextmanager
def front_door(backend: str, pages: Mapping[str, tuple[str, bytes]]) -> Iterator[str]:
    """Serve `pages` (type and content by path) in front of a backend; gives the address."""
    with _House(backend, pages) as house:
        thread = Thread(target=house.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{house.server_port}"
        finally:
            house.shutdown()
            thread.join()
