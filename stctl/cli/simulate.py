"""`stctl simulate`: make a session error happen, and watch who does what."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli.context import Context
from stctl.cli.options import takes_output
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Output, Printer

if TYPE_CHECKING:
    from stctl.scenarios.model import Case, Scenario
    from stctl.scenarios.stage import Target, Wishes

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

ALL = "all"
LIST = "list"
_CORE_PANEL = "On a core of your own"
_BACKEND_PANEL = "How the backend is set up"
_EPILOG = """
Examples:

`stctl simulate theft` lets a session be stolen and caught.

`stctl simulate theft --cdi 5.6` does it under the rules of the newest interface.

`stctl simulate theft --handlers handlers.py` calls your own `on_token_theft_detected`.

`stctl simulate all --core http://localhost:3567 --json` plays everything on a core of yours.
"""


class AntiCsrfMode(StrEnum):
    """Values of `--anti-csrf`."""

    NONE = "NONE"
    VIA_TOKEN = "VIA_TOKEN"  # noqa: S105 - the name of a mode
    VIA_CUSTOM_HEADER = "VIA_CUSTOM_HEADER"


class TransferMode(StrEnum):
    """Values of `--transfer`."""

    COOKIE = "cookie"
    HEADER = "header"


class Sdk(StrEnum):
    """Values of `--sdk`."""

    NODE = "node"
    PYTHON = "python"
    GO = "go"


def complete_names(incomplete: str) -> list[str]:
    """Names of scenarios that begin with `incomplete`."""
    from stctl.scenarios.load import library_names

    return [name for name in (*library_names(), ALL, LIST) if name.startswith(incomplete)]


def _core_option(*names: str, text: str, metavar: str) -> object:
    return typer.Option(
        *names, help=text, metavar=metavar, rich_help_panel=_CORE_PANEL, show_default=False
    )


def _backend_option(*names: str, text: str, metavar: str | None = None) -> object:
    return typer.Option(
        *names, help=text, metavar=metavar, rich_help_panel=_BACKEND_PANEL, show_default=False
    )


@app.command(epilog=_EPILOG, no_args_is_help=True)
@takes_output
def simulate(
    ctx: typer.Context,
    *,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A scenario, `all`, or `list` for what there is.",
            autocompletion=complete_names,
            show_default=False,
        ),
    ],
    case: Annotated[
        list[str] | None,
        typer.Option("--case", metavar="NAME", help="Play this case only.", show_default=False),
    ] = None,
    narrate: Annotated[
        bool | None,
        typer.Option(
            "--narrate/--no-narrate",
            help="Explain each step in plain words; the default, except for `all`, which shows a "
            "line a case unless it is told to narrate.",
            show_default=False,
        ),
    ] = None,
    cdi: Annotated[
        str | None,
        _backend_option(
            "--cdi",
            text="Version of the core driver interface that the backend speaks: 2.7 to 5.6. "
            "Default: the SDK's own, 5.4 for node and python, 3.1 for go.",
            metavar="VERSION",
        ),
    ] = None,
    sdk: Annotated[
        Sdk, _backend_option("--sdk", text="SDK of the backend, in its newest version.")
    ] = Sdk.NODE,
    anti_csrf: Annotated[
        AntiCsrfMode | None, _backend_option("--anti-csrf", text="Anti-CSRF mode of the backend.")
    ] = None,
    transfer: Annotated[
        TransferMode | None, _backend_option("--transfer", text="How the tokens travel.")
    ] = None,
    handlers: Annotated[
        Path | None,
        _backend_option(
            "--handlers",
            text="Python file with your own handlers, which are really called: on_unauthorised, "
            "on_token_theft_detected, on_try_refresh_token, …",
            metavar="FILE.py",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        _backend_option("--set", text="Setting of the embedded core.", metavar="NAME=VALUE"),
    ] = None,
    url: Annotated[
        str | None,
        _core_option(
            "--core",
            text="Address of a real core to play on. Sessions of made-up users are created there, "
            "and removed at the end. Without it: an embedded core in memory, whose clock is moved "
            "where time has to pass.",
            metavar="URL",
        ),
    ] = None,
    api_key: Annotated[
        str | None,
        _core_option(
            "--api-key", text="API key; visible to others on this machine.", metavar="KEY"
        ),
    ] = None,
    api_key_file: Annotated[
        str | None,
        _core_option(
            "--api-key-file", text="File with the API key, `-` for standard input.", metavar="FILE"
        ),
    ] = None,
    app_id: Annotated[
        str | None, _core_option("--app-id", text="App within the core.", metavar="ID")
    ] = None,
    tenant_id: Annotated[
        str | None, _core_option("--tenant", text="Tenant within the app.", metavar="ID")
    ] = None,
    timeout: Annotated[
        str | None,
        _core_option(
            "--timeout", text="Seconds to wait for an answer of the core.", metavar="SECONDS"
        ),
    ] = None,
    printer: Printer,
) -> None:
    """Make a session error happen, step by step, and show who did what.

    Browser, backend and core are three actors: real tokens, a real core, and the session recipe of
    a backend SDK with its default handlers, or with yours. Ends with status 0 when every case that
    was played ended as it promises, with 3 otherwise.
    """
    if name == LIST:
        _show_list(printer)
        return
    scenarios = _scenarios(name, case or ())
    flags = {
        "url": url,
        "api_key": api_key,
        "api_key_file": api_key_file,
        "app_id": app_id,
        "tenant_id": tenant_id,
        "timeout": timeout,
    }
    from stctl.cli.simulate_stage import stage_target, wishes_of

    wishes = wishes_of(
        cdi=cdi,
        sdk=sdk.value,
        anti_csrf=anti_csrf,
        transfer=None if transfer is None else transfer.value,
        handlers=handlers,
        settings=settings or (),
    )
    with stage_target(Context.of(ctx), flags, wishes) as target:
        _play(scenarios, case or (), target, wishes, printer, name=name, narrate=narrate)


def _show_list(printer: Printer) -> None:
    from stctl.render.simulate import listing
    from stctl.scenarios.load import library_names, load_from_library

    printer.show(listing([load_from_library(name) for name in library_names()]))


def _scenarios(name: str, cases: Sequence[str]) -> "Sequence[Scenario]":
    from stctl.scenarios.load import library_names, load_from_library
    from stctl.scenarios.play import cases_by_name

    scenarios = [load_from_library(known) for known in (library_names() if name == ALL else [name])]
    known_cases = cases_by_name(scenarios)
    for case in cases:
        if case not in known_cases:
            raise StctlError(
                ErrorKind.USAGE,
                f"{name} has no case {case!r}",
                hint=f"Its cases are {', '.join(known_cases)}.",
            )
    return scenarios


def _play(
    scenarios: "Sequence[Scenario]",
    cases: Sequence[str],
    target: "Target",
    wishes: "Wishes",
    printer: Printer,
    *,
    name: str,
    narrate: bool | None,
) -> None:
    from stctl.render.simulate import presentation
    from stctl.scenarios.play import Performance

    def chosen(case: "Case") -> bool:
        return not cases or case.name in cases

    performance = Performance(scenarios, target, wishes, chosen)
    brief = name == ALL and narrate is None and printer.output is Output.TABLE
    printer.show(presentation(performance, narrate=narrate is not False, brief=brief))
    if not performance.is_as_promised:
        raise typer.Exit(ErrorKind.ANSWER_IS_NO.exit_status)
