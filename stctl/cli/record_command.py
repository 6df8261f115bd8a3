"""The program that `stctl record -- COMMAND` runs: what it is given, its signals and its end."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from stctl.errors import ErrorKind, StctlError

VARIABLES: Final = (
    "SUPERTOKENS_CONNECTION_URI",
    "SUPERTOKENS_CORE_URI",
    "SUPERTOKENS_CORE_URL",
    "SUPERTOKENS_URI",
    "SUPERTOKENS_URL",
)
"""Names under which apps look for the address of their core; SDKs themselves read none."""
_BY_SIGNAL: Final = 128


def arguments_with(command: Sequence[str], addresses: Sequence[str], core: str) -> list[str]:
    """The command with addresses of recorders: `{recorder}` the core's, `{recorder1}` the first."""
    changed = []
    for word in command:
        text = word.replace("{recorder}", core)
        for number, address in enumerate(addresses, start=1):
            text = text.replace(f"{{recorder{number}}}", address)
        changed.append(text)
    return changed


class Program:
    """A program that runs while its traffic is recorded."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, arguments: Sequence[str], environ: Mapping[str, str]) -> "Program":
        """Start it on this process's own streams; raises USAGE when it cannot be."""
        try:
            return cls(await asyncio.create_subprocess_exec(*arguments, env=dict(environ)))
        except OSError as problem:
            raise StctlError(
                ErrorKind.USAGE,
                f"Cannot start {arguments[0]}: {problem.strerror or problem}.",
                hint="Is it there, and may it be run?",
            ) from None

    def pass_on(self, number: int) -> None:
        """Give a signal to it. Ctrl-C reaches it by itself, with every process of the terminal."""
        if number == signal.SIGINT and _is_in_front():
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def status(self) -> int:
        """Its exit status once it has ended; 128 and the number of the signal that ended it."""
        status = await self._process.wait()
        return status if status >= 0 else _BY_SIGNAL - status


def _is_in_front() -> bool:
    """Whether this process is what a terminal sends its Ctrl-C to."""
    if not hasattr(os, "tcgetpgrp"):
        return True
    for descriptor in (0, 1, 2):
        with suppress(OSError):
            return os.tcgetpgrp(descriptor) == os.getpgrp()
    return False
