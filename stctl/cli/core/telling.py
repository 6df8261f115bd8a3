"""`stctl core config` and `stctl core stats`: what a core tells of itself."""

from typing import Annotated

import typer

from stctl.cli.context import Context
from stctl.cli.options import takes_core, takes_output
from stctl.cli.settings import CoreTarget
from stctl.render.printer import Printer


@takes_output
@takes_core
def config(
    ctx: typer.Context,
    *,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only those that differ from their default.")
    ] = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Show the settings that a core works with, as far as it tells them.

    Needs CDI 5.1. A core that does not publish them gives some away in other answers; those are
    shown with where they come from.
    """
    from stctl.checks.core_settings import read_core_config
    from stctl.render.core_facts import configuration

    context = Context.of(ctx)
    with context.open_core(target) as client:
        found = read_core_config(client, context.clock.now_ms())
        printer.show(configuration(client.target, found, only_changed=changed))


@takes_output
@takes_core
def stats(ctx: typer.Context, *, target: CoreTarget, printer: Printer) -> None:
    """Show how many requests a second a core had over the last day.

    Each core process counts for itself, per app, in memory, from its first question on.
    """
    from stctl.render.core_facts import statistics

    with Context.of(ctx).open_core(target) as client:
        printer.show(statistics(client.target, client.request_stats()))
