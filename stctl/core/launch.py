"""Starts an embedded core on a port, in this process."""

import ipaddress
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from stctl import __version__
from stctl.clock import Clock, Entropy, SystemClock, SystemEntropy
from stctl.core.logs import LOG, logging_each, open_logs
from stctl.core.registry import Registry, RunningCore
from stctl.core.serve import Serving, free_place, serve, threads_for
from stctl.core.settings import CoreSettings
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Request, Response

if TYPE_CHECKING:
    from stctl.core.service import CoreService


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A core that is about to be started."""

    settings: CoreSettings
    database: Path | None
    """None is memory."""
    config_path: Path | None
    registry_folder: Path
    core: RunningCore

    @property
    def registry(self) -> Registry:
        """Where the core will be found by others."""
        return Registry(self.registry_folder)


def prepare(
    settings: CoreSettings,
    *,
    database: Path | None,
    config_path: Path | None,
    registry_folder: Path,
    clock: Clock,
    entropy: Entropy,
    instance: str | None = None,
    log_folder: Path | None = None,
) -> Launch:
    """Find the place for a core and give it an identity: `instance`, or a new one.

    A core with a `log_folder` runs in the background, its log named after its port.

    Raises StctlError: cannot-listen when the place is taken, naming the core that has it where it
    is one of ours; setting-invalid when others could reach the core and no API key guards it.
    """
    address, port = _place(settings, Registry(registry_folder))
    _check_guarded(address, settings)
    core = RunningCore(
        instance=instance or entropy.uuid(),
        pid=os.getpid(),
        address=address,
        port=port,
        base_path=settings.base_path,
        database=None if database is None else str(database.absolute()),
        started_at_ms=clock.now_ms(),
        version=__version__,
        log=None if log_folder is None else str(log_folder / f"core-{port}.log"),
    )
    return Launch(
        settings=settings,
        database=database,
        config_path=config_path,
        registry_folder=registry_folder,
        core=core,
    )


def _place(settings: CoreSettings, registry: Registry) -> tuple[str, int]:
    try:
        return free_place(settings.host, settings.port)
    except StctlError as error:
        present = [one.core for one in registry.present()]
        holder = next((core for core in present if core.port == settings.port), None)
        if holder is None:
            raise
        raise StctlError(
            error.kind,
            f"Port {settings.port} is taken by an embedded core of yours: {holder.url}, process "
            f"{holder.pid}, {holder.database or 'in memory'}.",
            hint=f"Stop it with `stctl core stop {holder.port}`, or take --port 0 for a free port.",
        ) from None


def _check_guarded(address: str, settings: CoreSettings) -> None:
    if ipaddress.ip_address(address.partition("%")[0]).is_loopback or settings.api_keys:
        return
    raise StctlError(
        ErrorKind.SETTING_INVALID,
        f"api_keys is empty (built in), but {address} can be reached from other machines.",
        hint="Set a key in the environment variable API_KEYS (20 characters or more), or listen "
        "on 127.0.0.1.",
    )


def run_here(launch: Launch, then: Callable[[], None]) -> None:
    """Serve the core until this process is asked to end; `then` is called once it answers.

    `then` is called in another process and must survive pickling. Raises StctlError when the
    store, a log file, the registry or the port cannot be used.
    """
    # What is wrong shows here, where it can be told; the serving process opens its own.
    open_logs(launch.settings)
    launch.registry.prepare()
    _open(launch).close()
    serving = Serving(
        opened=partial(_ServedCore, launch),
        address=launch.core.address,
        port=launch.core.port,
        threads=threads_for(launch.settings.max_server_pool_size),
        identity=launch.core.identity,
        on_ready=partial(_enter_registry, launch, then),
    )
    try:
        serve(serving)
    finally:
        launch.registry.remove(launch.core.instance)


def _open(launch: Launch) -> "CoreService":
    from stctl.core.service import open_core

    return open_core(
        launch.database,
        launch.settings,
        SystemClock(),
        SystemEntropy(),
        config_path=launch.config_path,
        ahead=True,
    )


class _ServedCore:
    """A core that writes a line for every request where it was told to."""

    def __init__(self, launch: Launch) -> None:
        open_logs(launch.settings)
        self._service = _open(launch)
        self._answer = logging_each(self._service.answer)

    def answer(self, request: Request) -> Response:
        return self._answer(request)

    def close(self) -> None:
        self._service.close()


def _enter_registry(launch: Launch, then: Callable[[], None]) -> None:
    launch.registry.add(launch.core)
    if launch.settings.info_log_path is not None:
        LOG.info("ready at %s, process %d", launch.core.url, launch.core.pid)
    then()
