"""`stctl lineage`: the family tree of every session in a trace, or of pasted tokens."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from stctl.cli.options import RevealOption, may_take_core, takes_output_as
from stctl.cli.trace_reading import TraceReading, reads_traces
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer

if TYPE_CHECKING:
    from stctl.cli.settings import CoreTarget
    from stctl.render.lineage.show import Grove
    from stctl.traces.explain.book import Recent
    from stctl.traces.explain.story import Told
    from stctl.traces.lineage import Family
    from stctl.traces.lineage.asking import CoreWord

    FindTarget: TypeAlias = Callable[[], CoreTarget]

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_EPILOG = """
Examples:

`stctl lineage session.har`

`stctl lineage session.har --only theft -o svg > theft.svg`

`stctl lineage session.har --session 6f1c` shows the session whose handle begins so.

`stctl lineage session.har --core http://localhost:3567` also asks the core which tokens it takes.

`stctl lineage eyJraWQ… gLrC0y…V2` shows how pasted tokens descend from each other.
"""
_CORE_FLAGS = ("url", "database", "profile")
_MOST_TOKENS = 2000
_MS_PER_S = 1000
_STEP = 200


class Form(StrEnum):
    """The forms in which family trees can be printed."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    YAML = "yaml"
    SVG = "svg"
    HTML = "html"
    DOT = "dot"


class Only(StrEnum):
    """What can be asked for alone."""

    THEFT = "theft"


@app.command(epilog=_EPILOG)
@takes_output_as(Form)
@reads_traces
@may_take_core
def lineage(
    ctx: typer.Context,
    *,
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="TRACE|TOKEN…",
            help="Recorded traces, or tokens; `-` for standard input.",
            show_default=False,
        ),
    ],
    session: Annotated[
        str | None,
        typer.Option(
            "--session",
            metavar="HANDLE",
            help="Show this session alone; the beginning of its handle will do.",
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        Only | None, typer.Option("--only", help="Show nothing else.", show_default=False)
    ] = None,
    grace: Annotated[
        int,
        typer.Option(
            "--grace",
            metavar="SECONDS",
            min=0,
            help="The core's refresh_token_rotation_grace_period, where CDI 5.6 holds.",
        ),
    ] = 30,
    reveal: RevealOption = False,
    printer: Printer,
    reading: TraceReading,
    find_target: "FindTarget",
) -> None:
    """Show the family tree of every session: its refresh tokens, by hash, and who used them.

    Says which refresh was theft and since when its token was a used one, and whether the evidence
    speaks for an attacker, two tabs, a lost reply, a restart or a replay by hand. What a trace
    shows of tokens decides; of a debug log, which shows none, only that there was theft.

    Ends with 3 when there is no such `--session`, with 6 when parts of a trace could not be read.
    """
    from stctl.cli.lineage_words import sorted_words
    from stctl.render.lineage.show import show_groves, show_nursery

    words = sorted_words(ctx, reading, given)
    if words.pastes:
        _refuse_beside_tokens(session, only)
        show_nursery(printer, words.pastes, reading.context.clock.now_ms(), reveal=reveal)
        return
    asks = any(ctx.params.get(name) is not None for name in _CORE_FLAGS)
    task = Task(
        reading=reading,
        printer=printer,
        grace_ms=grace * _MS_PER_S,
        session=session,
        only_theft=only is Only.THEFT,
        find_target=find_target if asks else None,
    )
    groves = [task.grove(trace.name, trace.told) for trace in words.traces]
    task.refuse_if_missing()
    show_groves(printer, groves)
    reading.end()


def _refuse_beside_tokens(session: str | None, only: Only | None) -> None:
    if session is not None or only is not None:
        raise StctlError(
            ErrorKind.USAGE, "--session and --only choose among the sessions of a trace."
        )


@dataclass(slots=True, kw_only=True)
class Task:
    """Which trees are wanted of each trace."""

    reading: TraceReading
    printer: Printer
    grace_ms: int
    session: str | None
    only_theft: bool
    find_target: "FindTarget | None"
    found: list[str] = field(default_factory=list)

    def grove(self, name: str, told: "Callable[[], Iterable[Told]]") -> "Grove":
        """The wanted trees of one trace."""
        from stctl.render.lineage.show import Grove
        from stctl.traces.explain.book import Recent
        from stctl.traces.lineage import LineageReader

        tokens: Recent[str, str] | None = None
        if self.find_target is not None:
            tokens = Recent(_MOST_TOKENS)
        reader = LineageReader(grace_ms=self.grace_ms, kept_tokens=tokens)
        with self.printer.progress(f"reading {name}") as advance:
            for place, item in enumerate(told(), start=1):
                reader.add(item)
                if place % _STEP == 0:
                    advance(_STEP)
        every = reader.families()
        wanted = [one for one in every if self._wants(one)]
        self.found.extend(one.session_handle or "" for one in wanted)
        return Grove(
            trace=name,
            families=tuple(wanted),
            hidden=0 if self.session is not None else len(every) - len(wanted),
            forgotten=reader.forgotten_sessions,
            core=self._ask(wanted, tokens),
        )

    def _wants(self, family: "Family") -> bool:
        if self.session is not None:
            return (family.session_handle or "").startswith(self.session)
        return not self.only_theft or family.theft is not None

    def _ask(
        self, families: "Sequence[Family]", tokens: "Recent[str, str] | None"
    ) -> "Mapping[str, CoreWord]":
        if self.find_target is None or tokens is None:
            return {}
        from dataclasses import replace

        from stctl.traces.lineage.asking import READ_ONLY_CDI, ask

        # Up to CDI 5.5 the question itself would make an unused token the current one.
        target = replace(self.find_target(), cdi=READ_ONLY_CDI, tenant_id="public")
        with self.reading.context.open_core(target) as client:
            return ask(client, families, tokens.get)

    def refuse_if_missing(self) -> None:
        """Raise ANSWER_IS_NO where the session that was asked for is in no trace."""
        if self.session is not None and not self.found:
            raise StctlError(
                ErrorKind.ANSWER_IS_NO,
                f"No trace shows a session whose handle begins with {self.session}.",
                hint="Without --session all of them are shown; -q prints their handles.",
            )
