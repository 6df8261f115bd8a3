"""Measures work on the sessions of many users, whole and killed in the middle.

    cd tests && python -m bench.bench_fleet [USERS] [SESSIONS_EACH] [FOLDER]

Beside the rates of the commands stand those of bare loops of the same calls in this process. The
commands run in processes of their own; peak memory is the operating system's count for them, and
has the embedded core in it. The folder, some 700 MB at full size, is left as it is.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.fleet_store import copied, count_sessions, number_of, open_store, seed, user_id
from stctl.cdi.client import CdiClient
from stctl.cdi.transport import InProcessTransport

_MEMORY_BAR_MB = 120
_BARE_USERS = 5_000
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one process."""

    status: int
    seconds: float
    peak_mb: float


class Bench:
    """One folder with a store, and the commands that work on it."""

    def __init__(self, users: int, each: int, folder: Path) -> None:
        self._users, self._each, self._folder = users, each, folder
        self._seeded = folder / "seeded.sqlite3"
        self._environ = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
        self.failures: list[str] = []

    @property
    def total(self) -> int:
        """How many sessions there are."""
        return self._users * self._each

    def run(self) -> None:
        """Measure and check everything."""
        seed(self._seeded, self._users, self._each)
        say(
            f"{self._users:,} users, {self.total:,} sessions, {self._seeded.stat().st_size:,} bytes"
        )
        listing, ending = self._bare_list(), self._bare_revoke()
        self._list(listing)
        self._killed_list()
        self._revoke(ending)
        self._killed_revoke()

    def _bare_list(self) -> float:
        """Sessions per second of a loop that lists and looks up, one call after the other."""
        users = min(self._users, _BARE_USERS)
        with open_store(self._seeded) as core:
            client = CdiClient(InProcessTransport(core.answer), cdi="5.4")
            started = time.perf_counter()
            for number in range(users):
                for handle in client.handles_of_user(user_id(number)):
                    client.get_session(handle)
            rate = users * self._each / (time.perf_counter() - started)
        say(f"bare loop, list and look up   {rate:>10,.0f} sessions/s")
        return rate

    def _bare_revoke(self) -> float:
        """Sessions per second of a loop that lists handles of users, and ends them in batches."""
        file = copied(self._seeded, "bare.sqlite3")
        users = min(self._users, _BARE_USERS)
        with open_store(file) as core:
            client = CdiClient(InProcessTransport(core.answer), cdi="5.4")
            started = time.perf_counter()
            found: list[str] = []
            for number in range(users):
                found += client.handles_of_user(user_id(number))
            for start in range(0, len(found), _BATCH):
                client.revoke_handles(found[start : start + _BATCH])
            rate = len(found) / (time.perf_counter() - started)
        say(f"bare loop, list and revoke    {rate:>10,.0f} sessions/s")
        return rate

    def _list(self, bare: float) -> None:
        output = self._folder / "all.ndjson"
        ran = self._stctl(self._seeded, self._list_words(), output)
        self._tell("sessions list --all-users", ran, bare)
        self._check_list(output)

    def _killed_list(self) -> None:
        """Kill a list when it is half through, and resume it into the same file."""
        output = self._folder / "killed.ndjson"
        half = self._journal("list", "found.ndjson"), self._users // 2
        self._stctl(self._seeded, self._list_words(), output, kill_at=half)
        with output.open("rb") as written:
            lines = sum(1 for _ in written)
        self._stctl(self._seeded, [*self._list_words(), "--resume"], output, append=True)
        say(f"list killed with {lines:,} sessions written, then resumed")
        self._check_list(output)

    def _revoke(self, bare: float) -> None:
        file = copied(self._seeded, "ended.sqlite3")
        output = self._folder / "report.json"
        ran = self._stctl(file, self._revoke_words(), output)
        self._tell("sessions revoke --all-users", ran, bare)
        self._check_report(output, file, in_doubt=0)

    def _killed_revoke(self) -> None:
        """Kill a revocation while it counts and once more while it revokes, and resume it."""
        file = copied(self._seeded, "killed.sqlite3")
        output = self._folder / "killed.json"
        words = self._revoke_words()
        half = self._journal("revoke", "found.ndjson"), self._users // 2
        self._stctl(file, words, output, kill_at=half)
        untouched = count_sessions(file)
        self._check(untouched == self.total, f"{self.total - untouched} revoked while counting")
        half = self._journal("revoke", "done.ndjson"), self.total // _BATCH // 2
        self._stctl(file, [*words, "--resume"], output, kill_at=half)
        left = count_sessions(file)
        say(f"revoke killed while counting, then with {left:,} sessions left, then resumed")
        self._check(0 < left < self.total, f"it was killed too late: {left} left")
        self._stctl(file, [*words, "--resume"], output)
        self._check_report(output, file, in_doubt=_BATCH)

    def _list_words(self) -> list[str]:
        return ["sessions", "list", "--all-users", "-o", "ndjson"]

    def _revoke_words(self) -> list[str]:
        return ["sessions", "revoke", "--all-users", "--yes", "--json"]

    def _stctl(
        self,
        file: Path,
        words: Sequence[str],
        output: Path,
        *,
        append: bool = False,
        kill_at: tuple["Journal", int] | None = None,
    ) -> Ran:
        command = [sys.executable, "-m", "stctl", *words, "--db", str(file)]
        started = time.perf_counter()
        with (
            output.open("ab" if append else "wb") as out,
            (self._folder / "talk").open("wb") as err,
        ):
            process = subprocess.Popen(command, stdout=out, stderr=err, env=self._environ)  # noqa: S603 - our own
            if kill_at is not None:
                journal, lines = kill_at
                while process.poll() is None and journal.lines() < lines:
                    time.sleep(0.01)
                process.send_signal(signal.SIGKILL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        return Ran(process.returncode, time.perf_counter() - started, usage.ru_maxrss / 1024)

    def _tell(self, what: str, ran: Ran, bare: float) -> None:
        rate = self.total / ran.seconds
        say(
            f"{what:<29} {rate:>10,.0f} sessions/s, {rate / bare:.0%} of the bare loop, "
            f"{ran.seconds:.1f} s, peak {ran.peak_mb:.0f} MB"
        )
        self._check(ran.status == 0, f"{what}: exit status {ran.status}")
        self._check(ran.peak_mb < _MEMORY_BAR_MB, f"{what}: {ran.peak_mb:.0f} MB")

    def _check_list(self, output: Path) -> None:
        # Not a set of handles: memory of this process would be counted as its children's.
        seen = bytearray(self.total)
        with output.open(encoding="utf-8") as lines:
            for text in lines:
                place = number_of(json.loads(text)["handle"], self._each)
                seen[place] = min(seen[place] + 1, 2)
        twice, missing = seen.count(2), seen.count(0)
        self._check(not twice and not missing, f"list: {twice} twice, {missing} missing")

    def _check_report(self, output: Path, file: Path, *, in_doubt: int) -> None:
        report = json.loads(output.read_text("utf-8"))
        ended = report["revoked"] + report["already_gone"]
        left = count_sessions(file)
        self._check(ended == self.total and left == 0, f"revoke: {ended} ended, {left} left")
        # Of a batch whose answer the killed process never noted nobody can say who ended it.
        gone = report["already_gone"]
        self._check(gone <= in_doubt, f"revoke: {gone} were asked for twice")

    def _check(self, holds: bool, problem: str) -> None:
        if not holds:
            self.failures.append(problem)
            say(f"WRONG: {problem}")

    def _journal(self, kind: str, name: str) -> "Journal":
        return Journal(self._folder / "state/stctl/runs", f"{kind}-*/{name}")


class Journal:
    """A journal that another process writes, looked at from outside."""

    def __init__(self, runs: Path, pattern: str) -> None:
        self._runs, self._pattern = runs, pattern
        self._read = 0
        self._lines = 0

    def lines(self) -> int:
        """How many lines it has by now."""
        for path in self._runs.glob(self._pattern):
            with path.open("rb") as file:
                file.seek(self._read)
                content = file.read()
            self._read += len(content)
            self._lines += content.count(b"\n")
        return self._lines


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Return 1 when something is wrong."""
    users = int(arguments[0]) if arguments else 2_000
    each = int(arguments[1]) if len(arguments) > 1 else 10
    with tempfile.TemporaryDirectory() as made:
        folder = Path(arguments[2]) if len(arguments) > 2 else Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(users, each, folder)
        bench.run()
    say("all as it should be" if not bench.failures else f"{len(bench.failures)} things are wrong")
    return 1 if bench.failures else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
