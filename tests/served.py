"""Embedded cores in processes of their own, as tests need them."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

START_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Started:
    """A core in the foreground of a process that the test holds."""

    process: "subprocess.Popen[str]"
    facts: Mapping[str, Any]
    """What it said when it was ready, in JSON."""

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return int(self.facts["port"])

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        """The answer to one request on a connection of its own."""
        return ask(self.port, method, path, body, **headers)

    def create(self, user_id: str, cdi: str = "5.6") -> Any:
        """A new session."""
        body = {"userId": user_id, "userDataInJWT": {}, "userDataInDatabase": {}}
        reply = self.ask(
            "POST", "/recipe/session", {**body, "enableAntiCsrf": False}, cdi_version=cdi
        )
        assert reply.status == 200, reply.body
        return reply.json

    def refresh(self, token: str, cdi: str = "5.6") -> Any:
        """The answer to a refresh."""
        body = {"refreshToken": token, "enableAntiCsrf": False, "useDynamicSigningKey": True}
        reply = self.ask("POST", "/recipe/session/refresh", body, cdi_version=cdi)
        assert reply.status == 200, reply.body
        return reply.json


def ask(port: int, method: str, path: str, body: object = None, **headers: str) -> Reply:
    """The answer to one request; underscores in the names of headers become hyphens."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        fields.setdefault("content-type", "application/json; charset=utf-8")
    payload = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    try:
        connection.request(method, path, payload, fields)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, found, response.read())
    finally:
        connection.close()


def command(*arguments: str) -> list[str]:
    """The command line in a process of its own."""
    return [sys.executable, "-m", "stctl", *arguments]


@contextmanager
def core_in_foreground(*arguments: str, db: Path | None = None) -> Iterator[Started]:
    """A core on a free port, ready; it is killed at the end if it still runs."""
    place = ["--port", "0", "--db", str(db) if db else ":memory:"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        command("core", "start", "--foreground", "--json", *place, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Started(process, _ready(process))
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _ready(process: "subprocess.Popen[str]") -> Mapping[str, Any]:
    """What the core says when it answers; AssertionError with its error when it ends before."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if line == "}\n":
            facts: Mapping[str, Any] = json.loads(said)
            return facts
    raise AssertionError(f"it ended: {process.communicate()[1]}")


def ended(process: "subprocess.Popen[str]") -> int:
    """The exit status of a process that is about to end."""
    return process.wait(timeout=START_LIMIT_S)


def kill_9(process: "subprocess.Popen[str]") -> None:
    """End a process as suddenly as can be, and wait until nobody listens at its port."""
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=START_LIMIT_S)


def wait_until_free(port: int) -> None:
    """Return once nobody listens at the port; AssertionError after a while."""
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.01)
    raise AssertionError(f"somebody still listens at port {port}")
