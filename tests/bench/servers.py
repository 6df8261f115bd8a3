"""Measures the server packages that could serve an embedded core.

    cd tests && python -m bench.servers [SECONDS]

Every package that is installed serves the same do-nothing handler in a process of its own.
"""

import contextlib
import importlib
import importlib.util
import logging
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench.load import measure, repeat, request

_BODY = b"Hello\n"
_TYPE = "text/html;charset=UTF-8"
_STARTS = 5
_HEAD = """\
| package | start | 1 conn: req/s | p50 | p99 | 16 conn: req/s | p50 | p99 | stop |
|---|---|---|---|---|---|---|---|---|
"""


def nothing(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """A WSGI application that reads the body and says Hello."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("Content-Type", _TYPE), ("Content-Length", str(len(_BODY)))])
    return [_BODY]


async def nothing_async(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The same for ASGI; like a core that blocks, it does its work in the thread of the loop."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", _TYPE.encode()), (b"content-length", b"%d" % len(_BODY))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _BODY})


def _waitress(port: int) -> None:
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    importlib.import_module("waitress").serve(nothing, host="127.0.0.1", port=port, threads=10)


def _cheroot(port: int) -> None:
    server = importlib.import_module("cheroot.wsgi").Server
    # It closes idle connections beyond ten unless it is told otherwise.
    server.keep_alive_conn_limit = 1000
    server(("127.0.0.1", port), nothing, numthreads=10).safe_start()


def _uvicorn(port: int) -> None:
    importlib.import_module("uvicorn").run(
        nothing_async, host="127.0.0.1", port=port, log_level="error", lifespan="off", http="h11"
    )


def _granian(port: int) -> None:
    # It imports the application by its name, in a process of its own.
    importlib.import_module("granian").Granian(
        "bench.servers:nothing",
        address="127.0.0.1",
        port=port,
        interface="wsgi",
        log_enabled=False,
        # A signal that comes at the moment when the worker begins to wait is lost on it.
        workers_kill_timeout=1,
    ).serve()


SERVERS = {
    "waitress": _waitress,
    "cheroot": _cheroot,
    "uvicorn": _uvicorn,
    "granian": _granian,
}


def main() -> None:
    """Print one line for every package."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    sys.stdout.write(_HEAD)
    for name in SERVERS:
        if importlib.util.find_spec(name) is not None:
            sys.stdout.write(_line(name, seconds) + "\n")
            sys.stdout.flush()


def _line(name: str, seconds: float) -> str:
    starts = []
    for _ in range(_STARTS - 1):
        took, _port, process = _started(name)
        starts.append(took)
        _stopped(process)
    took, port, process = _started(name)
    cells = [name, f"{statistics.median([*starts, took]) * 1000:.0f} ms"]
    for connections in (1, 16):
        found = measure(port, lambda _: repeat(request("GET", "/hello")), connections, seconds)
        if found.failures:
            raise RuntimeError(f"{name} failed {found.failures} times")
        cells += [f"{found.per_second:.0f}"]
        cells += [f"{found.percentile_ms(share):.2f} ms" for share in (0.5, 0.99)]
    cells.append(f"{_stopped(process) * 1000:.0f} ms")
    return f"| {' | '.join(cells)} |"


def _started(name: str) -> tuple[float, int, subprocess.Popen[bytes]]:
    """Start a server; return how long its first answer took, its port and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    began = time.perf_counter()
    command = [sys.executable, "-m", "bench.servers", "serve", name, str(port)]
    process = subprocess.Popen(command, cwd=Path(__file__).parent.parent)  # noqa: S603 - our own
    while not _answers(port):
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended at once")
        time.sleep(0.002)
    return time.perf_counter() - began, port, process


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as one:
        one.sendall(request("GET", "/hello"))
        return one.recv(100).startswith(b"HTTP/1.1 200")
    return False


def _stopped(process: subprocess.Popen[bytes]) -> float:
    began = time.perf_counter()
    process.terminate()
    process.wait(10)
    return time.perf_counter() - began


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        SERVERS[sys.argv[2]](int(sys.argv[3]))
    else:
        main()
