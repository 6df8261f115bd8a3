"""`stctl keys`: the keys that sign and check tokens."""

from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli.app import CommandGroup
from stctl.cli.context import Context
from stctl.cli.options import takes_core, takes_output
from stctl.cli.settings import CoreTarget
from stctl.render.printer import Output, Printer

if TYPE_CHECKING:
    from stctl.checks.keyset import KeySituation

app = typer.Typer(
    name="keys",
    cls=CommandGroup,
    add_completion=False,
    help="See the keys that sign and check tokens, and watch them rotate.",
    rich_markup_mode="markdown",
)
_STREAMED = {Output.TABLE, Output.NDJSON}
_WATCH = """
Examples:

`stctl keys watch --core http://localhost:3567`

`stctl keys watch --every 5s --count 100 -o ndjson`
"""


@app.command("list")
@takes_output
@takes_core
def list_keys(
    ctx: typer.Context,
    *,
    jwks: Annotated[
        str | None,
        typer.Option(
            "--jwks",
            metavar="FILE|URL",
            help="Look at this key set; no core is asked.",
            show_default=False,
        ),
    ] = None,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """List the key set of a core: each key, its age, which one signs now, when the next one comes.

    When the next one comes is worked out from how long the set may be kept, which a file does not
    tell.
    """
    from stctl.render.keys import listing

    context = Context.of(ctx)
    if jwks is None:
        with context.open_core(target) as client:
            answer = client.jwks()
            place = f"The key set of {client.target}"
        found = _situation(context, answer.document, answer.max_age_s)
    else:
        from stctl.cli.decode_tools import key_document

        place, document = key_document(context, target, jwks)
        found = _situation(context, document if isinstance(document, dict) else {}, None)
    printer.show(listing(place, found))


def _situation(context: Context, document: "object", max_age_s: int | None) -> "KeySituation":
    from stctl.checks.keyset import read_situation
    from stctl.errors import ErrorKind, StctlError

    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise StctlError(ErrorKind.INPUT_UNREADABLE, "That is no key set: it has no list `keys`.")
    return read_situation(document, max_age_s, context.clock.now_ms())


@app.command("watch", epilog=_WATCH)
@takes_output
@takes_core
def watch(
    ctx: typer.Context,
    *,
    every: Annotated[
        str, typer.Option("--every", metavar="DURATION", help="How long to wait between looks.")
    ] = "30s",
    count: Annotated[
        int | None,
        typer.Option(
            "--count", min=1, metavar="N", help="Look so many times.", show_default="until Ctrl-C"
        ),
    ] = None,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Look at the keys of a core again and again, and tell when one comes, goes, or starts to sign.

    A core that cannot be asked is told as well, and looked at again. `-o json` and the like print
    at the end; `-o ndjson` prints what happens when it happens.
    """
    from stctl.checks.key_changes import KeyChange, watch_keys
    from stctl.cli.sessions.values import duration_ms
    from stctl.render.keys import watching

    context = Context.of(ctx)
    every_ms = max(1, duration_ms(every))
    seen: list[KeyChange] = []
    with context.open_core(target) as client:

        def look() -> "KeySituation":
            answer = client.jwks()
            return _situation(context, answer.document, answer.max_age_s)

        try:
            for change in watch_keys(look, context.clock, every_ms, count):
                if printer.output in _STREAMED or printer.quiet:
                    printer.show(watching([change]))
                else:
                    seen.append(change)
        finally:
            if seen:
                printer.show(watching(seen))
