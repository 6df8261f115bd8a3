"""`stctl handlers`: the errors of the session recipe, and who answers each of them."""

from typing import Annotated

import typer

from stctl.cli.options import takes_output
from stctl.errors import ErrorKind, StctlError
from stctl.recipe.failures import ErrorName
from stctl.render.printer import Printer

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_EPILOG = """
Examples:

`stctl handlers`

`stctl handlers TOKEN_THEFT_DETECTED --sdk python`

`stctl handlers --sdk node@9.3.1` shows what an older SDK has.
"""


@app.command(epilog=_EPILOG)
@takes_output
def handlers(
    ctx: typer.Context,
    *,
    error: Annotated[
        str | None,
        typer.Argument(
            metavar="[ERROR]",
            help="An error, such as `UNAUTHORISED`, or a handler, such as `onUnauthorised`.",
            show_default=False,
        ),
    ] = None,
    sdk: Annotated[
        str,
        typer.Option("--sdk", metavar="SDK[@VERSION]", help="Backend SDK: node, python or go."),
    ] = "node",
    printer: Printer,
) -> None:
    """Show which handler answers which error, what it answers by default, and how to replace it.

    The table is made from the same rules by which `explain` and `simulate` decide.
    """
    del ctx
    from stctl.recipe.handler_table import handler_table
    from stctl.recipe.profiles.version import parse_sdk
    from stctl.render.handlers import presentation

    wanted = parse_sdk(sdk)
    rows = handler_table(wanted)
    if error is not None:
        name = error.lower().replace("-", "_")
        rows = tuple(row for row in rows if name in {row.error.lower(), row.handler.lower()})
        if not rows:
            raise StctlError(
                ErrorKind.USAGE,
                f"There is no error or handler {error} in {sdk}.",
                hint=f"Errors are {', '.join(ErrorName)}.",
            )
    printer.show(presentation(rows, wanted, opened=error is not None))
