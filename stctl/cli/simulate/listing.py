"""`stctl simulate list` and `stctl simulate show`."""

from typing import Annotated

import typer

from stctl.cli.options import takes_output
from stctl.render.printer import Printer


def complete_scenarios(incomplete: str) -> list[str]:
    """Names of scenarios that begin with `incomplete`."""
    from stctl.scenarios.load import library_names

    return [name for name in library_names() if name.startswith(incomplete)]


@takes_output
def list_scenarios(ctx: typer.Context, *, printer: Printer) -> None:
    """List every scenario with its cases, and its parameters. `-q` prints the names alone."""
    del ctx
    from stctl.render.simulate.listing import listing
    from stctl.scenarios.load import library_names, load_from_library

    printer.show(listing([load_from_library(name) for name in library_names()]))


@takes_output
def show(
    ctx: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A scenario.",
            autocompletion=complete_scenarios,
            show_default=False,
        ),
    ],
    *,
    printer: Printer,
) -> None:
    """Print a scenario as the TOML that it is written in, to be copied and changed."""
    del ctx
    from stctl.render.simulate.listing import scenario_text
    from stctl.scenarios.load import library_text, load_from_library

    printer.show(scenario_text(load_from_library(name), library_text(name)))
