"""Lists the sessions of many users as a stream that can be taken up where it broke off."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stctl.cdi.fleet.finding import Finder, Found
from stctl.cdi.fleet.journal import Journal, records
from stctl.cdi.fleet.pace import Stop
from stctl.cdi.fleet.planning import FAILURES_SHOWN, Advance
from stctl.clock import Clock
from stctl.jsontypes import JsonObject, JsonValue
from stctl.sessions.fleet import FleetFailure, Position

WhereOutput = Callable[[], JsonValue]
"""Brings everything written so far to its file, and tells where that ends; None for a pipe."""


@dataclass(slots=True)
class Shown:
    """What was listed so far, by earlier runs too."""

    users: int = 0
    sessions: int = 0
    failed: int = 0
    failures: list[FleetFailure] = field(default_factory=list)
    after: Position | None = None
    output: JsonValue = None
    """Where the output ended then."""

    def note(self, mark: JsonObject) -> None:
        """Take in a line of the journal."""
        position, sessions = mark["at"], mark["sessions"]
        assert isinstance(position, Mapping)  # noqa: S101 - written by this module
        assert isinstance(sessions, int)  # noqa: S101 - written by this module
        self.after, self.output = position, mark["output"]
        self.users += 1
        self.sessions += sessions
        if "code" in mark:
            self.fail(str(mark["name"]), str(mark["code"]), str(mark["detail"]))

    def fail(self, name: str, code: str, detail: str) -> None:
        """Count a subject that could not be asked about; keep the first ones."""
        self.failed += 1
        if len(self.failures) < FAILURES_SHOWN:
            self.failures.append(FleetFailure(what=name, sessions=0, code=code, detail=detail))


def shown_before(path: Path) -> Shown:
    """Read from the journal how far an earlier run came."""
    shown = Shown()
    for mark in records(path):
        shown.note(mark)
    return shown


def show(
    path: Path,
    shown: Shown,
    finder: Finder,
    *,
    clock: Clock,
    workers: int,
    stop: Stop,
    where_output: WhereOutput,
    advance: Advance,
) -> Iterator[Found]:
    """Yield what each subject has, after those that were `shown`, which goes on counting.

    A subject counts as shown once its sessions are out of this process: the next is asked for
    then. When the process is killed in between, the mark is missing, and what was written after
    the last mark is what has to be cut off the output.
    """
    with Journal(path, clock) as journal:
        for found in finder.find(shown.after, workers=workers, stop=stop):
            yield found
            mark = _mark(found, where_output())
            journal.add(mark)
            shown.note(mark)
            advance(1)


def _mark(found: Found, output: JsonValue) -> JsonObject:
    mark: dict[str, JsonValue] = {
        "at": dict(found.subject.position),
        "sessions": len(found.handles),
        "output": output,
    }
    if found.error is not None:
        mark |= {
            "name": found.subject.name,
            "code": found.error.kind.code,
            "detail": found.error.detail,
        }
    return mark
