"""`stctl doctor`: what is wrong with a core, or with an app."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli.context import Context
from stctl.cli.options import takes_core, takes_output
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer

if TYPE_CHECKING:
    from stctl.checks.app_line import AppLine, AuthMode
    from stctl.checks.core_line import CoreLine
    from stctl.checks.finding import Finding
    from stctl.tokens.sizes import CookieSize

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")
_EPILOG = """
Examples:

`stctl doctor --core https://core.example.com --api-key-file key.txt`

`stctl doctor --core http://localhost:3567 --sdk python@0.31`

`stctl doctor --app https://api.example.com/auth --website https://example.com`
"""


@app.command(epilog=_EPILOG)
@takes_output
@takes_core
def doctor(
    ctx: typer.Context,
    *,
    app_url: Annotated[
        str | None,
        typer.Option(
            "--app",
            metavar="URL",
            help="A backend with a SuperTokens SDK; its path is the apiBasePath, else `/auth`.",
            show_default=False,
        ),
    ] = None,
    website: Annotated[
        str | None,
        typer.Option(
            "--website",
            metavar="URL",
            help="Where the frontend of the app runs; needed to judge cookies and CORS.",
            show_default=False,
        ),
    ] = None,
    auth_mode: Annotated[
        str,
        typer.Option(
            "--auth-mode", metavar="cookie|header", help="Where the app's clients keep tokens."
        ),
    ] = "cookie",
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="TOKEN|-|@FILE",
            help="An access token of the app, to be measured.",
            show_default=False,
        ),
    ] = None,
    sdk: Annotated[
        str | None,
        typer.Option(
            "--sdk",
            metavar="NAME@VERSION",
            help="The backend SDK that the core has to fit: node, python or go.",
            show_default="the newest of each",
        ),
    ] = None,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Look for what is wrong with a core, and with an app. Nothing is changed.

    Each check passes, warns, fails, or is skipped with a reason, and has a stable name. Exit status
    3 when one fails; a warning leaves it 0. With `--app` the core is examined too where an address
    of it is set.
    """
    from stctl.render.doctor import Examination, presentation

    context = Context.of(ctx)
    wanted_app = app_url or target.app_url
    wants_core = wanted_app is None or target.url is not None or target.database is not None
    findings: list[Finding] = []
    core_place = app_place = None
    with ExitStack() as closing, printer.progress("examining") as advance:
        if wants_core:
            lines = _core_lines(context, target, closing)
            core_place = ", ".join(one.shown for one in lines)
            for finding in _core_findings(context, lines, target, sdk):
                findings.append(finding)
                advance(1)
        if wanted_app is not None:
            line = _app_line(
                context,
                wanted_app,
                target,
                closing,
                website=website,
                auth_mode=auth_mode,
                token=token,
            )
            app_place = line.address.shown
            for finding in _app_findings(context, line, target):
                findings.append(finding)
                advance(1)
    found = Examination(core=core_place, app=app_place, findings=findings)
    printer.show(presentation(found))
    if found.verdict == "fail":
        raise typer.Exit(ErrorKind.ANSWER_IS_NO.exit_status)


def _core_findings(
    context: Context, lines: "list[CoreLine]", target: CoreTarget, sdk: str | None
) -> "Iterator[Finding]":
    from stctl.checks.core import examine_core
    from stctl.recipe.profiles.version import parse_sdk

    wanted = None if sdk is None else parse_sdk(sdk)
    return examine_core(lines, clock=context.clock, timeout_s=target.timeout_s, sdk=wanted)


def _core_lines(context: Context, target: CoreTarget, closing: ExitStack) -> "list[CoreLine]":
    from stctl.cdi.addresses import read_addresses
    from stctl.cdi.transport import HttpTransport
    from stctl.checks.core_line import CoreLine

    if target.url is None:
        transport = closing.enter_context(context.open_transport(target))
        return [
            CoreLine(
                shown=transport.target,
                transport=transport,
                address=None,
                api_key=None,
                app_id=target.app_id,
            )
        ]
    return [
        CoreLine(
            shown=address.shown,
            transport=closing.enter_context(
                HttpTransport(address.url, clock=context.clock, timeout_s=target.timeout_s)
            ),
            address=address,
            api_key=target.api_key,
            app_id=target.app_id,
        )
        for address in read_addresses(target.url)
    ]


def _app_line(
    context: Context,
    url: str,
    target: CoreTarget,
    closing: ExitStack,
    *,
    website: str | None,
    auth_mode: str,
    token: str | None,
) -> "AppLine":
    from stctl.cdi.addresses import read_addresses
    from stctl.cdi.transport import HttpTransport
    from stctl.checks.app_line import AppLine

    address = read_addresses(url)[0]
    site = None if website is None else read_addresses(website)[0].url
    transport = HttpTransport(address.url, clock=context.clock, timeout_s=target.timeout_s)
    return AppLine(
        address=address,
        transport=closing.enter_context(transport),
        website=site,
        mode=_auth_mode(auth_mode),
        token=None if token is None else _size(context, token),
    )


def _auth_mode(given: str) -> "AuthMode":
    if given == "cookie":
        return "cookie"
    if given == "header":
        return "header"
    raise StctlError(ErrorKind.USAGE, f"--auth-mode is cookie or header, not {given!r}.")


def _size(context: Context, given: str) -> "CookieSize":
    from stctl.cli.decode_input import read_pastes
    from stctl.tokens.decoded import examine

    report = examine(read_pastes([given], [], context.stdin), context.clock.now_ms())
    sizes = [one.size for one in report.tokens if one.size and one.size.cookie == "sAccessToken"]
    if not sizes:
        raise StctlError(ErrorKind.INPUT_UNREADABLE, "There is no access token in --token.")
    return sizes[0]


def _app_findings(context: Context, line: "AppLine", target: CoreTarget) -> "Iterator[Finding]":
    from stctl.checks.app import examine_app

    return examine_app(line, timeout_s=target.timeout_s, now_ms=context.clock.now_ms())
