"""`stctl profile add`, and where profiles and their keys are kept."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from stctl.cli.context import Context
from stctl.cli.options import takes_output
from stctl.cli.settings import KEY_WAYS, USER_FILE, SettingsFile, read_settings
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
EXAMPLES = """
Examples:

`stctl profile add staging --core https://core.staging.example.com --store-key --use`

`stctl profile add prod --core "https://a:3567;https://b:3567" --api-key-command "pass show core"`

`stctl profile add local --core http://localhost:3567 --app http://localhost:3000`
"""

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the profile.", show_default=False)
]


def key_folder(context: Context) -> Path:
    """Where keys are kept without a keyring."""
    return context.config_folder / "keys"


def user_file(context: Context) -> SettingsFile:
    """The user's own settings."""
    return read_settings(context.config_folder / USER_FILE)


@takes_output
def add(
    ctx: typer.Context,
    name: NameArgument,
    *,
    core: Annotated[
        str | None,
        typer.Option(
            "--core", metavar="URL", help="The core; several hosts by `;`.", show_default=False
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--db", metavar="FILE", help="A file of the embedded core.", show_default=False
        ),
    ] = None,
    app_url: Annotated[
        str | None,
        typer.Option("--app", metavar="URL", help="A backend beside it.", show_default=False),
    ] = None,
    cdi: Annotated[
        str | None,
        typer.Option("--cdi", metavar="VERSION", help="The CDI to speak.", show_default=False),
    ] = None,
    app_id: Annotated[
        str | None,
        typer.Option("--app-id", metavar="ID", help="App within the core.", show_default=False),
    ] = None,
    tenant: Annotated[
        str | None,
        typer.Option("--tenant", metavar="ID", help="Tenant within the app.", show_default=False),
    ] = None,
    timeout: Annotated[
        str | None,
        typer.Option("--timeout", metavar="SECONDS", help="Time limit.", show_default=False),
    ] = None,
    store_key: Annotated[
        bool,
        typer.Option(
            "--store-key",
            help="Ask for the API key, or take it from standard input, and keep it in the system "
            "keyring, else in a file that only you can read.",
        ),
    ] = False,
    api_key_file: Annotated[
        str | None,
        typer.Option(
            "--api-key-file", metavar="FILE", help="The key is in this file.", show_default=False
        ),
    ] = None,
    api_key_command: Annotated[
        str | None,
        typer.Option(
            "--api-key-command",
            metavar="COMMAND",
            help="This command prints the key.",
            show_default=False,
        ),
    ] = None,
    use: Annotated[bool, typer.Option("--use", help="Use it from now on.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace one of that name.")] = False,
    printer: Printer,
) -> None:
    """Add a named core to your own settings. No key is taken from the command line."""
    from stctl.render.profile import added

    context = Context.of(ctx)
    given = {
        "url": core,
        "database": None if database is None else str(Path(database).expanduser().absolute()),
        "app_url": app_url,
        "cdi": cdi,
        "app_id": app_id,
        "tenant_id": tenant,
        "timeout": timeout,
        "api_key_file": _absolute(api_key_file),
        "api_key_command": api_key_command,
    }
    values = {key: value for key, value in given.items() if value is not None}
    _check_new(context, name, values, store_key=store_key, force=force)
    if store_key:
        values |= _store_key(context, name)
    from stctl.cli.profile_files import choose_profile, put_profile
    from stctl.cli.profile_keys import forget

    file = context.config_folder / USER_FILE
    before = user_file(context).profiles.get(name, {})
    put_profile(file, name, values)
    forget({key: old for key, old in before.items() if values.get(key) != old}, key_folder(context))
    if use:
        choose_profile(file, name)
    printer.show(added(name, values, file, in_use=use))


def _absolute(file: str | None) -> str | None:
    return None if file is None else str(Path(file).expanduser().absolute())


def _check_new(
    context: Context, name: str, values: Mapping[str, str], *, store_key: bool, force: bool
) -> None:
    if not _NAME.fullmatch(name):
        raise StctlError(
            ErrorKind.USAGE,
            f"{name!r} cannot be the name of a profile.",
            hint="Names have letters, digits, `.`, `_` and `-`, and begin with a letter or digit.",
        )
    if ("url" in values) == ("database" in values):
        raise StctlError(ErrorKind.USAGE, "A profile needs either --core or --db.")
    ways = [way for way in KEY_WAYS if way in values] + ["--store-key"] * store_key
    if len(ways) > 1:
        raise StctlError(ErrorKind.USAGE, "A profile has one API key, in one place.")
    if name in user_file(context).profiles and not force:
        raise StctlError(
            ErrorKind.USAGE, f"There is a profile {name!r} already.", hint="Replace it: --force."
        )
    _check_values(values)


def _check_values(values: Mapping[str, str]) -> None:
    """Refuse what no command could use later, while the person still looks at it."""
    from stctl.cdi.addresses import read_addresses
    from stctl.cdi.versions import checked

    for key in ("url", "app_url"):
        if key in values and any("…@" in one.shown for one in read_addresses(values[key])):
            raise StctlError(
                ErrorKind.SETTING_INVALID, "An address in a profile must not hold a password."
            )
    if "cdi" in values:
        checked(values["cdi"])


def _store_key(context: Context, name: str) -> Mapping[str, str]:
    from stctl.cli.profile_keys import store

    if context.stdin.isatty():
        from getpass import getpass

        key = getpass(f"API key of {name}: ").strip()
    else:
        key = context.stdin.readline().strip()
    if not key:
        raise StctlError(ErrorKind.INPUT_UNREADABLE, "No API key was given.")
    return store(name, key, key_folder(context))
