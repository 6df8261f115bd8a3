"""Options that many commands share, as decorators.

A decorated command is given the finished thing (`printer`, `target`) in place of the options.
"""

import functools
import inspect
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stctl.cli.context import Context
from stctl.render.printer import Output

if TYPE_CHECKING:
    from stctl.cli.settings import CoreTarget

Command = Callable[..., None]

_OUTPUT = {
    "output": (
        Annotated[
            Output,
            typer.Option("-o", "--output", help="Form of the result.", show_default=True),
        ],
        Output.TABLE,
    ),
    "as_json": (
        Annotated[bool, typer.Option("--json", help="Short for `-o json`.")],
        False,
    ),
    "quiet": (
        Annotated[bool, typer.Option("-q", "--quiet", help="Print ids only, one a line.")],
        False,
    ),
}

_CORE_PANEL = "Which core"


def _core_option(*names: str, text: str, metavar: str) -> tuple[Any, None]:
    option = typer.Option(
        *names, help=text, metavar=metavar, rich_help_panel=_CORE_PANEL, show_default=False
    )
    return Annotated[str | None, option], None


_CORE = {
    "url": _core_option(
        "--core",
        text="Address of a core, several parted by `;`. Without it: `STCTL_CORE`, `stctl.toml`, "
        "else the embedded core's own store.",
        metavar="URL",
    ),
    "api_key": _core_option(
        "--api-key", text="API key; visible to others on this machine.", metavar="KEY"
    ),
    "api_key_file": _core_option(
        "--api-key-file", text="File with the API key, `-` for standard input.", metavar="FILE"
    ),
    "cdi": _core_option(
        "--cdi", text="Speak this version of the core driver interface.", metavar="VERSION"
    ),
    "app_id": _core_option("--app-id", text="App within the core.", metavar="ID"),
    "tenant_id": _core_option("--tenant", text="Tenant within the app.", metavar="ID"),
    "timeout": _core_option(
        "--timeout", text="Seconds to wait for an answer of the core.", metavar="SECONDS"
    ),
    "database": _core_option("--db", text="File of the embedded core.", metavar="FILE"),
    "profile": _core_option(
        "--profile", text="Named core of `stctl profile`; empty for none.", metavar="NAME"
    ),
}


def takes_output(command: Command) -> Command:
    """Add `-o/--output`, `--json` and `-q`; the command is given `printer`."""
    return with_options(command, _OUTPUT, "printer", _choose_printer)


def takes_output_as(forms: type[StrEnum]) -> Callable[[Command], Command]:
    """The same with other forms: those of `Output` that `forms` names, and more of its own.

    A form of its own is one of the `others` of the `Presentation`. `table` must be among them.
    """
    kind: Any = forms
    option = typer.Option("-o", "--output", help="Form of the result.", show_default=True)
    options = {**_OUTPUT, "output": (Annotated[kind, option], forms("table"))}
    return lambda command: with_options(command, options, "printer", _choose_printer)


def _choose_printer(ctx: typer.Context, given: dict[str, Any]) -> dict[str, Any]:
    context = Context.of(ctx)
    form = "json" if given["as_json"] else str(given["output"].value)
    is_usual = form in {*Output}
    context.chosen_printer = context.printer_for(
        Output(form) if is_usual else Output.TABLE,
        quiet=given["quiet"],
        other="" if is_usual else form,
    )
    return {"printer": context.chosen_printer}


def takes_core(command: Command) -> Command:
    """Add `--core` and its companions; the command is given `target`, a `CoreTarget`."""

    def finish(ctx: typer.Context, given: dict[str, Any]) -> dict[str, Any]:
        from stctl.cli.settings import core_target

        return {"target": core_target(Context.of(ctx), given)}

    return with_options(command, _CORE, "target", finish)


def may_take_core(command: Command) -> Command:
    """Add `--core` and its companions; the command is given `find_target`.

    That is a function that returns the `CoreTarget`. Until it is called no settings file is read:
    a command that seldom needs a core must not fail, nor wait, for one.
    """

    def finish(ctx: typer.Context, given: dict[str, Any]) -> dict[str, Any]:
        def find_target() -> "CoreTarget":
            from stctl.cli.settings import core_target

            return core_target(Context.of(ctx), given)

        return {"find_target": find_target}

    return with_options(command, _CORE, "find_target", finish)


def takes_core_flags(command: Command) -> Command:
    """Add `--core` and its companions; the command is given `flags`, as they were written."""

    def finish(_ctx: typer.Context, given: dict[str, Any]) -> dict[str, Any]:
        return {"flags": given}

    return with_options(command, _CORE, "flags", finish)


def with_options(
    command: Command,
    options: dict[str, tuple[Any, Any]],
    replaced: str,
    finish: Callable[[typer.Context, dict[str, Any]], dict[str, Any]],
) -> Command:
    """Return a command whose signature has `options` in place of the parameter `replaced`.

    The command must take `ctx: typer.Context`.
    """
    signature = inspect.signature(command)
    kept = [parameter for parameter in signature.parameters.values() if parameter.name != replaced]
    added = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )
        for name, (annotation, default) in options.items()
    ]

    @functools.wraps(command)
    def wrapper(**arguments: Any) -> None:
        given = {name: arguments.pop(name) for name in options}
        command(**arguments, **finish(arguments["ctx"], given))

    everything = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in (*kept, *added)
    ]
    wrapper.__signature__ = signature.replace(parameters=everything)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {parameter.name: parameter.annotation for parameter in everything}
    return wrapper


RevealOption = Annotated[
    bool, typer.Option("--reveal", help="Show tokens in full, where they are masked otherwise.")
]
VerifyOption = Annotated[
    bool, typer.Option("--verify", help="Check signatures with the key set of the core.")
]
JwksOption = Annotated[
    str | None,
    typer.Option(
        "--jwks",
        metavar="FILE|URL",
        help="Check signatures with this key set; no core is asked.",
        show_default=False,
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", "-n", help="Show what would be done, and do nothing.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]
