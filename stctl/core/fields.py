"""Fields of a request body, read by the rules of a core.

A field that is missing and one of the wrong type are the same mistake: 400 with a text that names
the field. An explicit null is never the same as absent. Source: core, behaviour notes 1.8.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from stctl.core.refusals import BadRequest
from stctl.jsontypes import JsonValue

_Value = TypeVar("_Value")

_LONG_MAX = 2**63 - 1
_LONG_MIN = -(2**63)
_QUOTED_INTEGER = re.compile(r"[+-]?[0-9]{1,25}")


class _IllTyped(Exception):  # noqa: N818 - a finding that never leaves this file
    """The value is not of the wanted type."""


class Fields:
    """The members of a request body by name and wanted type.

    The plain methods want the field to be there; the optional ones return None where it is absent,
    and refuse a null like any other value of a wrong type. All raise BadRequest.
    """

    def __init__(self, body: Mapping[str, JsonValue]) -> None:
        self._body = body

    def present(self, name: str) -> bool:
        """Whether the field was sent at all, null included."""
        return name in self._body

    def is_null(self, name: str) -> bool:
        """Whether the field was sent as an explicit null."""
        return name in self._body and self._body[name] is None

    def string(self, name: str) -> str:
        """Return a text; an array with a text as its only element passes, at any depth."""
        value = self._body.get(name)
        return value if isinstance(value, str) else self._read(name, _string, "a string")

    def optional_string(self, name: str) -> str | None:
        """Return a text as `string` does, or None where it is absent."""
        return self.string(name) if name in self._body else None

    def boolean(self, name: str) -> bool:
        """Return a truth value; a number passes and means false, either alone in an array too."""
        value = self._body.get(name)
        return value if isinstance(value, bool) else self._read(name, _boolean, "a boolean")

    def optional_boolean(self, name: str) -> bool | None:
        """Return a truth value as `boolean` does, or None where it is absent."""
        return self.boolean(name) if name in self._body else None

    def object(self, name: str) -> dict[str, JsonValue]:
        """Return an object; nothing else passes."""
        return self._read(name, _object, "an object")

    def optional_object(self, name: str) -> dict[str, JsonValue] | None:
        """Return an object, or None where it is absent."""
        return self.object(name) if name in self._body else None

    def long(self, name: str) -> int:
        """Return an integer of 64 bits; larger numbers become the largest, fractions are cut off.

        A quoted integer without spaces passes, and either of them alone in an array.
        """
        return self._read(name, _long, "a number")

    def optional_long(self, name: str) -> int | None:
        """Return an integer as `long` does, or None where it is absent."""
        return self.long(name) if name in self._body else None

    def strings(self, name: str) -> list[str]:
        """Return the texts of an array, each read as `string` reads one."""
        return self._read(name, _strings, "an array of strings")

    def optional_strings(self, name: str) -> list[str] | None:
        """Return texts as `strings` does, or None where the field is absent."""
        return self.strings(name) if name in self._body else None

    def _read(self, name: str, read: Callable[[JsonValue], _Value], wanted: str) -> _Value:
        try:
            return read(self._body.get(name))
        except _IllTyped:
            raise BadRequest(f"Field '{name}' of the body has to be {wanted}") from None


def _unwrapped(value: JsonValue) -> JsonValue:
    """`value`, or what stands in it when it is an array with a single element, at any depth."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value


def _string(value: JsonValue) -> str:
    text = _unwrapped(value)
    if not isinstance(text, str):
        raise _IllTyped
    return text


def _boolean(value: JsonValue) -> bool:
    truth = _unwrapped(value)
    if isinstance(truth, bool):
        return truth
    if isinstance(truth, int | float):
        return False
    raise _IllTyped


def _object(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise _IllTyped
    return value


def _long(value: JsonValue) -> int:
    number = _unwrapped(value)
    if isinstance(number, str):
        return _quoted_long(number)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise _IllTyped
    return max(_LONG_MIN, min(int(number), _LONG_MAX))


def _quoted_long(text: str) -> int:
    if not _QUOTED_INTEGER.fullmatch(text) or not _LONG_MIN <= int(text) <= _LONG_MAX:
        raise _IllTyped
    return int(text)


def _strings(value: JsonValue) -> list[str]:
    if not isinstance(value, list):
        raise _IllTyped
    return [_string(element) for element in value]
