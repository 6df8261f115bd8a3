"""What explain is given to go by: the app's settings, and a key set."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from stctl.cli.context import Context
from stctl.cli.files import read_text_file
from stctl.cli.settings import PROJECT_FILE
from stctl.errors import ErrorKind, StctlError
from stctl.traces.explain.known_app import KnownApp, read_known_app

if TYPE_CHECKING:
    from stctl.cli.settings import CoreTarget
    from stctl.traces.explain.keys import KeySet


def known_app(context: Context, file: str | None, sdk: str | None) -> KnownApp:
    """What is known of the app: the `[app]` table of a file, and `--sdk`, which is the stronger.

    Raises INPUT_UNREADABLE for a file that is no TOML, SETTING_INVALID for settings that cannot be.
    """
    from dataclasses import replace

    from stctl.recipe.profiles.version import parse_sdk

    known = _from_file(context, file)
    return known if sdk is None else replace(known, sdk=parse_sdk(sdk))


def _from_file(context: Context, file: str | None) -> KnownApp:
    path = context.working_folder / PROJECT_FILE if file is None else Path(file).expanduser()
    if file is None and not path.is_file():
        return KnownApp()
    import tomllib

    try:
        table = tomllib.loads(read_text_file(path, "the app's settings")).get("app", {})
    except tomllib.TOMLDecodeError as problem:
        raise StctlError(ErrorKind.INPUT_UNREADABLE, f"{path}: {problem}.") from None
    if not isinstance(table, dict):
        raise StctlError(ErrorKind.SETTING_INVALID, f"{path}: [app] is no table.")
    return read_known_app(table, str(path))


def key_set(
    context: Context, find_target: Callable[[], "CoreTarget"], *, verify: bool, jwks: str | None
) -> "KeySet | None":
    """The key set to check signatures with; None where that was not asked for."""
    if not verify and jwks is None:
        return None
    from stctl.cli.decode_tools import signature_check
    from stctl.traces.explain.keys import KeySet

    return KeySet(signature_check(context, find_target(), jwks))
