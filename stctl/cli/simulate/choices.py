"""The options that say how a scenario is played."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from stctl.cli.options import Command, with_options
from stctl.cli.simulate.app_choices import APP_CHOICES, AppChoices, taken_from

_CORE_PANEL = "On a core of your own"
_BACKEND_PANEL = "How the backend is set up"
_JUDGE_PANEL = "For tests"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What was given on the command line."""

    case: list[str]
    narrate: bool | None
    cdi: str | None
    sdk: Sdk | None
    anti_csrf: AntiCsrfMode | None
    transfer: TransferMode | None
    handlers: Path | None
    settings: list[str]
    expect_status: int | None
    expect_body: str | None
    junit: Path | None
    har: Path | None
    url: str | None
    api_key: str | None
    api_key_file: str | None
    app_id: str | None
    tenant_id: str | None
    timeout: str | None
    profile: str | None
    app: AppChoices


def _option(
    kind: Any, *names: str, text: str, metavar: str | None = None, panel: str | None = None
) -> tuple[Any, Any]:
    option = typer.Option(
        *names, help=text, metavar=metavar, rich_help_panel=panel, show_default=False
    )
    return Annotated[kind, option], None


def _core(*names: str, text: str, metavar: str) -> tuple[Any, Any]:
    return _option(str | None, *names, text=text, metavar=metavar, panel=_CORE_PANEL)


def _backend(kind: Any, *names: str, text: str, metavar: str | None = None) -> tuple[Any, Any]:
    return _option(kind, *names, text=text, metavar=metavar, panel=_BACKEND_PANEL)


def _judge(kind: Any, *names: str, text: str, metavar: str) -> tuple[Any, Any]:
    return _option(kind, *names, text=text, metavar=metavar, panel=_JUDGE_PANEL)


_CHOICES: dict[str, tuple[Any, Any]] = {
    "case": _option(list[str] | None, "--case", text="Play this case only.", metavar="NAME"),
    "narrate": _option(
        bool | None,
        "--narrate/--no-narrate",
        text="Explain each step in plain words; the default, except for `all`, which shows a line "
        "a case unless it is told to narrate.",
    ),
    "settings": _option(
        list[str] | None,
        "--set",
        text="A parameter of the scenario (`gap=31s`), or a setting of the embedded core by the "
        "name that it has in a core's configuration.",
        metavar="NAME=VALUE",
    ),
    "har": _option(
        Path | None,
        "--har",
        text="Write what happened between browser, backend and core to this file, tokens in full, "
        "for `stctl explain`.",
        metavar="FILE",
    ),
    "cdi": _backend(
        str | None,
        "--cdi",
        text="Version of the core driver interface that the backend speaks: 2.7 to 5.6. "
        "Default: the SDK's own, 5.4 for node and python, 3.1 for go.",
        metavar="VERSION",
    ),
    "sdk": _backend(
        Sdk | None,
        "--sdk",
        text="SDK of the backend, in its newest version; node without it. Of an app: as `[app]` "
        "says, else found out.",
    ),
    "anti_csrf": _backend(
        AntiCsrfMode | None, "--anti-csrf", text="Anti-CSRF mode of the backend."
    ),
    "transfer": _backend(TransferMode | None, "--transfer", text="How the tokens travel."),
    "handlers": _backend(
        Path | None,
        "--handlers",
        text="Python file with your own handlers, which are really called: on_unauthorised, "
        "on_token_theft_detected, on_try_refresh_token, …",
        metavar="FILE.py",
    ),
    "expect_status": _judge(
        int | None,
        "--expect-status",
        text="Fail unless the promised step of every case is answered with this status.",
        metavar="STATUS",
    ),
    "expect_body": _judge(
        str | None,
        "--expect-body",
        text="Fail unless the body of that answer holds this text; of a JSON object, its members.",
        metavar="TEXT",
    ),
    "junit": _judge(
        Path | None,
        "--junit",
        text="Write a JUnit report to this file as well, a test a case.",
        metavar="FILE.xml",
    ),
    "url": _core(
        "--core",
        text="Address of a real core to play on. Sessions of made-up users are created there, and "
        "removed at the end. Without it: an embedded core in memory, whose clock is moved where "
        "time has to pass.",
        metavar="URL",
    ),
    "api_key": _core(
        "--api-key", text="API key; visible to others on this machine.", metavar="KEY"
    ),
    "api_key_file": _core(
        "--api-key-file", text="File with the API key, `-` for standard input.", metavar="FILE"
    ),
    "app_id": _core("--app-id", text="App within the core.", metavar="ID"),
    "tenant_id": _core("--tenant", text="Tenant within the app.", metavar="ID"),
    "timeout": _core(
        "--timeout", text="Seconds to wait for an answer of core or app.", metavar="SECONDS"
    ),
    "profile": _core(
        "--profile", text="Named core of `stctl profile`, in place of `--core`.", metavar="NAME"
    ),
    **APP_CHOICES,
}


def takes_choices(command: Callable[..., None]) -> Command:
    """Add these options; the command is given `choices`."""

    def finish(_ctx: typer.Context, given: dict[str, Any]) -> dict[str, Any]:
        given["case"] = given["case"] or []
        given["settings"] = given["settings"] or []
        app = taken_from(given)
        return {"choices": Choices(app=app, **given)}

    return with_options(command, _CHOICES, "choices", finish)
