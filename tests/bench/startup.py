"""What a start of `stctl decode TOKEN` costs, beside the smallest Typer program with two commands.

python tests/bench/startup.py [ROUNDS]

Both are run in turn, each in a process of its own with compiled files in place, so that what else
the machine does falls on both alike. The minimum of each is the figure that counts: the bar is
1.3 times the smallest program. Exits 1 above it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

TOP = Path(__file__).parents[2]
BAR = 1.3
ROUNDS = 31
HELLO = '''
import typer

app = typer.Typer()


@app.command()
def hello(name: str) -> None:
    """Say hello."""
    typer.echo(f"hello {name}")


@app.command()
def goodbye(name: str) -> None:
    """Say goodbye."""
    typer.echo(f"goodbye {name}")
'''


def main(arguments: Sequence[str]) -> int:
    """Return the exit status: 0 when the bar is kept."""
    rounds = int(arguments[0]) if arguments else ROUNDS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "smallest.py").write_text(HELLO)
        contestants = {
            "hello world": _program("from smallest import app; app()", "hello", "world"),
            "stctl decode": _program("from stctl.__main__ import main; main()", "decode", _token()),
        }
        took_ms = _measure(contestants, folder, rounds)
    return _report(took_ms, rounds)


def _program(script: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", script, *arguments]


def _token() -> str:
    recorded = json.loads((TOP / "tests/recorded/tokens/core.json").read_text("utf-8"))
    return str(recorded["families"][0]["generations"][0]["access_token"]["token"])


def _measure(
    contestants: dict[str, list[str]], folder: Path, rounds: int
) -> dict[str, list[float]]:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(TOP)])}
    took_ms: dict[str, list[float]] = {name: [] for name in contestants}
    for round_number in range(rounds + 1):
        for name, command in contestants.items():
            started = time.perf_counter()
            subprocess.run(  # noqa: S603 - this very Python
                command, env=environ, cwd=folder, check=True, stdout=subprocess.PIPE
            )
            if round_number:  # the first one compiles
                took_ms[name].append((time.perf_counter() - started) * 1000)
    return took_ms


def _report(took_ms: dict[str, list[float]], rounds: int) -> int:
    sys.stdout.write(f"{rounds} rounds, Python {sys.version.split()[0]}\n")
    for name, values in took_ms.items():
        sys.stdout.write(
            f"{name:14} min {min(values):6.1f} ms   median {statistics.median(values):6.1f} ms\n"
        )
    smallest, ours = took_ms.values()
    ratio = min(ours) / min(smallest)
    medians = statistics.median(ours) / statistics.median(smallest)
    sys.stdout.write(f"ratio of minima {ratio:.2f} (bar {BAR}), of medians {medians:.2f}\n")
    return int(ratio > BAR)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
