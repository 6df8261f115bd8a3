"""`stctl core list` and `stctl core status`."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from stctl.cli.context import Context
from stctl.cli.core.registered import registry_of
from stctl.cli.options import takes_core, takes_output
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer

if TYPE_CHECKING:
    from stctl.cdi.client import CdiClient
    from stctl.core.registry import RunningCore
    from stctl.render.core import CoreStatus

_HELLOS = 3


@takes_output
def list_cores(ctx: typer.Context, *, printer: Printer) -> None:
    """List the embedded cores that run on this machine, oldest first.

    Each is asked who it is; what a killed core left behind is cleared away. `-q` prints addresses.
    """
    from stctl.render.core import listing

    context = Context.of(ctx)
    printer.show(listing(registry_of(context).present(), context.clock.now_ms()))


@takes_output
@takes_core
def status(
    ctx: typer.Context,
    place: Annotated[
        str | None,
        typer.Argument(
            metavar="URL",
            help="The core. Without it: `--core` and its companions, else the embedded core that "
            "runs.",
            show_default=False,
        ),
    ] = None,
    *,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Ask a core how it is: whether it answers and how fast, its versions and keys.

    It also says whether the core asks for an API key, and whether the given one is right.
    """
    from stctl.render.core import status as presentation

    context = Context.of(ctx)
    running = [one.core for one in registry_of(context).present()]
    asked = _asked(replace(target, url=place) if place is not None else target, running)
    printer.show(presentation(_status(context, asked, _embedded(asked.url, running))))


def _asked(target: CoreTarget, running: "Sequence[RunningCore]") -> CoreTarget:
    if target.url is not None or target.database is not None or not running:
        return target
    if len(running) > 1:
        raise StctlError(
            ErrorKind.USAGE,
            f"{len(running)} embedded cores run: {', '.join(core.url for core in running)}.",
            hint="Name one by its address.",
        )
    return replace(target, url=running[0].url)


def _embedded(url: str | None, running: "Sequence[RunningCore]") -> "RunningCore | None":
    if url is None:
        return None
    parts = urlsplit(url)
    return next(
        (
            core
            for core in running
            if parts.port == core.port and parts.hostname in {core.address, "localhost"}
        ),
        None,
    )


def _status(context: Context, target: CoreTarget, embedded: "RunningCore | None") -> "CoreStatus":
    from stctl.cdi.versions import version_order
    from stctl.render.core import CoreStatus

    with context.open_core(replace(target, api_key=None)) as stranger:
        latency_ms = _latency_ms(stranger)
        versions = _versions_for(stranger)
    needs_key = versions is None
    with context.open_core(target) as client:
        if versions is None and target.api_key is not None:
            versions = sorted(client.api_versions(), key=version_order)
        kids = _kids(client)
        return CoreStatus(
            target=client.target,
            latency_ms=latency_ms,
            needs_key=needs_key,
            versions=versions,
            spoken=None if versions is None else client.cdi_version,
            dynamic_keys=sum(kid.startswith("d-") for kid in kids),
            static_keys=sum(not kid.startswith("d-") for kid in kids),
            embedded=embedded,
        )


def _latency_ms(client: "CdiClient") -> float:
    """The quickest of a few greetings: the first one also makes the connection."""
    return min(_timed_hello(client) for _ in range(_HELLOS))


def _timed_hello(client: "CdiClient") -> float:
    began = time.perf_counter()
    client.hello()
    return (time.perf_counter() - began) * 1000


def _versions_for(stranger: "CdiClient") -> list[str] | None:
    """The versions that the core tells a caller without a key; None when it wants one."""
    from stctl.cdi.versions import version_order

    try:
        return sorted(stranger.api_versions(), key=version_order)
    except StctlError as error:
        if error.kind is not ErrorKind.CORE_KEY_REFUSED:
            raise
        return None


def _kids(client: "CdiClient") -> list[str]:
    keys = client.jwks().document["keys"]
    found = keys if isinstance(keys, list) else []
    return [str(key.get("kid", "")) for key in found if isinstance(key, dict)]
