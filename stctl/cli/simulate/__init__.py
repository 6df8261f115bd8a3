"""`stctl simulate`: make a session error happen, and watch who does what."""

from typing import Any

import typer

from stctl.cli.app import CommandGroup
from stctl.cli.simulate import examples, exploring, listing, playing

_PLAY = "play"
_HELP = frozenset({"-h", "--help"})


class SimulateGroup(CommandGroup):
    """A group in which the name of a scenario stands for itself: `simulate theft` plays it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; what begins with no command is played."""
        if args and args[0] not in {*self.commands, *_HELP}:
            args = [_PLAY, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return the commands and scenarios that begin with `incomplete`."""
        play = self.commands[_PLAY]
        found = super().shell_complete(ctx, incomplete)
        return [*found, *play.params[0].shell_complete(ctx, incomplete)]


app = typer.Typer(
    name="simulate",
    cls=SimulateGroup,
    add_completion=False,
    help="Make a session error happen, step by step, and show who did what: "
    "`stctl simulate theft`.",
    rich_markup_mode="markdown",
    no_args_is_help=True,
    epilog=examples.SIMULATE,
)
app.command(_PLAY, epilog=examples.PLAY)(playing.play)
app.command("list")(listing.list_scenarios)
app.command("show", epilog=examples.SHOW)(listing.show)
app.command("run", epilog=examples.RUN)(playing.run_file)
app.command("explore", epilog=examples.EXPLORE)(exploring.explore)
