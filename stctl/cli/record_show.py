"""The recording process's end of the lines that are shown live."""

import asyncio
import json
import sys
from contextlib import suppress
from typing import Final, NamedTuple

_MOST_HELD: Final = 1 << 22
"""Bytes that may wait to be shown; what comes beyond them is recorded and not shown."""
_FAREWELL_S: Final = 10.0


class Settings(NamedTuple):
    """What the showing process is told."""

    sdk: str | None
    app_config: str | None
    only_errors: bool
    both_sides: bool
    """Whether calls to the core are to be brought together with requests of browsers."""
    on_stderr: bool


class LiveLines:
    """Gives lines of the recording to the process that shows them; never waits for it."""

    def __init__(self) -> None:
        self.not_shown = 0
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, settings: Settings) -> None:
        """Start the process. It inherits whatever signals this one ignores."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "stctl.cli.record_live",
            json.dumps(settings),
            stdin=asyncio.subprocess.PIPE,
        )

    def show(self, line: str) -> None:
        """Show a line unless too many wait already."""
        pipe = self._process.stdin if self._process is not None else None
        if pipe is None:
            return
        if pipe.is_closing() or pipe.transport.get_write_buffer_size() > _MOST_HELD:
            self.not_shown += 1
            return
        pipe.write(line.encode("utf-8", "backslashreplace") + b"\n")

    async def end(self) -> None:
        """Let it show what it has, and end."""
        process = self._process
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _FAREWELL_S)
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
