"""The lines that `stctl record` shows while it records, made in a process of their own.

Explaining takes longer than passing on. In the process that passes on it would hold up requests, in
a thread of it as well; here it holds up nobody. The lines of the recording come through a pipe.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Final

from stctl.cli.context import Context
from stctl.cli.record_show import Settings
from stctl.cli.trace_reading import known_app
from stctl.render.explain.ladder import ladder, summary
from stctl.render.printer import Output, Screen
from stctl.render.record import call_line
from stctl.render.view import Block, Drawing
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.story import Told, TraceStory
from stctl.traces.explain.tally import Tally
from stctl.traces.link import Linker, LoneCall
from stctl.traces.model import Entry, TraceFormat
from stctl.traces.readers import read_trace

_IDLE_S: Final = 0.1
_PATIENCE_MS: Final = 1_000
"""How long a call waits for its request where both sides are recorded."""
_IDLE_ROUNDS: Final = 25
"""Moments after which even a call without a request has been waited for."""
_NICE: Final = 10


def main(arguments: list[str]) -> None:
    """Show what comes from standard input until it ends."""
    settings = Settings(*json.loads(arguments[0]))
    context = Context()
    if hasattr(os, "nice"):
        os.nice(_NICE)
    printer = context.printer_for(Output.TABLE, quiet=False)
    live = _Live(
        settings,
        known_app(context, settings.app_config, settings.sdk),
        printer.err if settings.on_stderr else printer.out,
        context.clock.now_ms,
    )
    try:
        for item in read_trace(_Pipe(live.on_idle), form=TraceFormat.NDJSON):
            if isinstance(item, Entry):
                live.take(item)
        live.end()
    except BrokenPipeError:
        # Nobody looks any more; the recorder notices and goes on.
        os._exit(0)


class _Pipe:
    """Standard input; tells when nothing comes for a moment, until all must have been shown."""

    def __init__(self, on_idle: Callable[[], None]) -> None:
        self._on_idle = on_idle
        self._idle_left = 0

    def read(self, size: int, /) -> bytes:
        while self._idle_left and not self._is_ready():
            self._on_idle()
            self._idle_left -= 1
        self._idle_left = _IDLE_ROUNDS
        return os.read(0, size)

    def _is_ready(self) -> bool:
        if sys.platform == "win32":  # where select knows no pipes
            return False
        from select import select

        return bool(select([0], [], [], _IDLE_S)[0])


class _Live:
    """Links and explains what comes, and shows it when nothing more comes for a moment."""

    def __init__(
        self, settings: Settings, known: KnownApp, screen: Screen, now_ms: Callable[[], int]
    ) -> None:
        self._only_errors = settings.only_errors
        self._screen = screen
        self._now_ms = now_ms
        self._linker = Linker(patience_ms=_PATIENCE_MS if settings.both_sides else 0)
        self._story = TraceStory(known)
        self._tally = Tally()

    def take(self, entry: Entry) -> None:
        """Take one exchange."""
        for linked in self._linker.add(entry):
            self._show(self._story.add(linked))

    def on_idle(self) -> None:
        """Show what is complete by now."""
        for linked in self._linker.advance(self._now_ms()):
            self._show(self._story.add(linked))
        self._show(self._story.flush(is_end=False))

    def end(self) -> None:
        """Show the rest, and what all of it came to."""
        for linked in self._linker.close():
            self._show(self._story.add(linked))
        self._show(self._story.flush(is_end=True))
        if self._tally.requests:
            self._screen.write(summary(self._tally))

    def _show(self, told: Iterable[Told]) -> None:
        blocks = [block for one in told for block in self._blocks(one)]
        if blocks:
            self._screen.write(blocks)

    def _blocks(self, told: Told) -> Iterable[Block]:
        if isinstance(told, Explanation):
            self._tally.count(told)
            if self._only_errors and told.error is None:
                return ()
            return ladder([told], self._screen.width, reveal=False)
        if isinstance(told, LoneCall) and not self._only_errors:
            return (Drawing([call_line(told.entry, self._screen.width)]),)
        return ()


if __name__ == "__main__":
    main(sys.argv[1:])
