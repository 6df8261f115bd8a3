"""Where a long work keeps its journals: one folder for each thing that was asked for.

Asked for again with the same words, the same folder is found. So resuming needs no name.
"""

import json
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from stctl.cdi.fleet.journal import Journal
from stctl.clock import Clock
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject


@dataclass(frozen=True, slots=True)
class Run:
    """The journals of one work."""

    folder: Path
    started_at_ms: int
    """When it was first asked for: filters by age count from here."""

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


def open_run(runs: Path, kind: str, asked: JsonObject, *, resume: bool, clock: Clock) -> Run:
    """Return the run of what is `asked` for, begun anew or, to `resume`, as it was left.

    Raises USAGE when there is nothing to resume, and when another process is at the same work.
    """
    about = json.dumps(asked, sort_keys=True)
    folder = runs / f"{kind}-{sha256(about.encode()).hexdigest()[:12]}"
    file = folder / "asked.json"
    if resume:
        return Run(folder, _started_at_ms(file))
    run = Run(folder, clock.now_ms())
    try:
        Journal(run.found, clock).close()
        run.remove()
        folder.mkdir(parents=True, mode=0o700)
        text = json.dumps({"asked": about, "started_at_ms": run.started_at_ms})
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StctlError(ErrorKind.OUTPUT_FAILED, f"{folder}: {error.strerror}.") from error
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
