"""Explaining a trace while it is being written."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from stctl.errors import ErrorKind, StctlError
from stctl.render.explain.show import TraceReport, show_reports
from stctl.traces.explain.logged import explain_log
from stctl.traces.explain.story import Told, TraceStory
from stctl.traces.link import Linker
from stctl.traces.model import Entry, TraceFormat
from stctl.traces.readers import read_trace
from stctl.traces.readers.follow import FollowedFile

if TYPE_CHECKING:
    from stctl.cli.explain import Task


def follow_trace(task: "Task", path: str) -> None:
    """Explain a file until it is interrupted; whatever is complete is shown at once.

    Raises INPUT_UNREADABLE for a file that cannot be opened.
    """
    live = _Live(task, path)
    try:
        file = open(path, "rb", buffering=0)  # noqa: PTH123, SIM115 - closed below, and read as it grows
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE, f"Cannot read the trace {path}: {reason}."
        ) from None
    with file:
        stream = FollowedFile(file, clock=task.reading.context.clock, on_idle=live.on_idle)
        trace = read_trace(stream, name=path, form=task.reading.form)
        if trace.form is TraceFormat.DEBUG_LOG:
            for told in explain_log(trace, task.reading.known):
                live.show([told])
        for item in trace:
            live.take(item)


class _Live:
    """Links and explains what comes, and shows it when nothing more comes for a while."""

    def __init__(self, task: "Task", path: str) -> None:
        self._task = task
        self._path = path
        self._linker = Linker()
        self._story = TraceStory(task.reading.known, task.reading.keys)

    def take(self, item: object) -> None:
        """Take one item as it was read."""
        if not isinstance(item, Entry):
            return
        for linked in self._linker.add(item):
            self.show(self._story.add(linked))

    def on_idle(self) -> bool:
        """Show what is complete by now; the trace goes on."""
        for linked in self._linker.advance(self._task.reading.context.clock.now_ms()):
            self.show(self._story.add(linked))
        self.show(self._story.flush(is_end=False))
        return True

    def show(self, told: Iterable[Told]) -> None:
        """Print what is wanted of it."""
        wanted = [*self._task.pick(self._task.reading.readable(told))]
        if not wanted:
            return
        report = TraceReport(trace=self._path, known=self._task.reading.known, told=wanted)
        opens_all = self._task.selection.entry is not None
        show_reports(
            self._task.printer,
            [report],
            reveal=self._task.reveal,
            opens_all=opens_all,
            many=False,
        )
