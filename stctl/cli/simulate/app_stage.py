"""Sets the stage for `stctl simulate --app`: the app, what is known of it, and its core."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from stctl.cdi.addresses import Address, read_addresses
from stctl.cdi.app_transport import AppTransport
from stctl.cdi.versions import checked
from stctl.cli.context import Context
from stctl.cli.files import read_text_file
from stctl.cli.simulate.app_choices import AppChoices
from stctl.cli.simulate.choices import Choices
from stctl.cli.trace_reading import known_app
from stctl.errors import ErrorKind, StctlError
from stctl.recipe.config import AntiCsrf, AppConfig
from stctl.recipe.profiles.history import profile_at
from stctl.recipe.profiles.newest import NODE
from stctl.recipe.transfer import Place
from stctl.scenarios.app.keys import Signatures
from stctl.scenarios.app.line import AppLine, AppSetUp
from stctl.scenarios.app.routes import (
    CLAIMED,
    NAMES,
    PROTECTED,
    USUAL_ROUTE,
    AppRoute,
    AppRoutes,
    Login,
    read_header,
    read_route,
)
from stctl.scenarios.stage import Target, Wishes, open_core
from stctl.traces.explain.known_app import KnownApp

_USUAL_BASE = "/auth"


def app_wishes(context: Context, choices: Choices) -> tuple[KnownApp, Wishes]:
    """What is known of the app, and what the person asked for.

    Raises USAGE for options that do not go together, and what `known_app` raises.
    """
    _refuse_conflicts(choices)
    known = _known(context, choices)
    config = _config(known)
    wishes = Wishes(
        cdi=checked(choices.cdi or config.profile.cdi),
        profile=config.profile,
        anti_csrf=config.anti_csrf,
        transfer=_transfer(choices, config),
        status=choices.expect_status,
        body=choices.expect_body,
        app=config,
    )
    return known, wishes


def _transfer(choices: Choices, config: AppConfig) -> Place | None:
    """How tokens travel: as was asked for, else as the app lets them, where it is particular."""
    if choices.transfer is not None:
        return choices.transfer.value
    return None if config.transfer_method == "any" else config.transfer_method


def _refuse_conflicts(choices: Choices) -> None:
    if choices.handlers is not None:
        raise StctlError(
            ErrorKind.USAGE, "--handlers is for the rehearsed backend; an app has its own handlers"
        )
    if choices.app.login is None and choices.url is None and choices.profile is None:
        raise StctlError(
            ErrorKind.USAGE,
            "--app needs a way to a session of a test user",
            hint="Give --login 'POST /path' (and --login-body), or --core URL of the app's core.",
        )


def _address(choices: Choices) -> Address:
    addresses = read_addresses(choices.app.app_url or "")
    if len(addresses) > 1:
        raise StctlError(ErrorKind.USAGE, "--app takes one address.")
    return addresses[0]


def _known(context: Context, choices: Choices) -> KnownApp:
    sdk = None if choices.sdk is None else choices.sdk.value
    known = known_app(context, choices.app.app_config, sdk)
    url = urlsplit(_address(choices).url)
    path = choices.app.api_base_path or url.path or known.api_base_path or _USUAL_BASE
    trimmed = path.strip("/")
    anti_csrf = known.anti_csrf
    if choices.anti_csrf is not None:
        anti_csrf = AntiCsrf(choices.anti_csrf.value)
    return replace(
        known,
        api_domain=known.api_domain or f"{url.scheme}://{url.netloc.rpartition('@')[2]}",
        api_base_path=f"/{trimmed}" if trimmed else "",
        anti_csrf=anti_csrf,
    )


def _config(known: KnownApp) -> AppConfig:
    usual = AppConfig()
    dynamic = known.use_dynamic_access_token_signing_key
    return AppConfig(
        profile=NODE if known.sdk is None else profile_at(known.sdk, known.framework),
        api_domain=known.api_domain or usual.api_domain,
        api_base_path=known.api_base_path or "",
        anti_csrf=known.anti_csrf if isinstance(known.anti_csrf, AntiCsrf) else None,
        transfer_method=known.get_token_transfer_method or "any",
        cookie_domain=known.cookie_domain,
        older_cookie_domain=known.older_cookie_domain,
        cookie_same_site=known.cookie_same_site,
        session_expired_status=known.session_expired_status_code or usual.session_expired_status,
        invalid_claim_status=known.invalid_claim_status_code or usual.invalid_claim_status,
        dynamic_signing_key=True if dynamic is None else dynamic,
    )


def app_target(
    context: Context, choices: Choices, core: Target | None, closing: ExitStack
) -> tuple[Target, Wishes]:
    """The app as a target; `core` is its core, where it was named. And what is asked for."""
    known, wishes = app_wishes(context, choices)
    routes = _routes(choices.app)
    claimed = [route.path for route in routes.get(CLAIMED, ())]
    set_up = AppSetUp(
        known=replace(known, claim_routes=(*known.claim_routes, *claimed)),
        routes=AppRoutes(routes),
        login=_login(context, choices.app),
        users=choices.app.users,
        has_core=core is not None,
    )
    transport = closing.enter_context(
        AppTransport(
            _address(choices),
            clock=context.clock,
            timeout_s=_timeout_s(context, choices),
            notify=context.printer.remark,
        )
    )
    client = None if core is None else open_core(core, {}, wishes.cdi).client
    line = AppLine(transport, set_up, Signatures(client))
    _announce(context, line, core)
    if core is None:
        return _without_core(context, line), wishes
    return replace(core, name=line.shown, core_name=core.name, app=line), wishes


def _without_core(context: Context, line: AppLine) -> Target:
    return Target(
        name=line.shown,
        is_rehearsal=False,
        clock=context.clock,
        transport_for=lambda _: _NoCore(),
        notify=context.printer.remark,
        app=line,
    )


def _timeout_s(context: Context, choices: Choices) -> float:
    from stctl.cli.settings import core_target

    flags = {"timeout": choices.timeout, "profile": choices.profile, "url": choices.url}
    return core_target(context, flags, with_key=False).timeout_s


def _announce(context: Context, line: AppLine, core: Target | None) -> None:
    login = line.set_up.login
    way = "made in its core" if login is None else f"made by {login.route}"
    told = f"Playing against {line.shown}: its own handlers fire. Sessions of test users are {way}"
    if core is None:
        told += "; its core is not known here, so they are left behind"
    else:
        told += (
            f", {core.name}, and removed there at the end"
            if login is None
            else (f" and removed from its core, {core.name}, at the end")
        )
    context.printer.remark(told)


def _routes(app: AppChoices) -> dict[str, list[AppRoute]]:
    found = {PROTECTED: [read_route(text, "--protected") for text in app.protected]}
    for text in app.routes:
        name, equals, route = text.partition("=")
        if not equals or name not in NAMES:
            raise StctlError(
                ErrorKind.USAGE,
                f"--route takes NAME='GET /path', not {text!r}",
                hint=f"Names are {', '.join(NAMES)}.",
            )
        found.setdefault(name, []).append(read_route(route, f"--route {name}="))
    if not found[PROTECTED]:
        found[PROTECTED] = [read_route(USUAL_ROUTE, "--protected")]
    return found


def _login(context: Context, app: AppChoices) -> Login | None:
    if app.login is None:
        given = "--login-body" if app.login_body else "--login-header" if app.login_headers else ""
        if given:
            raise StctlError(ErrorKind.USAGE, f"{given} says nothing without --login")
        return None
    text = app.login if " " in app.login.strip() else f"POST {app.login}"
    return Login(
        route=read_route(text, "--login"),
        headers=[read_header(one, "--login-header") for one in app.login_headers],
        body=_body(context, app.login_body),
    )


def _body(context: Context, given: str | None) -> str:
    if given == "-":
        return context.stdin.read()
    if given is not None and given.startswith("@"):
        return read_text_file(Path(given[1:]).expanduser(), "the body of the login")
    return given or ""


class _NoCore:
    """Stands where a core would be: nothing may ask it."""

    target = "no core"

    def send(self, method: str, path: str, **_options: object) -> NoReturn:
        """Raise USAGE."""
        raise StctlError(
            ErrorKind.USAGE,
            f"{method} {path}: the core of the app is not known",
            hint="Name it with --core.",
        )

    def close(self) -> None:
        """Nothing to give back."""
