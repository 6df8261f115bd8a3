"""`stctl decode`: what a pasted thing is, and what it says."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from stctl.cli.context import Context
from stctl.cli.decode_input import STDIN, binary, read_lines, read_pastes
from stctl.cli.options import (
    JwksOption,
    RevealOption,
    VerifyOption,
    may_take_core,
    takes_output,
)
from stctl.errors import ErrorKind, StctlError
from stctl.render.decode import presentation, stream_presentation
from stctl.render.printer import Output, Printer
from stctl.tokens.decoded import Decoded, Item, Report, Tools, decode_line, examine
from stctl.tokens.identify import Broken, Source
from stctl.tokens.problem import TokenProblem

if TYPE_CHECKING:
    from stctl.cli.settings import CoreTarget

    FindTarget: TypeAlias = Callable[[], CoreTarget]

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_ROW_FORMS = {Output.NDJSON, Output.CSV}
_MOST_NAMED = 10
_TOLD_EVERY = 500
_EPILOG = """
Examples:

`stctl decode eyJraWQ…`

`pbpaste | stctl decode -` reads a header block, a curl command, JSON, anything.

`stctl decode @access.txt @refresh.txt` tells how two tokens are related.

`stctl decode --verify --core http://localhost:3567 eyJraWQ…`

`stctl decode - -o ndjson < tokens.txt` reads a token a line, millions of them.
"""


@app.command(epilog=_EPILOG)
@takes_output
@may_take_core
def decode(
    ctx: typer.Context,
    *,
    tokens: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TOKEN…|-|@FILE]",
            help="Any text that holds tokens; `-` for standard input, `@FILE` for a file.",
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option("--file", "-f", metavar="FILE", help="Read a file.", show_default=False),
    ] = None,
    verify: VerifyOption = False,
    jwks: JwksOption = None,
    refresh_key: Annotated[
        str | None,
        typer.Option(
            "--refresh-key",
            metavar="KEY|@FILE",
            help="Open refresh tokens with the core's refresh key. It is a secret: better in a "
            "file.",
            show_default=False,
        ),
    ] = None,
    reveal: RevealOption = False,
    printer: Printer,
    find_target: "FindTarget",
) -> None:
    """Say what a pasted token is and what it says. Never needs a core.

    Takes access tokens of every version, refresh, front, id-refresh and anti-CSRF tokens, JWTs and
    session handles; alone or several, inside cookies, headers, curl commands, JSON, URL-encoded or
    quoted. What it prints is UNVERIFIED unless `--verify` or `--jwks` is given.
    """
    context = Context.of(ctx)
    tools = _tools(context, find_target, verify=verify, jwks=jwks, refresh_key=refresh_key)
    if printer.output in _ROW_FORMS and tokens == [STDIN] and not file:
        _decode_stream(context, printer, tools, reveal=reveal)
        return
    report = examine(
        read_pastes(tokens or [], file or [], context.stdin), context.clock.now_ms(), tools
    )
    _refuse_if_nothing(report)
    flat = printer.output is Output.CSV
    printer.show(presentation(report, reveal=reveal, flat=flat, offset_at=_local_offset_s))
    tally = Tally()
    for item in report.items:
        tally.count(item)
    tally.end()


def _tools(
    context: Context,
    find_target: "FindTarget",
    *,
    verify: bool,
    jwks: str | None,
    refresh_key: str | None,
) -> Tools:
    if not (verify or jwks or refresh_key):
        return Tools()
    from stctl.cli.decode_tools import refresh_opener, signature_check

    return Tools(
        check=signature_check(context, find_target(), jwks) if verify or jwks else None,
        unseal=refresh_opener(context, refresh_key) if refresh_key else None,
    )


def _local_offset_s(moment_ms: int) -> int:
    """Seconds that this machine's clock is ahead of UTC at a moment; 0 beyond its calendar."""
    try:
        return time.localtime(moment_ms // 1000).tm_gmtoff
    except (OverflowError, OSError, ValueError):
        return 0


def _refuse_if_nothing(report: Report) -> None:
    """Raise `input-unreadable`, naming every candidate, where none of them could be read."""
    broken = report.broken
    if len(broken) < len(report.items):
        return
    told = [_told(item) for item in broken[:_MOST_NAMED]]
    if len(broken) > _MOST_NAMED:
        told.append(f"and {len(broken) - _MOST_NAMED} more")
    raise StctlError(
        ErrorKind.INPUT_UNREADABLE,
        f"{'This is no token' if len(broken) == 1 else 'None of these is a token'}: "
        f"{'; '.join(told)}.",
        hint="decode takes access, refresh, front, id-refresh and anti-CSRF tokens, JWTs and "
        "session handles, alone or inside headers, cookies, curl commands and JSON.",
    )


def _told(item: Broken) -> str:
    where = "" if item.source.place == "whole" and not item.source.paste else f"{item.source}, "
    problem = item.problem
    # That the whole token is at fault goes without saying.
    told = problem.reason if problem.part == "token" else str(problem)
    return f"{where}{told}"


@dataclass(slots=True)
class Tally:
    """Counts what became of the elements, and ends the command with the status that fits."""

    read: int = 0
    broken: int = 0
    refuted: int = 0

    def count(self, item: Item) -> None:
        """Count one element."""
        if isinstance(item, Broken):
            self.broken += 1
            return
        self.read += 1
        if isinstance(item, Decoded) and item.signature is not None and item.signature.is_no:
            self.refuted += 1

    def end(self) -> None:
        """Return where all was read and every checked signature holds; else end with a status."""
        if self.refuted:
            raise typer.Exit(ErrorKind.ANSWER_IS_NO.exit_status)
        if self.broken:
            kind = ErrorKind.PARTLY_DONE if self.read else ErrorKind.INPUT_UNREADABLE
            raise typer.Exit(kind.exit_status)


def _decode_stream(context: Context, printer: Printer, tools: Tools, *, reveal: bool) -> None:
    """Decode standard input line by line; nothing of a line is kept after it was printed."""
    tally = Tally()
    now_ms = context.clock.now_ms()
    flat = printer.output is Output.CSV
    # Where the results themselves run over the terminal, a bar would only be in their way.
    watched = printer.progress("decoding") if not printer.out.is_terminal else _unwatched()
    with watched as advance:
        items = _items_of_lines(context, tools, now_ms, tally, advance)
        printer.show(stream_presentation(items, now_ms, reveal=reveal, flat=flat))
    tally.end()


@contextmanager
def _unwatched() -> Iterator[Callable[[int], None]]:
    yield lambda _: None


def _items_of_lines(
    context: Context, tools: Tools, now_ms: int, tally: Tally, advance: Callable[[int], None]
) -> Iterator[tuple[int, Item]]:
    for number, text in read_lines(binary(context.stdin)):
        if number % _TOLD_EVERY == 0:
            advance(_TOLD_EVERY)
        for item in decode_line(text, now_ms, tools) if text is not None else (_TOO_LONG,):
            tally.count(item)
            yield number, item


_TOO_LONG = Broken(
    text="",
    source=Source(place="whole"),
    expected=None,
    problem=TokenProblem("token", "the line is longer than 1 MiB"),
)
