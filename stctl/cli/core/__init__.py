"""`stctl core`: embedded cores on this machine, and the state of any core."""

import typer

from stctl.cli.app import CommandGroup
from stctl.cli.core import examples, looking, starting, stopping, telling

app = typer.Typer(
    name="core",
    cls=CommandGroup,
    add_completion=False,
    help="Run embedded cores on this machine, and see how any core is.",
    rich_markup_mode="markdown",
)
app.command("start", epilog=examples.START)(starting.start)
app.command("list")(looking.list_cores)
app.command("stop", epilog=examples.STOP)(stopping.stop_cores)
app.command("status", epilog=examples.STATUS)(looking.status)
app.command("config")(telling.config)
app.command("stats")(telling.stats)
