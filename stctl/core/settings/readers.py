"""How the text of a setting becomes its value.

Every source of settings gives text: YAML scalars are taken unparsed, so that a quoted number
reads like a bare one and version `5.10` does not turn into 5.1. A reader returns the value, or
raises ValueError; what would have been right is said by the `bounds` of the setting's row.
"""

import math
import re
from collections.abc import Callable
from typing import TypeAlias

from stctl.core.cdi_versions import SUPPORTED

SettingValue: TypeAlias = bool | int | float | str | frozenset[str] | None
Reader: TypeAlias = Callable[[str], SettingValue]

_WHOLE = re.compile(r"[+-]?[0-9]+(?:\.0+)?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOTHING = frozenset({"", "~", "null"})
_SECRET_CHARACTERS = re.compile(r"[A-Za-z0-9=-]+")
_KEY_LENGTH = 20
_SAAS_SECRET_LENGTH = 40


def whole(low: int, high: int | None = None) -> Reader:
    """A reader of integers from `low` to `high`, both allowed."""

    def read(text: str) -> int:
        if not _WHOLE.fullmatch(text.strip()):
            raise ValueError
        number = int(text.strip().partition(".")[0])
        if number < low or (high is not None and number > high):
            raise ValueError
        return number

    return read


def number(low: float, high: float = math.inf, *, above_low: bool = False) -> Reader:
    """A reader of finite numbers from `low` to `high`; `above_low` leaves `low` itself out."""

    def read(text: str) -> float:
        if not _NUMBER.fullmatch(text.strip()):
            raise ValueError
        found = float(text)
        too_low = found <= low if above_low else found < low
        if too_low or found > high or math.isinf(found):
            raise ValueError
        return found

    return read


def flag(text: str) -> bool:
    """Return true or false, in any case."""
    return {"true": True, "false": False}[_known(text.strip().lower(), ("true", "false"))]


def choice(*allowed: str) -> Reader:
    """A reader of one of `allowed`, in any case; the value is upper case."""
    return lambda text: _known(text.strip().upper(), allowed)


def optional_text(text: str) -> str | None:
    """Return the text, or None when it is empty."""
    return text.strip() or None


def required_text(text: str) -> str:
    """Return the text; empty is wrong."""
    if not text.strip():
        raise ValueError
    return text.strip()


def log_path(text: str) -> str | None:
    """Return a path, or None for `null`."""
    return None if text.strip().lower() in _NOTHING else text.strip()


def regex(text: str) -> str | None:
    """Return a regular expression that compiles, or None when it is empty."""
    try:
        re.compile(text)
    except re.error as problem:
        raise ValueError from problem
    return text or None


def version(text: str) -> str | None:
    """Return a supported version of the interface, or None when it is empty."""
    return _known(text.strip(), SUPPORTED) if text.strip() else None


def key_list(text: str) -> frozenset[str]:
    """Return the keys of a comma list, white space removed; empty means no keys."""
    squeezed = re.sub(r"\s+", "", text)
    keys = squeezed.split(",") if squeezed else []
    if not all(_is_secret(key, _KEY_LENGTH) for key in keys):
        raise ValueError
    return frozenset(keys)


def saas_secret(text: str) -> str | None:
    """Return a secret of at least 40 characters, or None when it is empty."""
    squeezed = re.sub(r"\s+", "", text)
    if squeezed and not _is_secret(squeezed, _SAAS_SECRET_LENGTH):
        raise ValueError
    return squeezed or None


def base_path(text: str) -> str:
    """Return a path prefix with one leading and no trailing slash; `/` and empty mean none."""
    if " " in text.strip():
        raise ValueError
    parts = [part for part in text.strip().split("/") if part]
    return "".join(f"/{part}" for part in parts)


def _known(text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise ValueError
    return text


def _is_secret(text: str, least: int) -> bool:
    return len(text) >= least and _SECRET_CHARACTERS.fullmatch(text) is not None
