"""Programs that a test starts, talks to over loopback, and ends."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@contextmanager
def serving(
    command: Sequence[str],
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Start a program that prints its address once it listens; give the address; end it.

    It runs in `folder` and `environment`, or in those of the test.
    """
    with subprocess.Popen(  # noqa: S603 - programs of the project
        command,
        cwd=folder,
        env={**(environment or os.environ), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        try:
            yield _address(process)
        finally:
            process.terminate()


def _address(process: subprocess.Popen[str]) -> str:
    """The first address that the program prints; reading on ends when the program does."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if found := _ADDRESS.search(line):
            return found[0]
    raise AssertionError(f"{process.args!r} ended before it listened:\n{said}")
