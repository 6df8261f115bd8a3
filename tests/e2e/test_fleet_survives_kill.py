"""Work on many sessions whose process is really killed: nothing twice, nothing forgotten."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.fleet_store import count_sessions, number_of, seed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
USERS, EACH = 60, 10
TOTAL = USERS * EACH


@pytest.fixture
def store(tmp_path: Path) -> Path:
    file = tmp_path / "core.sqlite3"
    seed(file, USERS, EACH)
    return file


def start(store: Path, words: Sequence[str], output: Path, mode: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "stctl", "sessions", *words, "--db", str(store)]
    with output.open(mode) as out:
        return subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)  # noqa: S603 - our own


def killed(
    store: Path, words: Sequence[str], output: Path, journal: str, lines: int, *, rate: int = 200
) -> None:
    """Start it slowly, and kill it once its journal has so many lines."""
    process = start(store, [*words, "--rate", str(rate)], output, "wb")
    runs = Path(os.environ["XDG_STATE_HOME"]) / "stctl/runs"
    deadline_s = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline_s:
        if any(path.read_bytes().count(b"\n") >= lines for path in runs.glob(f"*/{journal}")):
            break
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def test_a_killed_list_is_completed_in_the_same_file(store: Path, tmp_path: Path) -> None:
    output = tmp_path / "all.ndjson"
    words = ("list", "--all-users", "-o", "ndjson")
    killed(store, words, output, "found.ndjson", 7)
    assert 0 < output.read_bytes().count(b"\n") < TOTAL
    assert start(store, [*words, "--resume"], output, "ab").wait() == 0
    seen = [json.loads(text)["handle"] for text in output.read_text("utf-8").splitlines()]
    assert [number_of(handle, EACH) for handle in seen] == list(range(TOTAL))


def test_a_revocation_killed_twice_ends_everything_once(store: Path, tmp_path: Path) -> None:
    output = tmp_path / "report.json"
    words = ("revoke", "--all-users", "--yes", "--json")
    killed(store, words, output, "found.ndjson", 45)
    assert count_sessions(store) == TOTAL
    killed(store, [*words, "--resume"], output, "done.ndjson", 2, rate=20)
    assert 0 < count_sessions(store) < TOTAL
    assert start(store, [*words, "--resume"], output, "wb").wait() == 0
    report = json.loads(output.read_text("utf-8"))
    assert report["planned"] == report["revoked"] + report["already_gone"] == TOTAL
    # Of the one batch under way nobody noted whether the killed process had ended it.
    assert report["already_gone"] in {0, 100}
    assert count_sessions(store) == 0
