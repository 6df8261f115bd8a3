"""`stctl explain`: for each request of a trace, which handler fires, and why not the others."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from stctl.cli.context import Context
from stctl.cli.options import (
    JwksOption,
    RevealOption,
    VerifyOption,
    may_take_core,
    takes_output,
)
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer
from stctl.traces.model import TraceFormat

if TYPE_CHECKING:
    from stctl.cli.settings import CoreTarget
    from stctl.traces.explain.explanation import Explanation
    from stctl.traces.explain.keys import KeySet
    from stctl.traces.explain.known_app import KnownApp
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
@may_take_core
def explain(
    ctx: typer.Context,
    *,
    traces: Annotated[
        list[str],
        typer.Argument(
            metavar="TRACE…", help="Recorded traces; `-` for standard input.", show_default=False
        ),
    ],
    sdk: Annotated[
        str | None,
        typer.Option(
            "--sdk",
            metavar="SDK[@VERSION]",
            help="Backend SDK of the app: node, python or go. Older versions behave differently.",
            show_default=False,
        ),
    ] = None,
    app_config: Annotated[
        str | None,
        typer.Option(
            "--app-config",
            metavar="FILE",
            help="TOML file with an `[app]` table: what is known of the app. Without it "
            "`./stctl.toml`, where there is one.",
            show_default=False,
        ),
    ] = None,
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
    form: Annotated[
        TraceFormat | None,
        typer.Option("--format", help="Format of the traces.", show_default="found out"),
    ] = None,
    verify: VerifyOption = False,
    jwks: JwksOption = None,
    reveal: RevealOption = False,
    printer: Printer,
    find_target: "FindTarget",
) -> None:
    """Say for every request of a trace which handler of the session recipe fires, and why.

    Reads HAR, NDJSON recordings, OTLP spans and `curl -v`, of either side or both, and debug logs
    of backend SDKs. What the trace does not show is concluded from the answers, and marked as
    inferred, with what else remains possible. Which handlers an app overrides need not be told.

    Ends with 6 when parts of a trace could not be read, with 3 when there is no such `--entry`.
    """
    from stctl.cli.explain_inputs import key_set, known_app
    from stctl.traces.explain.selection import Selection

    context = Context.of(ctx)
    task = Task(
        context=context,
        printer=printer,
        known=known_app(context, app_config, sdk),
        keys=key_set(context, find_target, verify=verify, jwks=jwks),
        selection=Selection(only_errors=only is Only.ERRORS, entry=entry),
        form=form,
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

    context: Context
    printer: Printer
    known: "KnownApp"
    keys: "KeySet | None"
    selection: "Selection"
    form: TraceFormat | None
    reveal: bool
    damaged: int = 0
    shown: int = 0
    notes: list[str] = field(default_factory=list)

    def pick(self, told: "Iterator[Told]") -> "Iterator[Explanation]":
        """The explanations that are wanted; damage is told on standard error and counted."""
        from stctl.traces.explain.explanation import Explanation
        from stctl.traces.model import Damage

        for item in told:
            if isinstance(item, Damage):
                self.damaged += 1
                self.printer.remark(f"Unreadable: {item.sentence()}")
            elif isinstance(item, Explanation) and self.selection.takes(item):
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
        if self.damaged:
            parts = "one part" if self.damaged == 1 else f"{self.damaged:,} parts"
            raise StctlError(
                ErrorKind.PARTLY_DONE,
                f"What could be read is explained; {parts} of it could not be read.",
                hint="The places are named above.",
            )


def _explain(task: Task, traces: list[str]) -> None:
    from stctl.cli.decode_input import binary
    from stctl.render.explain.show import TraceReport, show_reports
    from stctl.traces.explain.logged import explain_log
    from stctl.traces.explain.story import TraceStory
    from stctl.traces.link import link
    from stctl.traces.readers import open_trace

    def reports() -> Iterator[TraceReport]:
        for name in traces:
            with open_trace(name, stdin=binary(task.context.stdin), form=task.form) as trace:
                told = (
                    explain_log(trace, task.known)
                    if trace.form is TraceFormat.DEBUG_LOG
                    else TraceStory(task.known, task.keys).tell(link(trace))
                )
                yield TraceReport(trace=name, known=task.known, told=task.pick(told))

    show_reports(
        task.printer,
        reports(),
        reveal=task.reveal,
        opens_all=task.selection.entry is not None,
        many=len(traces) > 1,
    )


def _follow(task: Task, traces: list[str]) -> None:
    from stctl.cli.explain_follow import follow_trace

    if len(traces) != 1 or traces[0] == "-":
        raise StctlError(ErrorKind.USAGE, "--follow takes exactly one file.")
    follow_trace(task, traces[0])
