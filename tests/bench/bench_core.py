"""Measures an embedded core: create, refresh, verify and hello per second.

    cd tests && python -m bench.bench_core [SECONDS] [FILE]

The core is served by a process of its own and this one loads it. Beside its rates stand the rate
of bare RSA-2048 signatures in one process, and that of a do-nothing handler on the same server.
FILE is the database; without it the core works in memory.
"""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.load import Outcome, Reply, Talk, measure, repeat, request

_CONNECTIONS = (1, 16, 64)
_SEED_COUNT = 64
_CREATE_BAR = 0.6
_VERIFY_BAR = 0.5
_START_BAR_S = 0.5
_REFRESH_TOKEN = re.compile(rb'"refreshToken":\{"token":"([^"]+)"')


def _call(cdi: str, path: str, **fields: object) -> bytes:
    headers = {"cdi-version": cdi, "content-type": "application/json; charset=utf-8"}
    return request("POST", path, json.dumps(fields).encode(), headers)


def _create(cdi: str, number: int) -> bytes:
    return _call(
        cdi,
        "/recipe/session",
        userId=f"user-{number}",
        userDataInJWT={"role": "admin"},
        userDataInDatabase={},
        enableAntiCsrf=False,
        useDynamicSigningKey=True,
    )


def _refresh(cdi: str, token: str) -> bytes:
    return _call(
        cdi,
        "/recipe/session/refresh",
        refreshToken=token,
        enableAntiCsrf=False,
        useDynamicSigningKey=True,
    )


def _rotating(number: int) -> Talk:
    """Refreshes of one session at CDI 5.6, each with the token that the last one gave."""
    reply = yield _create("5.6", number)
    while True:
        found = _REFRESH_TOKEN.search(reply.body)
        if found is None:
            raise RuntimeError(reply.body.decode())
        reply = yield _refresh("5.6", found[1].decode())


def _minting(number: int) -> Talk:
    """Refreshes of one session at CDI 5.4 with the same token: a child each, the row unchanged."""
    reply = yield _create("5.4", number)
    again = _refresh("5.4", json.loads(reply.body)["refreshToken"]["token"])
    yield from repeat(again)


def _verifying(cdi: str, *, check_database: bool) -> Callable[[int], Talk]:
    def talk(number: int) -> Talk:
        reply: Reply = yield _create(cdi, number)
        again = _call(
            cdi,
            "/recipe/session/verify",
            accessToken=json.loads(reply.body)["accessToken"]["token"],
            enableAntiCsrf=False,
            doAntiCsrfCheck=False,
            checkDatabase=check_database,
        )
        yield from repeat(again)

    return talk


@dataclass(frozen=True, slots=True)
class _Row:
    title: str
    talk: Callable[[int], Talk]
    bar: float
    """The least share of its yardstick: signatures for what signs, else doing nothing."""
    signs: bool


_HELLO = _Row("hello", lambda _: repeat(request("GET", "/hello")), 0.0, signs=False)
_ROWS = (
    _HELLO,
    _Row("create 5.6", lambda n: repeat(_create("5.6", n)), _CREATE_BAR, signs=True),
    _Row("refresh 5.4", _minting, _CREATE_BAR, signs=True),
    _Row("refresh 5.6", _rotating, _CREATE_BAR, signs=True),
    _Row("verify 5.4", _verifying("5.4", check_database=False), _VERIFY_BAR, signs=False),
    _Row("verify 5.6", _verifying("5.6", check_database=False), _VERIFY_BAR, signs=False),
    _Row("verify 5.6, database", _verifying("5.6", check_database=True), 0.0, signs=False),
)


def main() -> None:
    """Print the rates; end with 1 when one is below its bar or an answer was not 200."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    database = sys.argv[2] if len(sys.argv) > 2 else ":memory:"
    signatures = _signatures_per_second(seconds)
    say(f"bare RSA-2048 signatures, one process: {signatures:.0f}/s")
    nothing = {}
    with _Served(_nothing_command) as port:
        for connections in _CONNECTIONS:
            found = measure(port, _HELLO.talk, connections, seconds)
            nothing[connections] = found.per_second
            say(_line("do nothing", connections, found, ""))
    good = True
    with _Served(lambda port: _core_command(port, database)) as port:
        for row in _ROWS:
            for connections in _CONNECTIONS:
                found = measure(port, row.talk, connections, seconds)
                yardstick = signatures if row.signs else nothing[connections]
                share = found.per_second / yardstick
                good = good and share >= row.bar and not found.failures
                say(_line(row.title, connections, found, _verdict(row, share)))
    sys.exit(0 if good else 1)  # noqa: TID251 - a script of its own


def _verdict(row: _Row, share: float) -> str:
    yardstick = "signatures" if row.signs else "nothing"
    bar = f", bar {row.bar:.0%}" if row.bar else ""
    return f"{share:4.0%} of {yardstick}{bar}{'' if share >= row.bar else '  MISSED'}"


def _line(title: str, connections: int, found: Outcome, verdict: str) -> str:
    rates = f"{found.per_second:8.0f}/s  p50 {found.percentile_ms(0.5):6.2f} ms"
    failures = f"  {found.failures} NOT 200" if found.failures else ""
    return (
        f"{title:21} {connections:3} conn {rates}  p99 {found.percentile_ms(0.99):6.2f} ms"
        f"{failures}  {verdict}".rstrip()
    )


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _signatures_per_second(seconds: float) -> float:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    key = rsa.generate_private_key(65537, 2048)
    scheme, digest, count = padding.PKCS1v15(), hashes.SHA256(), 0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        key.sign(b"x" * 600, scheme, digest)
        count += 1
    return count / seconds


class _Served:
    """A server in a process of its own; says how long it took to its first answer."""

    def __init__(self, command: Callable[[int], list[str]]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        began = time.perf_counter()
        here = Path(__file__).parent.parent
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            self._command(port), cwd=here, stdout=subprocess.DEVNULL
        )
        while not _answers(port):
            if self._process.poll() is not None:
                raise RuntimeError("the server ended at once")
            time.sleep(0.005)
        took = time.perf_counter() - began
        say(f"start to first answer: {took * 1000:.0f} ms (bar {_START_BAR_S * 1000:.0f} ms)")
        return port

    def __exit__(self, *_problem: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as one:
            one.sendall(request("GET", "/hello"))
            return one.recv(100).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def _nothing_command(port: int) -> list[str]:
    return [sys.executable, "-m", "bench.nothing", str(port)]


def _core_command(port: int, database: str) -> list[str]:
    place = ["--host", "127.0.0.1", "--port", str(port), "--db", database]
    return [sys.executable, "-m", "stctl", "core", "start", "--foreground", *place]


if __name__ == "__main__":
    main()
