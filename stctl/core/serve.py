"""The embedded core on a port, served by granian.

Granian reads and writes sockets in threads that know nothing of Python, in a process of its own,
and calls the core from a few Python threads there. The process that calls `serve` waits for it and
ends it; when that process dies, however suddenly, the serving one goes with it.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from http import HTTPStatus
from threading import Thread, main_thread
from typing import Any, Final, Protocol, TypeAlias
from urllib.parse import parse_qsl

from stctl.core.probe import NoAnswerError, identity_at
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Pairs, Request, Response

_Environ: TypeAlias = Mapping[str, Any]  # a WSGI environment holds text, streams and flags
_StartResponse: TypeAlias = Callable[[str, list[tuple[str, str]]], object]
_Application: TypeAlias = Callable[[_Environ, _StartResponse], Iterable[bytes]]

_REASONS: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_BACKLOG: Final = 1024
_LONGEST_FAREWELL_S: Final = 5
_READY_POLL_S: Final = 0.005
_READY_LIMIT_S: Final = 10.0
_SETTLED_AFTER_S: Final = 0.1


class Served(Protocol):
    """What is served: it answers from several threads at once, until it is closed."""

    def answer(self, request: Request) -> Response:
        """Return the answer to a request."""
        ...

    def close(self) -> None:
        """Let go of everything; called once, when serving has ended in an orderly way."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What to serve and where. Everything in it must survive pickling."""

    opened: Callable[[], Served]
    """Opens what is served, in the process that serves."""
    address: str
    """An IP address as a number."""
    port: int
    threads: int
    """How many threads may call what is served; more than the machine has cores slow it down."""
    identity: str
    """The `Server` header of every answer."""
    on_ready: Callable[[], None]
    """Called in the process that serves, once the port answers."""


def serve(serving: Serving) -> None:
    """Serve until this process is asked to end by SIGTERM or Ctrl-C, then finish what was begun.

    To be called in the main thread. Raises StctlError (cannot-listen) when the serving process
    ends by itself.
    """
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces

    server = Granian(
        "stctl",
        address=serving.address,
        port=serving.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        blocking_threads=serving.threads,
        backlog=_BACKLOG,
        log_enabled=False,
        workers_kill_timeout=_LONGEST_FAREWELL_S,
    )
    try:
        server.serve(target_loader=partial(_application_of, serving), wrap_loader=False)
    except SystemExit:
        raise StctlError(
            ErrorKind.CANNOT_LISTEN,
            f"The core on {serving.address} port {serving.port} ended by itself.",
            hint="What it said last stands above, or in its log.",
        ) from None


def free_place(host: str, port: int) -> tuple[str, int]:
    """Return the numeric address and the port to listen on; for port 0 a port that is free now.

    IPv4 goes before IPv6. Raises StctlError (cannot-listen) when the host is unknown, the port is
    taken, or this user may not have it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _name, address = min(
            found, key=lambda one: one[0] != socket.AF_INET
        )
        with socket.socket(family, kind, protocol) as probe:
            if sys.platform != "win32":  # there it would let us bind to a port that is taken
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            name = probe.getsockname()
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise StctlError(
            ErrorKind.CANNOT_LISTEN, f"Cannot listen on {host} port {port}: {reason}."
        ) from None
    return str(name[0]), int(name[1])


def threads_for(pool_size: int) -> int:
    """Return how many threads serve best: one per core of the machine and one more, at most."""
    return max(1, min(pool_size, (os.cpu_count() or 1) + 1))


def _application_of(serving: Serving) -> _Application:
    """Open what is served, in the serving process, and return it as a WSGI application."""
    from multiprocessing.util import Finalize

    served = serving.opened()
    Finalize(None, served.close, exitpriority=0)
    _make_main_thread_wakeable()
    Thread(target=_end_with_parent, daemon=True).start()
    Thread(target=_announce, args=(serving,), daemon=True).start()
    return _application(served.answer, serving.identity)


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def _announce(serving: Serving) -> None:
    until = time.monotonic() + _READY_LIMIT_S
    while time.monotonic() < until:
        with suppress(NoAnswerError):
            if identity_at(serving.address, serving.port) == serving.identity:
                serving.on_ready()
                time.sleep(_SETTLED_AFTER_S)
                _wake_main_thread()
                return
        time.sleep(_READY_POLL_S)


def _make_main_thread_wakeable() -> None:
    """Let `_wake_main_thread` work; to be called in the main thread.

    Python acts on a signal in its main thread. One that comes when that thread is about to wait,
    and is kept from it by another thread, is seen only when the waiting ends, and granian's ends
    with the signal. A core that is stopped right after its start would hang so.
    """
    if hasattr(signal, "SIGURG"):
        signal.signal(signal.SIGURG, lambda *_: None)


def _wake_main_thread() -> None:
    ident = main_thread().ident
    if hasattr(signal, "SIGURG") and ident is not None:
        signal.pthread_kill(ident, signal.SIGURG)


def _application(answer: Callable[[Request], Response], identity: str) -> _Application:
    server = ("Server", identity)

    def application(environ: _Environ, start_response: _StartResponse) -> Iterable[bytes]:
        response = answer(_request(environ))
        length = ("Content-Length", str(len(response.body)))
        start_response(_REASONS[response.status], [*response.headers, length, server])
        return (response.body,)

    return application


def _request(environ: _Environ) -> Request:
    path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
    has_body = "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ
    return Request(
        method=environ["REQUEST_METHOD"],
        path=path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace"),
        query=parse_qsl(query, keep_blank_values=True, errors="replace") if query else (),
        headers=_headers(environ),
        body=environ["wsgi.input"].read() if has_body else b"",
        host=_host_name(environ.get("HTTP_HOST", "")),
        remote_address=environ["REMOTE_ADDR"],
    )


def _headers(environ: _Environ) -> Pairs:
    """The headers of a request; repeated ones have become one, with commas between."""
    return [
        (_header_name(key), value)
        for key, value in environ.items()
        if key.startswith(("HTTP_", "CONTENT_"))
    ]


@lru_cache(maxsize=512)
def _header_name(key: str) -> str:
    return key.removeprefix("HTTP_").replace("_", "-").lower()


@lru_cache(maxsize=512)
def _host_name(host: str) -> str:
    """Return a `Host` header without its port and without the brackets of an IPv6 address.

    >>> _host_name("[::1]:3567"), _host_name("localhost:3567"), _host_name("example.org")
    ('::1', 'localhost', 'example.org')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
