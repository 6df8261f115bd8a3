"""A recorder as a process of its own: in front of official SDKs, and ended in every way."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import httpx
import pytest

from explained import explained
from generator.completions import installed_stctl
from loopback import Answer, Asked, serving
from programs import serving as program_serving
from sdk_apps import FASTAPI, Browser, backend
from stctl.traces.model import Entry, Peer
from stctl.traces.readers import open_trace
from trace_help import parted

LIMIT_S = 30
ADDRESS = re.compile(r"^(?:Recording )?(http://127\.0\.0\.1:\d+)", re.MULTILINE)
CORE = ("core", "start", "--foreground", "--host", "127.0.0.1", "--port", "0", "--db", ":memory:")


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorder that runs."""

    process: "subprocess.Popen[bytes]"
    said: Path
    file: Path

    def addresses(self, count: int) -> list[str]:
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until:
            found = ADDRESS.findall(self.said.read_text("utf-8"))
            if len(found) == count:
                return found
            time.sleep(0.01)
        raise AssertionError(self.said.read_text("utf-8"))

    def end(self, how: signal.Signals) -> str:
        """End it; all that it said."""
        self.process.send_signal(how)
        self.process.wait(LIMIT_S)
        return self.said.read_text("utf-8")

    def entries(self) -> list[Entry]:
        return entries_of(self.file)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def entries_of(file: Path) -> list[Entry]:
    """What stctl itself reads of a recording, in which nothing may be damaged."""
    with open_trace(str(file), stdin=sys.stdin.buffer) as trace:
        entries, damage = parted(trace)
    assert damage == []
    return entries


@contextmanager
def recorder(folder: Path, *options: str, name: str = "t.ndjson") -> Iterator[Recording]:
    file, said = folder / name, folder / "said.txt"
    command = [installed_stctl(), "record", "-o", str(file), *options]
    with said.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield Recording(process, said, file)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(LIMIT_S)


def echo(asked: Asked) -> Answer:
    return Answer(200, (("x-path", asked.path),), asked.path)


def ask_until_cut_off(address: str, number: int, first: Event) -> list[str]:
    """The paths that were answered until the recorder was gone."""
    answered: list[str] = []
    connection = HTTPConnection(urlsplit(address).netloc, timeout=LIMIT_S)
    with suppress(OSError, HTTPException):
        while True:
            path = f"/{number}/{len(answered)}"
            connection.request("GET", path)
            assert connection.getresponse().read().decode() == path
            answered.append(path)
            first.set()
    connection.close()
    return answered


@pytest.mark.parametrize("name", ["t.ndjson", "t.har"])
@pytest.mark.parametrize("round_", range(3))
def test_a_recorder_that_is_killed_leaves_what_was_answered(
    name: str, round_: int, tmp_path: Path
) -> None:
    del round_
    with serving(echo) as port, ThreadPoolExecutor(8) as pool:
        target = ("--to", f"http://127.0.0.1:{port}", "-q")
        with recorder(tmp_path, *target, name=name) as recording:
            (address,) = recording.addresses(1)
            signs = [Event() for _ in range(8)]
            running = [
                pool.submit(ask_until_cut_off, address, number, sign)
                for number, sign in enumerate(signs)
            ]
            assert all(sign.wait(LIMIT_S) for sign in signs)
            recording.end(signal.SIGKILL)
            answered = {path for one in running for path in one.result(LIMIT_S)}
    written = {entry.exchange.request.path for entry in recording.entries()}
    # An answer is passed on a moment before it is written down.
    assert len(answered - written) <= 1
    if name.endswith(".har"):
        assert json.loads(recording.file.read_bytes())["log"]["version"] == "1.2"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_recorder_well_with_a_summary(how: signal.Signals, tmp_path: Path) -> None:
    with (
        serving(echo) as port,
        recorder(tmp_path, "--to", f"http://127.0.0.1:{port}") as recording,
    ):
        (address,) = recording.addresses(1)
        assert httpx.get(f"{address}/a").text == "/a"
        said = recording.end(how)
    assert recording.process.returncode == 0
    assert f"1 exchange in {recording.file}" in said
    assert "GET /a" in said


def wait_for(found: Callable[[], bool]) -> bool:
    until = time.monotonic() + LIMIT_S
    while not found() and time.monotonic() < until:
        time.sleep(0.05)
    return found()


@pytest.mark.parametrize("framework", FASTAPI)
def test_both_sides_of_an_official_sdk_are_recorded_and_explained(
    framework: str, tmp_path: Path
) -> None:
    port = free_port()
    with (
        program_serving([installed_stctl(), *CORE]) as core,
        recorder(
            tmp_path,
            *("--to", f"http://127.0.0.1:{port}", "--side", "browser"),
            *("--to", core, "--side", "core"),
        ) as recording,
    ):
        to_app, to_core = recording.addresses(2)
        log = tmp_path / "fired.ndjson"
        with (
            backend(framework, "default", "--port", str(port), core=to_core, log=log),
            httpx.Client(base_url=to_app) as client,
        ):
            browser = Browser(client=client)
            browser.log_in("alice")
            thief = browser.copy()
            assert browser.refresh().status_code == 200
            assert browser.send("GET", "/protected").status_code == 200
            assert thief.refresh().status_code == 401
        assert wait_for(lambda: "TOKEN_THEFT_DETECTED" in recording.said.read_text("utf-8"))
        said = recording.end(signal.SIGINT)
    entries = recording.entries()
    assert {entry.peer for entry in entries} == {Peer.BROWSER_BACKEND, Peer.BACKEND_CORE}
    told = explained(entries)
    assert [one.error for one in told] == [None, None, None, "TOKEN_THEFT_DETECTED"]
    assert [call.path for call in told[-1].core_calls] == [
        "/recipe/session/refresh",
        "/recipe/session/remove",
    ]
    assert [one.alternatives for one in told] == [()] * 4
    assert "1 TOKEN_THEFT_DETECTED" in said
    text = recording.file.read_text("utf-8")
    for token in (*thief.tokens.values(), *browser.tokens.values()):
        assert token.rpartition(".")[2] not in text.replace("V2", "")


@pytest.mark.parametrize("framework", FASTAPI)
def test_an_app_started_by_the_recorder_talks_to_its_core_through_it(
    framework: str, tmp_path: Path
) -> None:
    port = free_port()
    app = [sys.executable, "-m", f"e2e.witnesses.{framework}_app", "--core", "{recorder}"]
    app += ["--handlers", "default", "--log", str(tmp_path / "l"), "--port", str(port)]
    with (
        program_serving([installed_stctl(), *CORE]) as core,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
        with (
            recorder(tmp_path, "--to", core, "--", *app) as recording,
            httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
        ):
            assert wait_for(lambda: f"127.0.0.1:{port}" in recording.said.read_text("utf-8"))
            Browser(client=client).log_in("bob")
            recording.end(signal.SIGTERM)
    paths = [entry.exchange.request.path for entry in recording.entries()]
    assert "/public/recipe/session" in paths
    assert recording.process.returncode in {0, 128 + signal.SIGTERM}
