"""An embedded core in a process that outlives the command that started it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from stctl.core.registry import Registry, RunningCore, state_of
from stctl.errors import ErrorKind, StctlError

_LET_GO: Final[list["subprocess.Popen[bytes]"]] = []
"""Processes that go on; Python complains of one that is forgotten while it runs."""
_POLL_S: Final = 0.01
_PATIENCE_S: Final = 20.0
_TAIL_LINES: Final = 5
_MOST_BYTES: Final = 1 << 16


def start_in_background(
    command: Sequence[str],
    *,
    instance: str,
    registry: Registry,
    log: Path,
    environ: Mapping[str, str],
) -> RunningCore:
    """Run `command`, which must serve the core `instance`, and return the core once it answers.

    The process belongs to no terminal; what it says goes to `log`. Raises the StctlError that it
    ended with, and cannot-listen when it is not ready in time.
    """
    process = _spawn(command, log, environ)
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        core = registry.get(instance)
        if core is not None and state_of(core) == "running":
            _LET_GO.append(process)
            return core
        if process.poll() is not None:
            raise _failure(process.returncode, log)
        time.sleep(_POLL_S)
    process.terminate()
    raise StctlError(
        ErrorKind.CANNOT_LISTEN,
        f"The core did not answer within {_PATIENCE_S:.0f} s, and was stopped; see {log}.",
    )


def _spawn(
    command: Sequence[str], log: Path, environ: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    with os.fdopen(_opened(log), "wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            start_new_session=True,
            creationflags=flags,
        )


def _opened(log: Path) -> int:
    try:
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as problem:
        raise StctlError(
            ErrorKind.OUTPUT_FAILED, f"Cannot write the log {log}: {problem.strerror}."
        ) from None


def _failure(status: int, log: Path) -> StctlError:
    """The error that the process ended with: its last line is one in JSON, if all went well."""
    lines = log.read_bytes()[-_MOST_BYTES:].decode("utf-8", "replace").splitlines()
    try:
        error = json.loads(lines[-1])["error"]
        kind = next(one for one in ErrorKind if one.code == error["code"])
        return StctlError(kind, str(error["message"]), hint=str(error["hint"]))
    except (IndexError, ValueError, TypeError, KeyError, StopIteration):
        said = " / ".join(lines[-_TAIL_LINES:]) or "nothing"
        return StctlError(
            ErrorKind.CANNOT_LISTEN, f"The core ended at once with status {status}; it said: {said}"
        )
