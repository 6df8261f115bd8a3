"""`stctl core start`."""

import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli.context import Context
from stctl.cli.core.registered import registry_folder
from stctl.cli.options import takes_output
from stctl.cli.settings import core_target
from stctl.render.printer import Output, Printer

if TYPE_CHECKING:
    from stctl.core.launch import Launch
    from stctl.core.registry import RunningCore
    from stctl.core.settings import CoreSettings

MEMORY = ":memory:"


def _setting_names(incomplete: str) -> list[str]:
    from stctl.core.settings import SETTINGS

    return [f"{row.name}=" for row in SETTINGS if row.name.startswith(incomplete)]


@takes_output
def start(
    ctx: typer.Context,
    *,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=0,
            max=65_535,
            metavar="PORT",
            help="Where to listen; 0 takes a free port.",
            show_default="3567",
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            metavar="HOST",
            help="Address to listen on. Others than this machine's own need an API key.",
            show_default="127.0.0.1",
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--db",
            metavar="FILE",
            help=f"File of the sessions, or {MEMORY}.",
            show_default="the file that other commands use",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="A core's config.yaml.", show_default=False),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A setting of the core, over file and environment; may be repeated.",
            autocompletion=_setting_names,
            show_default=False,
        ),
    ] = None,
    foreground: Annotated[
        bool, typer.Option("--foreground", help="Stay here until Ctrl-C or SIGTERM.")
    ] = False,
    instance: Annotated[str | None, typer.Option("--instance", hidden=True)] = None,
    printer: Printer,
) -> None:
    """Start an embedded core on a port of this machine.

    It answers as a SuperTokens core does, and SDKs can be pointed at it. The command returns when
    the core answers; the core goes on in the background.
    """
    from stctl.core.launch import prepare, run_here
    from stctl.render.core import started

    context = Context.of(ctx)
    given = list(overrides or ())
    settings = _settings(context, config, given, host, port)
    launch = prepare(
        settings,
        database=_database(context, database),
        config_path=None if config is None else config.absolute(),
        registry_folder=registry_folder(context),
        clock=context.clock,
        entropy=context.entropy,
        instance=instance,
        log_folder=context.state_folder / "logs" if instance or not foreground else None,
    )
    if foreground:
        run_here(launch, partial(_tell, launch.core, printer.output, quiet=printer.quiet))
    else:
        printer.show(started(_started(context, launch, given)))


def _settings(
    context: Context,
    config: Path | None,
    overrides: Sequence[str],
    host: str | None,
    port: int | None,
) -> "CoreSettings":
    from stctl.core.settings import load_settings

    place = [f"host={host}"] if host is not None else []
    place += [f"port={port}"] if port is not None else []
    return load_settings(config, context.environ, [*overrides, *place])


def _database(context: Context, given: str | None) -> Path | None:
    """The file of the sessions; None for memory."""
    if given == MEMORY:
        return None
    found = core_target(context, {"database": given}, with_key=False).database
    return (found or context.state_folder / "core.sqlite3").absolute()


def _tell(core: "RunningCore", output: Output, *, quiet: bool) -> None:
    """Tell that a core in the foreground answers; runs in the process that serves."""
    from stctl.render.core import started

    Context().printer_for(output, quiet=quiet).show(started(core))


def _started(context: Context, launch: "Launch", overrides: Sequence[str]) -> "RunningCore":
    from stctl.core.background import start_in_background

    shown, hidden = _apart(overrides)
    return start_in_background(
        [*_command(launch), *(part for text in shown for part in ("--set", text))],
        instance=launch.core.instance,
        registry=launch.registry,
        log=Path(launch.core.log or os.devnull),
        environ={**context.environ, **hidden},
    )


def _command(launch: "Launch") -> list[str]:
    core = launch.core
    command = [sys.executable, "-P", "-m", "stctl", "core", "start", "--foreground", "--json"]
    command += ["--instance", core.instance, "--host", core.address, "--port", str(core.port)]
    command += ["--db", core.database or MEMORY]
    return (
        command if launch.config_path is None else [*command, "--config", str(launch.config_path)]
    )


def _apart(overrides: Sequence[str]) -> tuple[list[str], Mapping[str, str]]:
    """Part overrides into those for the command line and secrets, which go by the environment.

    The command line of a process can be read by everybody on the machine.
    """
    from stctl.core.settings.table import BY_NAME

    shown: list[str] = []
    hidden: dict[str, str] = {}
    for text in overrides:
        name, _, value = text.partition("=")
        row = BY_NAME[name.strip()]
        if row.secret and value:
            hidden[row.environment] = value
        else:
            shown.append(text)
    return shown, hidden
