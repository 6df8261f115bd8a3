"""Sets the stage for `stctl simulate`: what was asked for, and the core that is played on."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from stctl.cdi.transport import HttpTransport, InProcessTransport, Transport
from stctl.cdi.versions import checked
from stctl.cli.context import Context
from stctl.cli.settings import core_target
from stctl.cli.simulate.choices import Choices
from stctl.clock import FrozenClock
from stctl.errors import ErrorKind, StctlError
from stctl.recipe.config import AntiCsrf
from stctl.recipe.overrides import Overrides, load_overrides
from stctl.recipe.profiles.newest import profile_of
from stctl.scenarios.stage import Target, Wishes

_EMBEDDED = "embedded core"


def wishes_of(choices: Choices, settings: Mapping[str, str]) -> Wishes:
    """What the person asked for, checked.

    Raises USAGE for an unknown version, SETTING_INVALID for a value that no core takes, and
    INPUT_UNREADABLE for a file of handlers that cannot be used.
    """
    from stctl.core.settings import load_settings

    load_settings(None, {}, [f"{name}={value}" for name, value in settings.items()])
    profile = profile_of("node" if choices.sdk is None else choices.sdk.value)
    transfer = choices.transfer
    return Wishes(
        cdi=checked(choices.cdi or profile.cdi),
        profile=profile,
        anti_csrf=None if choices.anti_csrf is None else AntiCsrf(choices.anti_csrf.value),
        transfer=None if transfer is None else transfer.value,
        settings=settings,
        overrides=_overrides(choices.handlers),
        status=choices.expect_status,
        body=choices.expect_body,
    )


def _overrides(handlers: Path | None) -> Overrides:
    return Overrides() if handlers is None else load_overrides(handlers)


@contextmanager
def stage(
    context: Context, choices: Choices, settings: Mapping[str, str]
) -> Iterator[tuple[Target, Wishes]]:
    """The target that is played on, for as long as it is needed, and what is asked for.

    Raises USAGE for options that do not go together, and what `wishes_of` raises.
    """
    _refuse_conflicts(choices, settings)
    with ExitStack() as closing:
        core = _network(context, choices, closing) if _names_core(choices) else None
        if choices.app.app_url is not None:
            from stctl.cli.simulate.app_stage import app_target

            yield app_target(context, choices, core, closing)
        else:
            wishes = wishes_of(choices, settings)
            if core is not None:
                context.printer.remark(
                    f"Playing at {core.name}: sessions of made-up users are created there, and "
                    "removed at the end"
                )
            yield core or _embedded(context, closing), wishes


def _names_core(choices: Choices) -> bool:
    return choices.url is not None or bool(choices.profile)


def _refuse_conflicts(choices: Choices, settings: Mapping[str, str]) -> None:
    other = "--app" if choices.app.app_url else "--core" if _names_core(choices) else None
    if settings and other is not None:
        raise StctlError(
            ErrorKind.USAGE,
            f"--set {next(iter(settings))} is a setting of the embedded core, and {other} names "
            "one that runs",
        )
    if choices.app.app_url is None and (lone := choices.app.first_given):
        raise StctlError(ErrorKind.USAGE, f"{lone} is about an app: give --app URL")


def _embedded(context: Context, closing: ExitStack) -> Target:
    """Cores in memory, one for each set of settings, on a clock that is moved by hand."""
    from stctl.core.service import CoreService, open_core
    from stctl.core.settings import load_settings

    clock = FrozenClock(context.clock.now_ms())
    cores: dict[tuple[str, ...], CoreService] = {}

    def new_core(wanted: Sequence[str]) -> CoreService:
        core = open_core(None, load_settings(None, {}, wanted), clock, context.entropy)
        return closing.enter_context(core)

    def transport_for(settings: Mapping[str, str]) -> Transport:
        wanted = _as_given(settings)
        if wanted not in cores:
            cores[wanted] = new_core(wanted)
        return InProcessTransport(cores[wanted].answer, target=_EMBEDDED)

    def fresh_transport_for(settings: Mapping[str, str]) -> Transport:
        return InProcessTransport(new_core(_as_given(settings)).answer, target=_EMBEDDED)

    return Target(
        name=_EMBEDDED,
        is_rehearsal=True,
        clock=clock,
        transport_for=transport_for,
        fresh_transport_for=fresh_transport_for,
    )


def _as_given(settings: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(f"{name}={value}" for name, value in settings.items()))


def _network(context: Context, choices: Choices, closing: ExitStack) -> Target:
    names = ("url", "api_key", "api_key_file", "app_id", "tenant_id", "timeout", "profile")
    core = core_target(context, {name: getattr(choices, name) for name in names})
    if core.url is None:
        raise StctlError(
            ErrorKind.USAGE, f"The profile {choices.profile} names no core with an address"
        )
    transport = closing.enter_context(
        HttpTransport(
            core.url,
            clock=context.clock,
            notify=context.printer.remark,
            timeout_s=core.timeout_s,
        )
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
