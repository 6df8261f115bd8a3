"""Writing settings files: what people wrote into them, comments included, is kept."""

from collections.abc import Callable, Mapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from stctl.cli.files import read_text_file
from stctl.cli.profile_keys import write_privately
from stctl.errors import ErrorKind, StctlError

_NEW_FILE = 0o600


def put_profile(path: Path, name: str, values: Mapping[str, str]) -> None:
    """Write a profile in place of the one of its name, if there is one."""

    def change(document: tomlkit.TOMLDocument) -> None:
        profiles = document.setdefault("profiles", tomlkit.table(is_super_table=True))
        is_inline = isinstance(profiles, InlineTable)
        table = tomlkit.inline_table() if is_inline else tomlkit.table()
        for key, value in values.items():
            table.append(key, value)
        profiles[name] = table

    _rewrite(path, change)


def drop_profile(path: Path, name: str) -> None:
    """Remove a profile, and the choice of it."""

    def change(document: tomlkit.TOMLDocument) -> None:
        profiles = document.get("profiles", {})
        profiles.pop(name, None)
        if not profiles:
            document.pop("profiles", None)
        if document.get("profile") == name:
            document.pop("profile")

    _rewrite(path, change)


def choose_profile(path: Path, name: str | None) -> None:
    """Note the profile that is in force from now on; None for none."""

    def change(document: tomlkit.TOMLDocument) -> None:
        if name is None:
            document.pop("profile", None)
        else:
            document["profile"] = name

    _rewrite(path, change)


def _rewrite(path: Path, change: Callable[[tomlkit.TOMLDocument], None]) -> None:
    target = path.resolve()
    old = read_text_file(target, "the settings file") if target.is_file() else ""
    try:
        document = tomlkit.parse(old)
        change(document)
    except TOMLKitError as problem:
        raise StctlError(ErrorKind.INPUT_UNREADABLE, f"{path}: {problem}.") from None
    try:
        mode = target.stat().st_mode & 0o777 if target.is_file() else _NEW_FILE
        target.parent.mkdir(parents=True, exist_ok=True)
        write_privately(target, document.as_string(), mode)
    except OSError as problem:
        raise StctlError(
            ErrorKind.OUTPUT_FAILED, f"Cannot write {path}: {problem.strerror}."
        ) from None
