"""Measures reading and linking of large traces: time and peak memory, beside a plain `json.load`.

    python tests/bench/traces.py [MEGABYTES] [LINES]

A HAR of that size (1,000) and a recording of so many lines (10,000,000; 0 leaves it out) are made
of recorded exchanges, one trace after the other, without their hints. Each measurement is a process
of its own. The recording is made while it is read, so that it needs no space.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

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


def report(started: float, amount: int) -> None:
    """What this process has taken so far."""
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
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
    with open_trace(path, stdin=Lines(0)) as trace:
        items = link(trace) if is_linked else iter(trace)
        report(started, sum(1 for _ in items))


def read_lines(lines: str) -> None:
    """Go through a recording that is made on the way."""
    from stctl.traces.link import link
    from stctl.traces.readers import read_trace

    started = time.perf_counter()
    report(started, sum(1 for _ in link(read_trace(Lines(int(lines))))))


class Lines:
    """A recording of so many lines, as a stream; making them costs little beside reading them."""

    def __init__(self, lines: int) -> None:
        from stctl.traces.readers.har_entry import read_har_entry
        from stctl.traces.recording import entry_line

        some = [read_har_entry(entry, 0, "") for entry in islice(exchanges(), min(lines, 2_000))]
        self._starts = [entry.started_at_ms for entry in some]
        self._lasts_ms = self._starts[-1] - START_MS + GAP_MS if some else 0
        self._rests = [entry_line(entry).partition(",")[2].encode() for entry in some]
        self._lines = lines
        self._given = 0

    def read(self, _: int, /) -> bytes:
        """The next hundred lines."""
        last = min(self._given + 100, self._lines)
        pieces = [
            self._line(*divmod(place, len(self._rests))) for place in range(self._given, last)
        ]
        self._given = last
        return b"".join(pieces)

    def _line(self, turn: int, place: int) -> bytes:
        at_ms = self._starts[place] + turn * self._lasts_ms
        return b'{"started_at":%d,%b\n' % (at_ms, self._rests[place])


MEASUREMENTS: dict[str, Callable[[str], None]] = {
    "json.load": load,
    "read": read,
    "read and link": lambda path: read(path, is_linked=True),
    "lines, read and link": read_lines,
}

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
