"""`stctl record`: a recording proxy in front of a backend, a core, or both."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from stctl.cli.context import Context
from stctl.cli.options import ForceOption
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Output

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

T = TypeVar("T")

_EPILOG = """
Examples:

`stctl record --to http://localhost:3001` stands between browser and backend.

`stctl record --to http://localhost:3567 -- npm start` starts a backend whose core is the recorder.

`stctl record --to http://localhost:3001 --listen 8001 --side browser --to http://localhost:3567
--listen 8567 --side core -o both.ndjson` records both sides into one file.
"""


class Side(StrEnum):
    """Which two parties a recorder stands between."""

    AUTO = "auto"
    BROWSER = "browser"
    CORE = "core"


class Only(StrEnum):
    """What can be shown alone."""

    ERRORS = "errors"


@app.command(
    epilog=_EPILOG,
    # The first word that is no option begins the command, whose options are its own.
    context_settings={"allow_interspersed_args": False},
)
def record(
    ctx: typer.Context,
    *,
    to: Annotated[
        list[str],
        typer.Option(
            "--to",
            metavar="URL",
            help="Server to pass everything on to; again for a second one.",
            show_default=False,
        ),
    ],
    listen: Annotated[
        list[str] | None,
        typer.Option(
            "--listen",
            metavar="HOST:PORT",
            help="Where to listen, one for each `--to` in its order.",
            show_default="a free port of 127.0.0.1",
        ),
    ] = None,
    side: Annotated[
        list[Side] | None,
        typer.Option(
            "--side",
            help="What asks: a browser, or a backend its core; one for each `--to`.",
            show_default="found out",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="File to write; `.har` makes it a HAR, any other name NDJSON.",
            show_default="record-DATE-TIME.ndjson",
        ),
    ] = None,
    force: ForceOption = False,
    append: Annotated[
        bool, typer.Option("--append", help="Go on with a recording that is there.")
    ] = False,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Write secrets as they are, in place of stand-ins."),
    ] = False,
    body_limit: Annotated[
        int,
        typer.Option(
            "--body-limit",
            metavar="KIB",
            min=0,
            max=1024,
            help="Longer bodies are passed on, and left out of the file.",
        ),
    ] = 256,
    rewrite_host: Annotated[
        bool,
        typer.Option(
            "--rewrite-host",
            help="Put the server's own name into Host headers: the one change that can be made.",
        ),
    ] = False,
    variables: Annotated[
        list[str] | None,
        typer.Option(
            "--env",
            metavar="NAME",
            help="Variable to give the recorder's address to the command in.",
            show_default="SUPERTOKENS_CONNECTION_URI and its like",
        ),
    ] = None,
    sdk: Annotated[
        str | None,
        typer.Option(
            "--sdk",
            metavar="SDK[@VERSION]",
            help="Backend SDK of the app, for the lines that are shown.",
            show_default=False,
        ),
    ] = None,
    app_config: Annotated[
        str | None,
        typer.Option(
            "--app-config",
            metavar="FILE",
            help="TOML file with an `[app]` table, as `explain` takes it.",
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        Only | None, typer.Option("--only", help="Show nothing else.", show_default=False)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print start and end as JSON, and nothing between.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="Print only where to send requests.")
    ] = False,
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COMMAND…",
            help="Program to run and to record; `{recorder}` becomes the recorder's address.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Record what passes between browser and backend, or backend and core, and explain it live.

    Listens on this machine and passes everything on, byte for byte, both ways. Requests and answers
    are written to a file as they end, which is readable at any moment. Secrets in it are replaced
    by stand-ins, which nobody can use, and which explain as well as the secrets themselves.

    Ends on Ctrl-C or SIGTERM; with a COMMAND when that one ends, with its exit status.
    """
    from stctl.cli.record_run import Task, record_until_end

    context = Context.of(ctx)
    printer = context.printer_for(Output.NDJSON if as_json else Output.TABLE, quiet=quiet)
    if command:
        # Standard output is the command's own.
        printer = printer._replace(out=printer.err)
    context.chosen_printer = printer
    sides = _paired("--side", side, len(to), Side.AUTO)
    status = record_until_end(
        Task(
            context=context,
            printer=printer,
            targets=to,
            places=_paired("--listen", listen, len(to), ""),
            sides=[one.value for one in sides],
            file=output,
            force=force,
            append=append,
            raw=raw,
            body_limit=body_limit * 1024,
            rewrites_host=rewrite_host,
            command=command or [],
            variables=variables,
            sdk=sdk,
            app_config=app_config,
            only_errors=only is Only.ERRORS,
            shows=not (quiet or as_json),
        )
    )
    if status:
        raise typer.Exit(status)


def _paired(option: str, given: "Sequence[T] | None", count: int, usual: T) -> "list[T]":
    """One value for each server; none at all mean the usual one for each."""
    values = list(given or ())
    if len(values) > count:
        raise StctlError(
            ErrorKind.USAGE, f"There are {len(values)} {option} for {count} --to; pair them."
        )
    return values + [usual] * (count - len(values))
