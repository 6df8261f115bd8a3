"""Sets the stage for `stctl simulate`: what was asked for, and the core that is played on."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from stctl.cdi.transport import HttpTransport, InProcessTransport, Transport
from stctl.cdi.versions import checked
from stctl.cli.context import Context
from stctl.cli.settings import core_target
from stctl.clock import FrozenClock
from stctl.errors import ErrorKind, StctlError
from stctl.recipe.config import AntiCsrf
from stctl.recipe.overrides import Overrides, load_overrides
from stctl.recipe.profiles.newest import profile_of
from stctl.recipe.profiles.profile import SdkName
from stctl.recipe.transfer import Place
from stctl.scenarios.stage import Target, Wishes


def wishes_of(
    *,
    cdi: str | None,
    sdk: SdkName,
    anti_csrf: str | None,
    transfer: Place | None,
    handlers: Path | None,
    settings: Sequence[str],
) -> Wishes:
    """What the person asked for, checked.

    Raises USAGE for an unknown version, SETTING_INVALID for a setting that no core has, and
    INPUT_UNREADABLE for a file of handlers that cannot be used.
    """
    profile = profile_of(sdk)
    return Wishes(
        cdi=checked(cdi or profile.cdi),
        profile=profile,
        anti_csrf=None if anti_csrf is None else AntiCsrf(anti_csrf),
        transfer=transfer,
        settings=_settings(settings),
        overrides=_overrides(handlers),
    )


def _settings(given: Sequence[str]) -> Mapping[str, str]:
    """Check the settings by the table of the core, and return them by name."""
    from stctl.core.settings import load_settings

    load_settings(None, {}, given)
    return {name.strip(): value for name, _, value in (one.partition("=") for one in given)}


def _overrides(handlers: Path | None) -> Overrides:
    return Overrides() if handlers is None else load_overrides(handlers)


@contextmanager
def stage_target(
    context: Context, flags: Mapping[str, str | None], wishes: Wishes
) -> Iterator[Target]:
    """The core that is to be played on, for as long as it is needed."""
    with ExitStack() as closing:
        if flags["url"] is None:
            yield _embedded(context, closing)
        elif wishes.settings:
            raise StctlError(
                ErrorKind.USAGE, "--set is for the embedded core; --core names one that runs"
            )
        else:
            yield _network(context, flags, closing)


def _embedded(context: Context, closing: ExitStack) -> Target:
    """Cores in memory, one for each set of settings, on a clock that is moved by hand."""
    from stctl.core.service import CoreService, open_core
    from stctl.core.settings import load_settings

    clock = FrozenClock(context.clock.now_ms())
    cores: dict[tuple[str, ...], CoreService] = {}

    def transport_for(settings: Mapping[str, str]) -> Transport:
        wanted = tuple(sorted(f"{name}={value}" for name, value in settings.items()))
        if wanted not in cores:
            core = open_core(None, load_settings(None, {}, wanted), clock, context.entropy)
            cores[wanted] = closing.enter_context(core)
        return InProcessTransport(cores[wanted].answer, target="embedded core")

    return Target(name="embedded core", is_rehearsal=True, clock=clock, transport_for=transport_for)


def _network(context: Context, flags: Mapping[str, str | None], closing: ExitStack) -> Target:
    core = core_target(context, flags)
    transport = closing.enter_context(
        HttpTransport(
            core.url or "",
            clock=context.clock,
            notify=context.printer.remark,
            timeout_s=core.timeout_s,
        )
    )
    context.printer.remark(
        f"Playing at {transport.target}: sessions of made-up users are created there, and removed "
        "at the end"
    )
    return Target(
        name=transport.target,
        is_rehearsal=False,
        clock=context.clock,
        transport_for=lambda _: transport,
        api_key=core.api_key,
        app_id=core.app_id,
        tenant_id=core.tenant_id,
        name_user=lambda user: f"stctl-{user}-{context.entropy.uuid()}",
        notify=context.printer.remark,
    )
