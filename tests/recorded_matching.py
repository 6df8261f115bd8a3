"""Compares an answer with a recorded template.

The kinds of templates are described in tests/recorded/core/README.md.
"""

import re
from collections.abc import Callable
from typing import cast

from recorded_bindings import PLACEHOLDER, Bindings, Mismatch, kind_of
from stctl.jsontypes import JsonValue

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SIGNED = r"[^.\s]+\.[^.\s]+\.[^.\s]+"
_FORMS = {
    "accessToken": _SIGNED,
    "jwt": _SIGNED,
    "refreshToken": r"[A-Za-z0-9+/]+={0,2}\.[0-9a-f]{64}\.V2",
    "idRefreshToken": _UUID,
    "antiCsrf": _UUID,
    "handle": _UUID + r"(?:_[a-z0-9-]+)?",
    "kid": r"[ds]-.+",
    "publicKey": r"[A-Za-z0-9+/]+={0,2}",
    "userId": r".+",
    "page": r".+",
}
_TIME = re.compile(r"(ms|s)(:\d+)?=now([+-]\d+)?(?:\.\.([+-]?\d+))?")
_ROUNDING_MS = 1000
"""A time may have been cut down to whole seconds."""


def _is_int(value: JsonValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_ANY_OF_A_KIND: dict[str, Callable[[JsonValue], bool]] = {
    "any": lambda _value: True,
    "text": lambda value: isinstance(value, str) and bool(value.strip()),
    "string": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": _is_int,
    "number": lambda value: _is_int(value) or isinstance(value, float),
    "hex64": lambda value: isinstance(value, str) and bool(re.fullmatch("[0-9a-f]{64}", value)),
}


class Matcher:
    """Matches templates at one moment of the clock, naming what it meets for the first time."""

    def __init__(self, bindings: Bindings, now_ms: int) -> None:
        self._bindings = bindings
        self._now_ms = now_ms

    def match(self, template: JsonValue, value: JsonValue, place: str) -> None:
        """Raise Mismatch, with the place in the answer, unless `value` fits."""
        if isinstance(template, str):
            self._text(template, value, place)
        elif isinstance(template, list):
            self._list(template, value, place)
        elif isinstance(template, dict):
            self._object(template, value, place)
        elif isinstance(template, bool) or isinstance(value, bool) or template is None:
            _require(template is value, place, template, value)
        else:
            _require(template == value, place, template, value)

    def _text(self, template: str, value: JsonValue, place: str) -> None:
        whole = PLACEHOLDER.fullmatch(template)
        if whole is not None:
            self._placeholder(whole[1], value, place)
        else:
            _require(self._bindings.fill(template) == value, place, template, value)

    def _placeholder(self, name: str, value: JsonValue, place: str) -> None:
        if (fits := _ANY_OF_A_KIND.get(name)) is not None:
            _require(fits(value), place, name, value)
        elif name.startswith("re:"):
            fits_text = isinstance(value, str) and re.match(name[3:], value) is not None
            _require(fits_text, place, name, value)
        elif (time := _TIME.fullmatch(name)) is not None:
            self._time(time, value, place)
        elif self._bindings.knows(name):
            _require(self._bindings.value(name) == value, place, name, value)
        else:
            _require(_has_form(name, value), place, name, value)
            self._bindings.bind(name, cast("str | int", value))

    def _time(self, time: re.Match[str], value: JsonValue, place: str) -> None:
        unit, number, low, high = time.groups()
        _require(_is_int(value), place, time[0], value)
        moment = cast("int", value)
        scale = 1 if unit == "ms" else 1000
        earliest = self._now_ms + int(low or 0) * scale - _ROUNDING_MS
        latest = self._now_ms + int(high or low or 0) * scale + _ROUNDING_MS
        _require(earliest <= moment * scale <= latest, place, time[0], value)
        if number:
            self._bindings.bind(unit + number, moment)

    def _list(self, template: list[JsonValue], value: JsonValue, place: str) -> None:
        _require(isinstance(value, list), place, template, value)
        elements = cast("list[JsonValue]", value)
        _require(len(template) == len(elements), place, template, value)
        for index, (wanted, element) in enumerate(zip(template, elements, strict=True)):
            self.match(wanted, element, f"{place}[{index}]")

    def _object(self, template: dict[str, JsonValue], value: JsonValue, place: str) -> None:
        if "$set" in template:
            self._set(cast("list[JsonValue]", template["$set"]), value, place)
        elif "$each" in template:
            self._each(template, value, place)
        else:
            self._members(template, value, place)

    def _members(self, template: dict[str, JsonValue], value: JsonValue, place: str) -> None:
        _require(isinstance(value, dict), place, template, value)
        members = cast("dict[str, JsonValue]", value)
        wanted = {self._bindings.fill_text(name): one for name, one in template.items()}
        more = wanted.pop("$more", False)
        missing = wanted.keys() - members.keys()
        foreign = set() if more else members.keys() - wanted.keys()
        if missing or foreign:
            raise Mismatch(f"{place}: missing {sorted(missing)}, unexpected {sorted(foreign)}")
        for name, one in wanted.items():
            self.match(one, members[name], f"{place}.{name}")

    def _each(self, template: dict[str, JsonValue], value: JsonValue, place: str) -> None:
        _require(isinstance(value, list), place, template, value)
        elements = cast("list[JsonValue]", value)
        exactly = template.get("$len", len(elements))
        enough = len(elements) >= cast("int", template.get("$min", 0))
        _require(enough and len(elements) == exactly, place, template, len(elements))
        for index, element in enumerate(elements):
            self.match(template["$each"], element, f"{place}[{index}]")

    def _set(self, wanted: list[JsonValue], value: JsonValue, place: str) -> None:
        _require(isinstance(value, list), place, wanted, value)
        elements = cast("list[JsonValue]", value)
        _require(len(wanted) == len(elements), place, wanted, value)
        if not self._pair_up(wanted, elements, place):
            raise Mismatch(f"{place}: {elements} are not {wanted} in any order")

    def _pair_up(self, wanted: list[JsonValue], left: list[JsonValue], place: str) -> bool:
        if not wanted:
            return True
        for index, element in enumerate(left):
            before = dict(self._bindings.values)
            try:
                self.match(wanted[0], element, place)
            except Mismatch:
                self._bindings.values = before
                continue
            if self._pair_up(wanted[1:], left[:index] + left[index + 1 :], place):
                return True
            self._bindings.values = before
        return False


def _has_form(name: str, value: JsonValue) -> bool:
    kind = kind_of(name)
    if kind in ("ms", "s"):
        return _is_int(value)
    return isinstance(value, str) and re.fullmatch(_FORMS[kind], value) is not None


def _require(holds: bool, place: str, wanted: object, value: object) -> None:
    if not holds:
        raise Mismatch(f"{place}: expected {str(wanted)[:120]!r}, got {str(value)[:120]!r}")
