"""Measures how large traces are read, linked and explained: time and peak memory.

    python tests/bench/traces.py [MEGABYTES] [LINES]

A HAR of that size (1,000) is made of recorded exchanges, one trace after the other, without their
hints, and read beside a plain `json.load`. A recording of so many lines (10,000,000; 0 leaves it
out) is made by `long_log` while it is read, so that it needs no space; explaining it takes hours.
Each measurement is a process of its own.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO, cast

TOP = Path(__file__).parents[2]
RECORDED = TOP / "tests" / "recorded" / "traces"
MEGABYTE = 1_000_000
START_MS = 1_795_000_000_000
GAP_MS = 50


def main(arguments: Sequence[str]) -> int:
    """Run one measurement if it is named, else all of them; returns the exit status."""
    if arguments and arguments[0] in MEASUREMENTS:
        MEASUREMENTS[arguments[0]](arguments[1])
        return 0
    megabytes, lines = (*map(int, arguments), *(1_000, 10_000_000)[len(arguments) :])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.har"
        entries = write_har(path, megabytes * MEGABYTE)
        say(f"HAR of {path.stat().st_size / MEGABYTE:,.0f} MB, {entries:,} entries")
        for name in ("json.load", "read", "read and link"):
            measure(name, str(path))
        if lines:
            say(f"recording of {lines:,} lines")
            measure("lines, read and link", str(lines))
            measure("lines, explain", str(lines))
    return 0


def say(text: str) -> None:
    """Write a line now."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def measure(name: str, argument: str) -> None:
    """Run a measurement in a process of its own, and say what it took."""
    command = [sys.executable, __file__, name, argument]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - itself
    say(f"  {name:22}{done.stdout.strip()}")


def report(started: float, amount: int, of: int = resource.RUSAGE_SELF) -> None:
    """What this process, or those that it started, have taken so far."""
    peak_mb = resource.getrusage(of).ru_maxrss / 1024
    say(f"{time.perf_counter() - started:7.1f} s  {peak_mb:7,.0f} MB peak  {amount:,} items")


def exchanges() -> Iterator[dict[str, Any]]:
    """Recorded entries without end, their times following one another, without their hints."""
    from stctl.traces.readers.parts import read_time
    from stctl.traces.recording import iso_time

    traces = [
        json.loads(path.read_text())["log"]["entries"] for path in RECORDED.glob("*.har.json")
    ]
    at_ms = START_MS
    for number in count():
        trace = traces[number % len(traces)]
        times = [read_time(entry["startedDateTime"]) or 0 for entry in trace]
        for entry, time_ms in zip(trace, times, strict=True):
            moved = iso_time(at_ms + time_ms - times[0])
            hintless = {name: value for name, value in entry.items() if not name.startswith("_")}
            yield {**hintless, "startedDateTime": moved}
        at_ms += max(times) - times[0] + int(trace[-1]["time"]) + GAP_MS


def write_har(path: Path, size: int) -> int:
    """Write a HAR of about this many bytes, as browsers lay it out; returns its entries."""
    written = entries = 0
    with path.open("w", encoding="utf-8") as file:
        file.write('{"log": {"version": "1.2", "entries": [')
        for entry in exchanges():
            written += file.write((",\n" if entries else "\n") + json.dumps(entry, indent=1))
            entries += 1
            if written >= size:
                break
        file.write("]}}")
    return entries


def load(path: str) -> None:
    """What everybody does."""
    started = time.perf_counter()
    with Path(path).open(encoding="utf-8") as file:
        report(started, len(json.load(file)["log"]["entries"]))


def read(path: str, *, is_linked: bool = False) -> None:
    """Go through a trace once."""
    from stctl.traces.link import link
    from stctl.traces.readers import open_trace

    started = time.perf_counter()
    with open_trace(path, stdin=BytesIO()) as trace:
        items = link(trace) if is_linked else iter(trace)
        report(started, sum(1 for _ in items))


def read_lines(lines: str) -> None:
    """Go through a recording that is made on the way."""
    from stctl.traces.link import link
    from stctl.traces.readers import read_trace

    with making(lines) as stream:
        started = time.perf_counter()
        report(started, sum(1 for _ in link(read_trace(stream))))


def explain_lines(lines: str) -> None:
    """Have the command explain it, down to the last byte of the document."""
    command = ["-m", "stctl", "explain", "-", "--format", "ndjson", "-o", "ndjson"]
    started = time.perf_counter()
    with making(lines) as stream:
        subprocess.run(  # noqa: S603 - the command under test
            [sys.executable, *command], check=True, stdin=stream, stdout=subprocess.DEVNULL
        )
    report(started, int(lines), of=resource.RUSAGE_CHILDREN)


@contextmanager
def making(lines: str) -> Iterator[BinaryIO]:
    """A recording, from a process that takes less memory than one that reads it."""
    command = [sys.executable, str(Path(__file__).with_name("long_log.py")), lines]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - a neighbour
        yield cast("BinaryIO", process.stdout)


MEASUREMENTS: dict[str, Callable[[str], None]] = {
    "json.load": load,
    "read": read,
    "read and link": lambda path: read(path, is_linked=True),
    "lines, read and link": read_lines,
    "lines, explain": explain_lines,
}

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
