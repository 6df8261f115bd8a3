"""Files that a recording is written to: complete after every exchange, whatever becomes of us."""

import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject
from stctl.traces.har import HAR_TAIL, har_entry, har_head
from stctl.traces.model import Entry
from stctl.traces.recording import header_line

_PRIVATE: Final = 0o600
_BINARY: Final[int] = getattr(os, "O_BINARY", 0)  # Windows changes line ends without it


class RecordingFile(Protocol):
    """Takes one exchange after another."""

    def write(self, entry: Entry, line: str) -> None:
        """Write an exchange down, for which `line` is its line of a recording.

        Raises OSError when it could not be; the file is then as it was before.
        """
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class NdjsonFile:
    """A line for each exchange, in one call to the system.

    What was written is the system's: it outlives this process, not a failure of the machine.
    """

    def __init__(self, descriptor: int, facts: JsonObject) -> None:
        self._descriptor = descriptor
        self._end = os.lseek(descriptor, 0, os.SEEK_END)
        broken_off = b"" if _ends_a_line(descriptor, self._end) else b"\n"
        self._put(broken_off + header_line(facts).encode() + b"\n")

    def write(self, entry: Entry, line: str) -> None:
        """Write the line."""
        del entry
        self._put(line.encode("utf-8", "backslashreplace") + b"\n")

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _put(self, data: bytes) -> None:
        _put(self._descriptor, data, self._end)
        self._end += len(data)


class HarFile:
    """A whole HAR file after each exchange: its end is written again behind each entry."""

    def __init__(self, descriptor: int, facts: JsonObject) -> None:
        self._descriptor = descriptor
        head = har_head("stctl record", facts).encode()
        _put(descriptor, head + HAR_TAIL, 0)
        self._end = len(head)
        self._separator = b"\n"

    def write(self, entry: Entry, line: str) -> None:
        """Write the entry, in place of the end and with the end behind it."""
        del line
        text = json.dumps(har_entry(entry), ensure_ascii=False, separators=(",", ":"))
        data = self._separator + text.encode("utf-8", "backslashreplace")
        try:
            _put(self._descriptor, data + HAR_TAIL, self._end)
        except OSError:
            with suppress(OSError):
                _put(self._descriptor, HAR_TAIL, self._end)
            raise
        self._end += len(data)
        self._separator = b",\n"

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


def open_file(path: Path, *, force: bool, append: bool, facts: JsonObject) -> RecordingFile:
    """Open a file to record into, which only its owner may read; `.har` makes it a HAR.

    Raises OUTPUT_FAILED when it cannot be opened, or is there already and neither may be replaced
    nor gone on with; USAGE for a HAR file that is to be gone on with.
    """
    is_har = path.suffix.lower() == ".har"
    if is_har and append:
        raise StctlError(ErrorKind.USAGE, "A HAR file cannot be gone on with; take .ndjson.")
    flags = os.O_RDWR | os.O_CREAT | _BINARY
    flags |= 0 if append else os.O_TRUNC if force else os.O_EXCL
    try:
        descriptor = os.open(path, flags, _PRIVATE)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            path.chmod(_PRIVATE)
        return (HarFile if is_har else NdjsonFile)(descriptor, facts)
    except FileExistsError:
        raise StctlError(
            ErrorKind.OUTPUT_FAILED,
            f"{path} is there already, and was not touched.",
            hint="Name another file, replace it with --force, or go on with it with --append.",
        ) from None
    except OSError as problem:
        raise StctlError(
            ErrorKind.OUTPUT_FAILED, f"Cannot write the recording {path}: {problem.strerror}."
        ) from None


def _ends_a_line(descriptor: int, end: int) -> bool:
    """Whether a file is empty or its last line has its end: a writer may have been killed."""
    if not end:
        return True
    os.lseek(descriptor, end - 1, os.SEEK_SET)
    return os.read(descriptor, 1) == b"\n"


def _put(descriptor: int, data: bytes, at: int) -> None:
    """Write all of `data` at a place; where that fails, cut the file off there."""
    view = memoryview(data)
    os.lseek(descriptor, at, os.SEEK_SET)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, at)
        raise
