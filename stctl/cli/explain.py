"""`stctl explain`: for each request of a trace, which handler fires, and why not the others."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from stctl.cli.options import (
    JwksOption,
    RevealOption,
    VerifyOption,
    may_take_core,
    takes_output,
)
from stctl.cli.trace_reading import TraceReading, TracesArgument, key_set, reads_traces
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer

if TYPE_CHECKING:
    from stctl.cli.settings import CoreTarget
    from stctl.traces.explain.explanation import Explanation
    from stctl.traces.explain.selection import Selection
    from stctl.traces.explain.story import Told

    FindTarget: TypeAlias = Callable[[], CoreTarget]

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_EPILOG = """
Examples:

`stctl explain session.har`

`stctl explain session.har --only errors --sdk python@0.31.4`

`stctl explain session.har --entry 7` opens one request, with everything that was asked.

`stctl explain --app-config stctl.toml -o ndjson *.har` prints one document a trace.

`stctl explain recording.ndjson --follow` explains while it is being recorded.
"""


class Only(StrEnum):
    """What can be asked for alone."""

    ERRORS = "errors"


@app.command(epilog=_EPILOG)
@takes_output
@reads_traces
@may_take_core
def explain(
    ctx: typer.Context,
    *,
    traces: TracesArgument,
    only: Annotated[
        Only | None, typer.Option("--only", help="Show nothing else.", show_default=False)
    ] = None,
    entry: Annotated[
        int | None,
        typer.Option(
            "--entry", metavar="N", help="Open the request at this place.", show_default=False
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on as the file grows; Ctrl-C ends it.")
    ] = False,
    verify: VerifyOption = False,
    jwks: JwksOption = None,
    reveal: RevealOption = False,
    printer: Printer,
    reading: TraceReading,
    find_target: "FindTarget",
) -> None:
    """Say for every request of a trace which handler of the session recipe fires, and why.

    Reads HAR, NDJSON recordings, OTLP spans and `curl -v`, of either side or both, and debug logs
    of backend SDKs. What the trace does not show is concluded from the answers, and marked as
    inferred, with what else remains possible. Which handlers an app overrides need not be told.

    Ends with 6 when parts of a trace could not be read, with 3 when there is no such `--entry`.
    """
    from stctl.traces.explain.selection import Selection

    del ctx
    reading.keys = key_set(reading.context, find_target, verify=verify, jwks=jwks)
    task = Task(
        reading=reading,
        printer=printer,
        selection=Selection(only_errors=only is Only.ERRORS, entry=entry),
        reveal=reveal,
    )
    if follow:
        _follow(task, traces)
    else:
        _explain(task, traces)
    task.end()


@dataclass(slots=True, kw_only=True)
class Task:
    """What is to be explained, and how it went."""

    reading: TraceReading
    printer: Printer
    selection: "Selection"
    reveal: bool
    shown: int = 0

    def pick(self, told: "Iterable[Told]") -> "Iterator[Explanation]":
        """The explanations that are wanted."""
        from stctl.traces.explain.explanation import Explanation

        for item in told:
            if isinstance(item, Explanation) and self.selection.takes(item):
                self.shown += 1
                yield item

    def end(self) -> None:
        """Turn what went wrong into the exit status."""
        if self.selection.entry is not None and not self.shown:
            raise StctlError(
                ErrorKind.ANSWER_IS_NO,
                f"There is no request at place {self.selection.entry} of the trace.",
                hint="Places are those of the exchanges in the file, from 0; calls to the core "
                "have places too.",
            )
        self.reading.end()


def _explain(task: Task, traces: list[str]) -> None:
    from stctl.render.explain.show import TraceReport, show_reports

    reading = task.reading
    reports = (
        TraceReport(trace=name, known=reading.known, told=task.pick(reading.told(name)))
        for name in traces
    )
    show_reports(
        task.printer,
        reports,
        reveal=task.reveal,
        opens_all=task.selection.entry is not None,
        many=len(traces) > 1,
    )


def _follow(task: Task, traces: list[str]) -> None:
    from stctl.cli.explain_follow import follow_trace

    if len(traces) != 1 or traces[0] == "-":
        raise StctlError(ErrorKind.USAGE, "--follow takes exactly one file.")
    follow_trace(task, traces[0])
