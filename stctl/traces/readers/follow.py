"""A file that is still being written, as a stream that waits at its end instead of ending."""

import os
from collections.abc import Callable
from typing import Final, Protocol

from stctl.clock import Clock

POLL_MS: Final = 200


class _File(Protocol):
    def read(self, size: int, /) -> bytes | None: ...

    def seek(self, offset: int, /) -> int: ...

    def fileno(self) -> int: ...


class FollowedFile:
    """Reads a growing file; a file that became shorter is read again from its start.

    `on_idle` is called each time that nothing new is there: it may show what is complete by now,
    and ends the stream by returning False.
    """

    def __init__(
        self,
        file: _File,
        *,
        clock: Clock,
        on_idle: Callable[[], bool],
        poll_ms: int = POLL_MS,
    ) -> None:
        self._file = file
        self._clock = clock
        self._on_idle = on_idle
        self._poll_ms = poll_ms
        self._read_bytes = 0

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, as soon as there are any; none when `on_idle` says so."""
        while True:
            data = self._file.read(size)
            if data:
                self._read_bytes += len(data)
                return data
            if os.fstat(self._file.fileno()).st_size < self._read_bytes:
                self._file.seek(0)
                self._read_bytes = 0
                continue
            if not self._on_idle():
                return b""
            self._clock.wait_ms(self._poll_ms)
