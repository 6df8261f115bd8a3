"""`stctl core stop`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli.context import Context
from stctl.cli.core.registered import registry_of
from stctl.cli.options import takes_output
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer

if TYPE_CHECKING:
    from stctl.core.registry import RunningCore


@takes_output
def stop_cores(
    ctx: typer.Context,
    which: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PID|PORT|URL", help="Which; not needed for the only one.", show_default=False
        ),
    ] = None,
    *,
    everyone: Annotated[bool, typer.Option("--all", help="Stop every one.")] = False,
    printer: Printer,
) -> None:
    """Stop embedded cores of this machine, and wait until they have ended.

    Requests that a core has begun are finished first.
    """
    from stctl.render.core import Stopped, stopped

    registry = registry_of(Context.of(ctx))
    chosen = _chosen([one.core for one in registry.present()], which or (), everyone=everyone)
    results = [Stopped(core=core, ended=registry.stop(core)) for core in chosen]
    printer.show(stopped(results))
    if not all(one.ended for one in results):
        raise typer.Exit(ErrorKind.PARTLY_DONE.exit_status)


def _chosen(
    cores: "Sequence[RunningCore]", which: Sequence[str], *, everyone: bool
) -> "Sequence[RunningCore]":
    if everyone or (not which and len(cores) <= 1):
        return cores
    if not which:
        raise StctlError(
            ErrorKind.USAGE,
            f"{len(cores)} embedded cores run: {', '.join(core.url for core in cores)}.",
            hint="Name one by its port, process or address, or give --all.",
        )
    found = {core.instance: core for text in which for core in _named(cores, text)}
    return list(found.values())


def _named(cores: "Sequence[RunningCore]", text: str) -> "Sequence[RunningCore]":
    wanted = text.rstrip("/")
    found = [core for core in cores if wanted in {str(core.pid), str(core.port), core.url}]
    if not found:
        raise StctlError(
            ErrorKind.CORE_DOWN,
            f"No embedded core of yours has the process, port or address {text}.",
            hint="See which run with `stctl core list`.",
        )
    return found
