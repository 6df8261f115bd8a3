"""Where a long work keeps its journals: one folder for each thing that was asked for.

Asked for again with the same words, the same folder is found. So resuming needs no name.
"""

import json
import os
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from stctl.cdi.fleet.journal import lock
from stctl.clock import Clock
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject


@dataclass(slots=True)
class Run:
    """The journals of one work, kept from other processes until it is let go."""

    folder: Path
    started_at_ms: int
    """When it was first asked for: filters by age count from here."""
    lock: int | None
    """The open file that keeps others out."""

    @property
    def found(self) -> Path:
        """What has been found, or shown, so far."""
        return self.folder / "found.ndjson"

    @property
    def done(self) -> Path:
        """What has been ended so far."""
        return self.folder / "done.ndjson"

    @property
    def input(self) -> Path:
        """A copy of a list that came over standard input."""
        return self.folder / "input.txt"

    def remove(self) -> None:
        """Forget it: there is nothing left to resume."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.let_go()
        lock_file(self.folder).unlink(missing_ok=True)

    def let_go(self) -> None:
        """Let other processes at it."""
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None


def open_run(runs: Path, kind: str, asked: JsonObject, *, resume: bool, clock: Clock) -> Run:
    """Return the run of what is `asked` for, begun anew or, to `resume`, as it was left.

    Raises USAGE when there is nothing to resume, and when another process is at the same work.
    """
    about = json.dumps(asked, sort_keys=True)
    folder = runs / f"{kind}-{sha256(about.encode()).hexdigest()[:12]}"
    held = _held(lock_file(folder))
    try:
        if resume:
            return Run(folder, _started_at_ms(folder / "asked.json"), held)
        return _begun(Run(folder, clock.now_ms(), held), about)
    except BaseException:
        os.close(held)
        if not folder.exists():
            lock_file(folder).unlink(missing_ok=True)
        raise


def lock_file(folder: Path) -> Path:
    """The file beside a run's folder that is locked while a process is at it."""
    return folder.with_name(f"{folder.name}.lock")


def _held(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StctlError(ErrorKind.OUTPUT_FAILED, f"{path}: {error.strerror}.") from error
    try:
        lock(file, path)
    except StctlError:
        os.close(file)
        raise
    return file


def _begun(run: Run, about: str) -> Run:
    text = json.dumps({"asked": about, "started_at_ms": run.started_at_ms})
    try:
        shutil.rmtree(run.folder, ignore_errors=True)
        run.folder.mkdir(mode=0o700)
        (run.folder / "asked.json").write_text(text, encoding="utf-8")
    except OSError as error:
        raise StctlError(ErrorKind.OUTPUT_FAILED, f"{run.folder}: {error.strerror}.") from error
    return run


def _started_at_ms(file: Path) -> int:
    try:
        return int(json.loads(file.read_text(encoding="utf-8"))["started_at_ms"])
    except FileNotFoundError:
        raise StctlError(
            ErrorKind.USAGE,
            "There is nothing to resume: no such work was left unfinished.",
            hint="--resume goes with the very words of the command that was interrupted.",
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StctlError(ErrorKind.INPUT_UNREADABLE, f"{file}: {error}.") from error
