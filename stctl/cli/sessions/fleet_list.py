"""`stctl sessions list` over many users: a stream, with marks of how far it came."""

import os
import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from stctl.cli.asking import Conversation
from stctl.cli.sessions.fleet import Fleet, Wanted, resumable, stopping
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonValue
from stctl.render.printer import Advance, Output

if TYPE_CHECKING:
    from stctl.cdi.fleet.finding import Found
    from stctl.cdi.fleet.showing import Shown
    from stctl.sessions.info import SessionInfo


def list_fleet(wanted: Wanted, target: CoreTarget, core: Conversation) -> None:
    """List the sessions of many users, and say at the end how many they were."""
    with Fleet(wanted, target, core, "list") as fleet:
        _list(fleet, core)


def _list(fleet: Fleet, core: Conversation) -> None:
    from stctl.render.sessions.fleet import ONLY_USERS
    from stctl.render.sessions.stream import stream, stream_end

    if fleet.walks:
        core.printer.remark(ONLY_USERS)
    stream_of = _Stream(fleet, core)
    title, total = "Reading users", fleet.user_count()
    with stopping(fleet.stop), resumable(), core.printer.progress(title, total) as advance:
        stream_of.advance = advance
        core.printer.show(stream(stream_of.infos, stream_of.handles, core.asked()))
    shown = stream_of.shown
    core.printer.say(*stream_end(shown.sessions, shown.users, shown.failures, shown.failed))
    if fleet.stop.is_asked:
        raise StctlError(
            ErrorKind.INTERRUPTED,
            f"Stopped after {shown.users:,} users.",
            hint="The same command with --resume goes on from here; append its output with >>.",
        )
    fleet.run.remove()
    if shown.failed:
        raise typer.Exit(ErrorKind.PARTLY_DONE.exit_status)


class _Stream:
    """The sessions one after the other, in the form that the output needs."""

    def __init__(self, fleet: Fleet, core: Conversation) -> None:
        from stctl.cdi.fleet.showing import shown_before

        self._fleet = fleet
        self._core = core
        self.shown: Shown = shown_before(fleet.run.found)
        self.advance: Advance = lambda _: None
        if self.shown.output is not None:
            _cut(core, self.shown.output)

    def infos(self) -> "Iterator[SessionInfo]":
        """Yield every session with what the core knows of it."""
        for found in self._found(with_details=True):
            yield from found.infos

    def handles(self) -> Iterator[str]:
        """Yield handles alone, which takes one call a user and not one a session."""
        for found in self._found(with_details=False):
            yield from found.handles

    def _found(self, *, with_details: bool) -> "Iterator[Found]":
        from stctl.cdi.fleet.showing import show

        self.advance(self.shown.users)
        yield from show(
            self._fleet.run.found,
            self.shown,
            self._fleet.finder(with_details=with_details),
            clock=self._core.context.clock,
            workers=self._fleet.workers,
            stop=self._fleet.stop,
            where_output=lambda: _place(self._core),
            advance=self.advance,
        )


def _place(core: Conversation) -> JsonValue:
    """Flush the output; return which file it is and where it ends, None for anything else.

    Forms that are written as a whole at the end are nowhere before.
    """
    printer = core.printer
    if not printer.quiet and printer.output in {Output.JSON, Output.YAML, Output.TABLE}:
        return None
    stream = printer.out.stream
    stream.flush()
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return [status.st_dev, status.st_ino, status.st_size]


def _cut(core: Conversation, place: JsonValue) -> None:
    """Cut off what a killed run wrote after its last mark, where the output is the same file."""
    now = _place(core)
    if not isinstance(now, list) or not isinstance(place, list):
        return
    size = place[2]
    if now[:2] == place[:2] and isinstance(size, int):
        os.ftruncate(core.printer.out.stream.fileno(), size)
