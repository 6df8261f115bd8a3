"""Streams that cannot be written or read, as a shell hands them over."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_FULL = Path("/dev/full")
_COMMANDS = ("--version", "--help", "handlers", "handlers --json", "sessions --help")

# Unbuffered, what cannot be written shows early; with a traceback, not in words.
_UNWANTED = {"PYTHONUNBUFFERED", "STCTL_TRACEBACK"}


def _ended(words: str, redirection: str) -> tuple[int, str]:
    line = f'exec "$0" -m stctl {words} {redirection}'
    done = subprocess.run(  # noqa: S603 - this very Python
        ["/bin/sh", "-c", line, sys.executable],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        env={name: value for name, value in os.environ.items() if name not in _UNWANTED},
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(not _FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", _COMMANDS)
def test_a_full_disk_is_told_once_and_has_its_exit_status(words: str) -> None:
    status, said = _ended(words, f"> {_FULL}")
    assert status == 21
    assert said.count("No space left on device") == 1
    assert "Traceback" not in said
    assert "Exception ignored" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="the shell closes the streams")
@pytest.mark.parametrize("words", _COMMANDS)
def test_a_closed_output_is_told_and_has_its_exit_status(words: str) -> None:
    status, said = _ended(words, ">&-")
    assert status == 21
    assert "cannot be written" in said
    assert "Traceback" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="the shell closes the streams")
def test_a_closed_input_is_an_empty_one() -> None:
    status, said = _ended("decode -", "<&-")
    assert status == 4
    assert "the input is empty" in said


@pytest.mark.skipif(sys.platform == "win32", reason="the shell closes the streams")
def test_without_any_stream_the_exit_status_still_tells() -> None:
    assert _ended("decode oops", "<&- >&- 2>&-") == (4, "")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are closed in another way")
@pytest.mark.parametrize("words", _COMMANDS)
def test_a_reader_that_goes_away_is_no_error_but_has_its_exit_status(words: str) -> None:
    """Nothing is read, and the pipe is closed before anything is written."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing) as output:
        done = subprocess.run(  # noqa: S603 - this very Python
            [sys.executable, "-m", "stctl", *words.split()],
            stdout=output,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, b"")
