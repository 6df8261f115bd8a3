"""Conditions that pick sessions: `payload.role=admin`, `created_at_ms<1700000000000`."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from stctl.jsontypes import JsonObject, JsonValue
from stctl.sessions.info import SessionInfo

FIELDS = (
    "payload",
    "data",
    "handle",
    "user_id",
    "recipe_user_id",
    "tenant_id",
    "created_at_ms",
    "expires_at_ms",
)
"""With what a condition may begin."""
_SIGNS = ("!=", "<=", ">=", "=", "<", ">")


class Condition(NamedTuple):
    """One comparison of a member of a session with a value."""

    path: tuple[str, ...]
    sign: str
    value: JsonValue
    text: str
    """As it was written."""

    def holds(self, info: SessionInfo) -> bool:
        """Tell whether a session satisfies it.

        An array satisfies it when one of its elements does. A member that is not there equals
        nothing: it satisfies `!=` alone.
        """
        found = list(_members(_root(info, self.path[0]), self.path[1:]))
        if self.sign == "!=":
            return not any(_is_equal(member, self.value) for member in found)
        return any(_compares(member, self.sign, self.value) for member in found)


def read_condition(text: str) -> Condition:
    """Read `PATH SIGN VALUE`; signs are `= != < <= > >=`.

    The value is JSON where it reads as such, otherwise text: `payload.level>=3`,
    `payload.role=admin`. Raises ValueError for anything else.

    >>> read_condition("payload.role=admin")[:3]
    (('payload', 'role'), '=', 'admin')
    """
    place, sign = _first_sign(text)
    path = tuple(text[:place].strip().split("."))
    if path[0] not in FIELDS or not all(path):
        raise ValueError(f"{text!r} must begin with one of {', '.join(FIELDS)}")
    if len(path) > 1 and path[0] not in {"payload", "data"}:
        raise ValueError(f"{path[0]} has no members, as {text!r} would need")
    return Condition(path, sign, _value(text[place + len(sign) :].strip()), text)


def created_before(moment_ms: int, text: str) -> Condition:
    """Return the condition of having been created at `moment_ms` or before."""
    return Condition(("created_at_ms",), "<=", moment_ms, text)


def _first_sign(text: str) -> tuple[int, str]:
    for place in range(len(text)):
        for sign in _SIGNS:
            if text.startswith(sign, place):
                return place, sign
    raise ValueError(f"{text!r} compares nothing: write it as payload.role=admin")


def _value(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value


def _root(info: SessionInfo, name: str) -> JsonValue | JsonObject:
    if name == "payload":
        return info.user_data_in_jwt
    if name == "data":
        return info.user_data_in_database
    value: JsonValue = getattr(info, name)
    return value


def _members(value: JsonValue | JsonObject, path: tuple[str, ...]) -> Iterator[JsonValue]:
    """Yield what the path leads to. A name may hold dots itself: the longest one is tried first."""
    if not path:
        yield value if not isinstance(value, Mapping) else dict(value)
        if isinstance(value, list):
            yield from value
    elif isinstance(value, list):
        for element in value:
            yield from _members(element, path)
    elif isinstance(value, Mapping):
        for count in range(len(path), 0, -1):
            name = ".".join(path[:count])
            if name in value:
                yield from _members(value[name], path[count:])
                return


def _is_equal(one: JsonValue, other: JsonValue) -> bool:
    # In Python true equals 1; in JSON it does not.
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other or (isinstance(one, str) and one == _text(other))


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value)


_ORDERS: Mapping[str, Callable[[float | str, float | str], bool]] = {
    "<": lambda one, other: one < other,  # type: ignore[operator]
    "<=": lambda one, other: one <= other,  # type: ignore[operator]
    ">": lambda one, other: one > other,  # type: ignore[operator]
    ">=": lambda one, other: one >= other,  # type: ignore[operator]
}


def _compares(one: JsonValue, sign: str, other: JsonValue) -> bool:
    if sign == "=":
        return _is_equal(one, other)
    is_number = _is_number(one) and _is_number(other)
    is_text = isinstance(one, str) and isinstance(other, str)
    return (is_number or is_text) and _ORDERS[sign](one, other)  # type: ignore[arg-type]


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
