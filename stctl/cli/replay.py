"""`stctl replay`: what would have happened under other rules."""

from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli.options import takes_output
from stctl.cli.trace_reading import TraceArgument, TraceReading, reads_traces
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_EPILOG = """
Examples:

`stctl replay session.har --cdi 5.6`

`stctl replay session.har --cdi 5.6 --set refresh_token_rotation_grace_period=60`

`stctl replay session.har --all` shows every request, and whether it can be reproduced at all.
"""


@app.command(epilog=_EPILOG)
@takes_output
@reads_traces
def replay(
    ctx: typer.Context,
    *,
    trace: TraceArgument,
    cdi: Annotated[
        str | None,
        typer.Option(
            "--cdi",
            metavar="VERSION",
            help="Have the backend speak this version of the core driver interface.",
            show_default="as recorded",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Give the core this setting, by the name that it has in a core's configuration.",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show every request, not only what would be different.")
    ] = False,
    printer: Printer,
    reading: TraceReading,
) -> None:
    """Play the sessions of a trace on the embedded core under other rules, and show the difference.

    Every request is sent again at its time, with its tokens exchanged for those of a new session,
    to a backend that protects its routes as the recorded one did. It is played twice: under the
    rules that were recorded, which proves that the trace can be reproduced, and under those that
    are asked for. What cannot be reproduced is told, and never counts as a difference.

    Ends with 3 when no request of the trace can be reproduced, else with 6 when parts of it could
    not be read.
    """
    from stctl.cdi.versions import checked
    from stctl.render.replay import presentation
    from stctl.scenarios.replay import Replay
    from stctl.scenarios.replay.embedded import embedded_cores

    del ctx
    with embedded_cores(reading.context.entropy) as open_core:
        played = Replay(
            reading.told(trace),
            open_core,
            cdi=None if cdi is None else checked(cdi),
            settings=_settings(settings or []),
        )
        printer.show(presentation(played, everything=everything))
    if played.played == played.not_reproduced:
        what = "could be reproduced" if played.played else "could be played"
        raise StctlError(
            ErrorKind.ANSWER_IS_NO,
            f"The trace holds no request that {what}.",
            hint="It takes requests to protected routes, to the refresh API or to a core, with "
            "their tokens; debug logs do not have them.",
        )
    reading.end()


def _settings(given: "Sequence[str]") -> "Mapping[str, str]":
    from stctl.cli.simulate.values import told_apart

    return told_apart(given, []).settings
