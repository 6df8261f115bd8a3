"""Measures what a recorder adds to a request, and whether it loses one under load.

    cd tests && python -m bench.bench_record [REQUESTS] [FOLDER]

In front of an embedded core and, where the official SDK is installed, of a FastAPI backend: the
median of a request straight and through the recorder, in turns, one at a time. Then REQUESTS
(100,000 unless told) over 64 connections: each makes a session for a user of its own, and each must
come back, and stand in the recording, exactly once. The recording is explained. A recorder that is
killed with -9 under the same load leaves a file that can be read, with all that was answered.
"""

import json
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from bench.load import request
from bench.record_load import Client, Storm
from programs import serving
from stctl.traces.model import Damage, Entry
from stctl.traces.readers import open_trace

_BAR_MS = 1.0
_CONNECTIONS = 64
_ROUNDS = 40
_IN_A_ROUND = 25
_TESTS = Path(__file__).parents[1]
_CORE = ("core", "start", "--foreground", "--port", "0", "--db", ":memory:")
_LIMIT_S = 30.0
_ADDRESS = re.compile(r"^(?:Recording )?(http://127\.0\.0\.1:\d+)", re.MULTILINE)


def main() -> None:
    """Print what was found; end with 1 when a bar was missed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as made:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(made)
        bench = Bench(folder)
        with serving([*_stctl(), *_CORE]) as core:
            bench.medians_of_core(core)
            if find_spec("supertokens_python"):
                bench.medians_of_app(core)
            bench.storm(core, count)
            bench.kill(core, count // 10)
    say("all good" if not bench.failures else f"MISSED: {'; '.join(bench.failures)}")
    sys.exit(1 if bench.failures else 0)  # noqa: TID251 - a script of its own


class Bench:
    """Recordings in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.failures: list[str] = []

    def medians_of_core(self, core: str) -> None:
        """One request at a time to the core."""
        body = json.dumps({"userId": "u", "enableAntiCsrf": False}).encode()
        body = body[:-1] + b', "userDataInJWT": {}, "userDataInDatabase": {}}'
        headers = {"cdi-version": "5.4", "content-type": "application/json; charset=utf-8"}
        calls = {
            "hello": request("GET", "/hello"),
            "create": request("POST", "/recipe/session", body, headers),
        }
        for options in (["-q"], []):
            with self._recorder([core], options) as ((recorder,), _file):
                for name, call in calls.items():
                    shows = "not shown" if options else "shown live"
                    self._compare(f"core, {name}, {shows}", core, recorder, call)

    def medians_of_app(self, core: str) -> None:
        """One request at a time to a backend, recorded on both sides."""
        program = [sys.executable, "-m", "e2e.witnesses.fastapi_app", "--handlers", "default"]
        log = ["--log", str(self._folder / "fired.ndjson")]
        with self._recorder([core], ["-q", "--side", "core"]) as ((to_core,), _):
            places = ([*program, "--core", core, *log], [*program, "--core", to_core, *log])
            with serving(places[0], _TESTS) as plain, serving(places[1], _TESTS) as watched:
                for options in (["-q"], []):
                    with self._recorder([watched], options) as ((recorder,), _file):
                        shows = "not shown" if options else "shown live"
                        one, two = (f"app, {kind}, {shows}" for kind in ("no core", "core"))
                        self._app(one, plain, recorder, "/protected", hops=1)
                        self._app(two, plain, recorder, "/protected-db", hops=2)

    def _app(self, title: str, straight: str, through: str, path: str, *, hops: int) -> None:
        client = Client(straight)
        mode = {"st-auth-mode": "cookie"}
        answer = client.ask(request("POST", "/login?user=u", headers=mode))
        client.close()
        cookie = b"; ".join(re.findall(rb"set-cookie: ([^;]+)", answer)).decode()
        call = request("GET", path, headers={**mode, "cookie": cookie})
        self._compare(title, straight, through, call, hops=hops)

    def _compare(
        self, title: str, straight: str, through: str, call: bytes, *, hops: int = 1
    ) -> None:
        """In turns, so that whatever else the machine does befalls both.

        `hops` is how many recorded requests there are: a browser's, and a call to the core.
        """
        clients = Client(straight), Client(through)
        took: tuple[list[float], list[float]] = ([], [])
        for _ in range(_ROUNDS):
            for client, times in zip(clients, took, strict=True):
                client.ask(call)
                for _ in range(_IN_A_ROUND):
                    began = time.perf_counter()
                    answer = client.ask(call)
                    times.append((time.perf_counter() - began) * 1000)
                    if not answer.startswith(b"HTTP/1.1 200"):
                        raise RuntimeError(answer.decode("latin-1"))
        plain, recorded = (statistics.median(times) for times in took)
        added = recorded - plain
        say(
            f"{title}: {plain:.2f} ms straight, {recorded:.2f} ms recorded, {added:+.2f} ms, "
            f"bar {hops}"
        )
        if added > _BAR_MS * hops:
            self.failures.append(f"{title} adds {added:.2f} ms")

    def storm(self, core: str, count: int) -> None:
        """Many requests over many connections, all of them recorded."""
        straight = Storm(core, _CONNECTIONS, count // 10).run()
        say(f"{count // 10:,} straight: {straight.per_second:,.0f}/s")
        with self._recorder([core], ["-q"]) as ((recorder,), file):
            storm = Storm(recorder, _CONNECTIONS, count).run()
        say(f"{count:,} recorded: {storm.per_second:,.0f}/s, {storm.altered} altered or failed")
        users = Counter(_users(file))
        say(f"  in the file: {users.total():,} exchanges, of {len(users):,} users")
        if storm.altered or not users.total() == len(users) == count:
            self.failures.append("requests were lost or altered")
        self._explain(file)

    def _explain(self, file: Path) -> None:
        began = time.perf_counter()
        done = subprocess.run(  # noqa: S603 - our own command
            [*_stctl(), "explain", str(file), "-o", "ndjson"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        took = time.perf_counter() - began
        say(f"  explained in {took:.0f} s, status {done.returncode} {done.stderr.decode()}")
        if done.returncode:
            self.failures.append("the recording was not explained without complaint")

    def kill(self, core: str, count: int) -> None:
        """The recorder is killed in the middle of a storm."""
        for name in ("killed.ndjson", "killed.har"):
            with self._recorder([core], ["-q"], name, kills=True) as ((recorder,), file):
                storm = Storm(recorder, _CONNECTIONS, count, until=count // 2).run()
            missing = storm.answered - set(_users(file))
            say(f"killed after {len(storm.answered):,} answers, {len(missing)} not in {name}")
            # An answer is passed on a moment before it is written.
            if len(missing) > 1:
                self.failures.append(f"{len(missing)} answers lost in {name}")

    @contextmanager
    def _recorder(
        self,
        targets: Sequence[str],
        options: Sequence[str],
        name: str = "recording.ndjson",
        *,
        kills: bool = False,
    ) -> Iterator[tuple[list[str], Path]]:
        """A recorder in a process of its own, ended in an orderly way unless it is to be killed."""
        file, said = self._folder / name, self._folder / "said.txt"
        to = [part for target in targets for part in ("--to", target)]
        command = [*_stctl(), "record", *to, "-o", str(file), "--force", *options]
        with said.open("wb") as out:
            process = subprocess.Popen(command, stdout=out)  # noqa: S603 - our own command
        try:
            yield _addresses(said, len(targets)), file
        finally:
            process.send_signal(signal.SIGKILL if kills else signal.SIGTERM)
            process.wait(_LIMIT_S)


def _addresses(said: Path, count: int) -> list[str]:
    until = time.monotonic() + _LIMIT_S
    while time.monotonic() < until:
        found = re.findall(
            r"^(?:Recording )?(http://127\.0\.0\.1:\d+)", said.read_text(), re.MULTILINE
        )
        if len(found) == count:
            return found
        time.sleep(0.01)
    raise RuntimeError("the recorder does not listen")


def _users(file: Path) -> Iterator[str]:
    """Of every answered exchange in a recording the user, who stands in the request and the answer.

    Raises RuntimeError where the two differ, or a part cannot be read.
    """
    with open_trace(str(file), stdin=BytesIO()) as trace:
        for item in trace:
            if isinstance(item, Damage):
                raise RuntimeError(f"{file}: {item.sentence()}")  # noqa: TRY004 - not its type
            if not isinstance(item, Entry) or item.exchange.response is None:
                continue
            user = json.loads(item.exchange.request.body)["userId"]
            if json.loads(item.exchange.response.body)["session"]["userId"] != user:
                raise RuntimeError(f"{user} is answered with another")
            yield str(user)


def _stctl() -> list[str]:
    return [sys.executable, "-m", "stctl"]


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
