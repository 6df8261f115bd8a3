"""The embedded cores that run on this machine for this user: one small file for each.

A file is written when its core answers and removed when it stops. A core that was killed leaves
its file behind. So nobody believes a file: whoever listens at its port is asked who it is, and
only a core that says the random id of the file is that core. Process ids are not trusted, since
the system gives them out again.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from stctl.core.probe import NoAnswerError, identity_at
from stctl.errors import ErrorKind, StctlError

State = Literal["running", "silent"]

_POLL_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningCore:
    """An embedded core as its file has it."""

    instance: str
    """A random id that no other core ever has."""
    pid: int
    """The process to be asked to end."""
    address: str
    port: int
    base_path: str
    database: str | None
    """None is memory."""
    started_at_ms: int
    version: str
    """Of stctl."""
    log: str | None = None
    """File that a core in the background writes to."""

    @property
    def identity(self) -> str:
        """What the core says of itself in the `Server` header of every answer."""
        return f"stctl/{self.version} ({self.instance})"

    @property
    def url(self) -> str:
        """Where it answers."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"http://{host}:{self.port}{self.base_path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCore:
    """A core that is there: it answers, or something keeps its port and does not answer in time."""

    core: RunningCore
    state: State


class Registry:
    """The files of one folder. Several processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        """Make the folder; raises StctlError (output-failed) where no file can be put into it."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as problem:
            raise _unwritable(self._folder, problem.strerror) from None
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise _unwritable(self._folder, "Permission denied")

    def add(self, core: RunningCore) -> None:
        """Write the file of a core, readable by its owner only."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self._folder / f".{core.instance}.tmp"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(core), file)
        unfinished.replace(self._file(core.instance))

    def remove(self, instance: str) -> None:
        """Remove the file of a core; nothing happens when there is none."""
        with suppress(OSError):
            self._file(instance).unlink()

    def get(self, instance: str) -> RunningCore | None:
        """Return what the file of a core says, without asking whether it is true."""
        return _read(self._file(instance))

    def present(self) -> list[SeenCore]:
        """The cores that are there, oldest first; files of those that are gone are removed."""
        seen = []
        for core in self._known():
            state = state_of(core)
            if state is None:
                self.remove(core.instance)
            else:
                seen.append(SeenCore(core=core, state=state))
        return sorted(seen, key=lambda one: (one.core.started_at_ms, one.core.port))

    def stop(self, core: RunningCore, *, patience_s: float = 10.0) -> bool:
        """Ask a core to end and wait until it has; False when it is still there.

        A core that does not say who it is is left alone: its process id may be a stranger's by now.
        """
        state = state_of(core)
        if state == "running":
            state = self._end(core, time.monotonic() + patience_s)
        if state is None:
            self.remove(core.instance)
        return state is None

    def _end(self, core: RunningCore, until: float) -> State | None:
        with suppress(ProcessLookupError):
            os.kill(core.pid, signal.SIGTERM)
        while (state := state_of(core)) == "running" and time.monotonic() < until:
            time.sleep(_POLL_S)
        # Its last act, when its sessions are safely put away, is to remove its own file. Whether
        # there still is a process says less: nobody may have taken note of its end yet.
        while state is None and self._is_at_it(core) and time.monotonic() < until:
            time.sleep(_POLL_S)
        return state

    def _is_at_it(self, core: RunningCore) -> bool:
        return self._file(core.instance).exists() and _may_exist(core.pid)

    def _known(self) -> Iterator[RunningCore]:
        for file in self._folder.glob("*.json"):
            core = _read(file)
            if core is not None:
                yield core

    def _file(self, instance: str) -> Path:
        return self._folder / f"{instance}.json"


def _unwritable(folder: Path, reason: str | None) -> StctlError:
    return StctlError(ErrorKind.OUTPUT_FAILED, f"Cannot note the core in {folder}: {reason}.")


def state_of(core: RunningCore) -> State | None:
    """Whether the core is there; None when it is gone, or another server has its port."""
    try:
        found = identity_at(core.address, core.port)
    except NoAnswerError:
        return "silent" if _may_exist(core.pid) else None
    return "running" if found == core.identity else None


def _may_exist(pid: int) -> bool:
    """Whether there is such a process; on Windows nobody can ask without harm."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _read(file: Path) -> RunningCore | None:
    """Return the core of a file; None when it vanished, or is none of ours."""
    try:
        values: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return RunningCore(**values)
    except (OSError, ValueError, TypeError):
        return None
