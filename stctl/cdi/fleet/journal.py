"""A file of JSON lines that only grows, and is whole up to its last line after any crash."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from stctl.clock import Clock
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject

_SYNC_EVERY_MS = 1_000
_TAIL = 1 << 20


class Journal:
    """Appends records. Each is with the operating system when `add` returns.

    So it survives the end of this process, however sudden; the disk is waited for once a second,
    and at the end. Only one process may write at a time.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open the file, made where it is missing. What was torn off at its end is cut away.

        Raises STORE_FAILED where that cannot be, and USAGE while another process writes.
        """
        self._path = path
        self._clock = clock
        self._synced_ms = clock.now_ms()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            lock(self._file, path)
            os.ftruncate(self._file, _whole_length(path))
        except OSError as error:
            raise self._failed(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.close()

    def add(self, record: JsonObject) -> None:
        """Append one record."""
        text = json.dumps(record, separators=(",", ":"), ensure_ascii=True)
        try:
            _write_all(self._file, text.encode("ascii") + b"\n")
            now_ms = self._clock.now_ms()
            if now_ms - self._synced_ms >= _SYNC_EVERY_MS:
                self._synced_ms = now_ms
                os.fsync(self._file)
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Wait for the disk, and let others write."""
        try:
            os.fsync(self._file)
            os.close(self._file)
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> StctlError:
        return StctlError(
            ErrorKind.OUTPUT_FAILED, f"The journal {self._path}: {error.strerror or error}."
        )


def records(path: Path) -> Iterator[JsonObject]:
    """Yield the records of a journal, one at a time; none where there is no file.

    A last line that was torn off is left out.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        for text in file:
            if text.endswith(b"\n"):
                record: JsonObject = json.loads(text)
                yield record


def _write_all(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _whole_length(path: Path) -> int:
    """Bytes up to and with the last line break; only the end of the file is read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = size
        while start > 0:
            start = max(0, start - _TAIL)
            file.seek(start)
            found = file.read(_TAIL).rfind(b"\n")
            if found >= 0:
                return start + found + 1
    return 0


def lock(file: int, path: Path) -> None:
    """Keep every other process from the open `file`; raises USAGE where one keeps this from it."""
    try:
        import fcntl
    except ImportError:  # Windows has no such lock, and nobody there is warned.
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StctlError(
            ErrorKind.USAGE,
            f"Another stctl is at the same work: it writes {path}.",
            hint="Wait for it to end, or stop it.",
        ) from error
