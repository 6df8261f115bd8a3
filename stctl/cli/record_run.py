"""Runs a recorder until it is told to end."""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stctl.cli.context import Context
from stctl.cli.record_command import VARIABLES, Program, arguments_with
from stctl.cli.record_show import LiveLines, Settings
from stctl.cli.trace_reading import known_app
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject
from stctl.render.printer import Printer
from stctl.render.record import Ended, Listening, ended, started
from stctl.traces.model import Peer
from stctl.traces.record.door import Door, Wanted
from stctl.traces.record.files import open_file
from stctl.traces.record.recorder import DRAIN_S, Recorder, Rules
from stctl.traces.record.standins import StandIns
from stctl.traces.record.target import Place, read_place, read_target
from stctl.traces.recording import iso_time

_PEERS: Final = {"browser": Peer.BROWSER_BACKEND, "core": Peer.BACKEND_CORE}
_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be recorded, and how."""

    context: Context
    printer: Printer
    targets: Sequence[str]
    places: Sequence[str]
    """As many as targets; empty for a free port of the loopback."""
    sides: Sequence[str]
    """As many as targets."""
    file: Path | None
    force: bool
    append: bool
    raw: bool
    body_limit: int
    rewrites_host: bool
    command: Sequence[str]
    variables: Sequence[str] | None
    sdk: str | None
    app_config: str | None
    only_errors: bool
    shows: bool


def record_until_end(task: Task) -> int:
    """Record until a signal comes or the command ends; returns the exit status."""
    # A mistake in them is to be told now, and not by the process that shows.
    known_app(task.context, task.app_config, task.sdk)
    return asyncio.run(_Run(task).run())


class _Run:
    def __init__(self, task: Task) -> None:
        self._task = task
        self._live = LiveLines()
        self._stop = asyncio.Event()
        self._stops = 0
        self._program: Program | None = None
        rules = Rules(
            body_limit=task.body_limit,
            rewrites_host=task.rewrites_host,
            stand_ins=(
                None if task.raw else StandIns(task.context.entropy.token_bytes(_KEY_BYTES))
            ),
        )
        self._recorder = Recorder(
            [*_wanted(task)],
            rules,
            clock=task.context.clock,
            show=self._live.show,
            tell=task.printer.remark,
        )

    async def run(self) -> int:
        path = _path(self._task)
        self._warn_of_strangers()
        try:
            await self._open(path)
            self._tell_start(path)
            if self._task.shows:
                await self._start_showing()
            self._take_signals()
            status = await self._until_end()
        finally:
            await self._close()
            await self._live.end()
        return self._tell_end(path, status)

    async def _open(self, path: Path) -> None:
        task = self._task
        await self._recorder.bind()
        self._refuse_circles()
        file = open_file(path, force=task.force, append=task.append, facts=self._facts())
        await self._recorder.open(file)

    async def _start_showing(self) -> None:
        # The showing process ends when there is nothing more to show, not by Ctrl-C.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            await self._live.start(
                Settings(
                    sdk=self._task.sdk,
                    app_config=self._task.app_config,
                    only_errors=self._task.only_errors,
                    both_sides=len(self._recorder.doors) > 1,
                    on_stderr=bool(self._task.command),
                )
            )
        finally:
            signal.signal(signal.SIGINT, before)

    def _take_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for name in _SIGNALS:
            with suppress(AttributeError, NotImplementedError):  # as Windows has it
                number = getattr(signal, name)
                loop.add_signal_handler(number, self._on_signal, number)

    def _on_signal(self, number: int) -> None:
        """The first one ends the recording, or is the program's; a second one ends it at once."""
        self._stops += 1
        if self._program is not None:
            self._program.pass_on(number)
        else:
            self._stop.set()

    async def _until_end(self) -> int:
        if not self._task.command:
            await self._stop.wait()
            return 0
        addresses = [door.address for door in self._recorder.doors]
        core = _core_door(self._recorder.doors, self._task.sides).address
        given = dict.fromkeys(self._task.variables or VARIABLES, core)
        self._program = await Program.start(
            arguments_with(self._task.command, addresses, core),
            {**self._task.context.environ, **given},
        )
        return await self._program.status()

    async def _close(self) -> None:
        closing = asyncio.ensure_future(self._recorder.close(DRAIN_S))
        while not closing.done():
            await asyncio.wait([closing], timeout=0.05)
            if self._stops > 1:
                self._recorder.hurry()
        await closing

    def _warn_of_strangers(self) -> None:
        for door in self._recorder.doors:
            if not door.place.is_loopback:
                self._task.printer.remark(
                    f"{door.place.host} can be reached by others, and through it "
                    f"{door.target.origin}."
                )

    def _refuse_circles(self) -> None:
        places = {(door.place.host, door.place.port) for door in self._recorder.doors}
        for door in self._recorder.doors:
            host = "127.0.0.1" if door.target.host == "localhost" else door.target.host
            if (host, door.target.port) in places:
                raise StctlError(
                    ErrorKind.USAGE, f"{door.target.origin} is where the recorder itself listens."
                )

    def _facts(self) -> JsonObject:
        from stctl import __version__

        task = self._task
        return {
            "recorded_by": f"stctl {__version__}",
            "started_at": iso_time(task.context.clock.now_ms()),
            "secrets": "raw" if task.raw else "stand-ins",
            "servers": [
                {"to": door.target.origin, "listen": door.address, "side": side}
                for door, side in zip(self._recorder.doors, task.sides, strict=True)
            ],
        }

    def _tell_start(self, path: Path) -> None:
        task = self._task
        doors = [
            Listening(address=door.address, target=door.target.origin + door.target.path, side=side)
            for door, side in zip(self._recorder.doors, task.sides, strict=True)
        ]
        ends_by = f"ends with {task.command[0]}" if task.command else "Ctrl-C ends it"
        task.printer.show(started(doors, str(path), raw=task.raw, ends_by=ends_by))

    def _tell_end(self, path: Path, status: int) -> int:
        count = self._recorder.count
        if not self._task.printer.quiet:
            how = Ended(
                file=str(path),
                exchanges=count.exchanges,
                unanswered=count.unanswered,
                lost=count.lost,
                not_shown=self._live.not_shown,
            )
            self._task.printer.show(ended(how))
        return status or (ErrorKind.PARTLY_DONE.exit_status if count.lost else 0)


def _wanted(task: Task) -> list[Wanted]:
    return [
        Wanted(
            target=read_target(target),
            place=read_place(place) if place else Place(host="127.0.0.1", port=0),
            peer=_PEERS.get(side),
        )
        for target, place, side in zip(task.targets, task.places, task.sides, strict=True)
    ]


def _core_door(doors: Sequence[Door], sides: Sequence[str]) -> Door:
    """The door whose address a command is given as that of its core."""
    cores = [door for door, side in zip(doors, sides, strict=True) if side == "core"]
    return cores[0] if cores else doors[-1]


def _path(task: Task) -> Path:
    """The file that was named, else a new one by the time."""
    if task.file is not None:
        return task.file.expanduser()
    moment = iso_time(task.context.clock.now_ms())[:19]
    stem = f"record-{moment.replace('-', '').replace(':', '').replace('T', '-')}"
    path = task.context.working_folder / f"{stem}.ndjson"
    number = 1
    while path.exists():
        number += 1
        path = path.with_name(f"{stem}-{number}.ndjson")
    return Path(path.name) if path.parent == Path.cwd() else path
