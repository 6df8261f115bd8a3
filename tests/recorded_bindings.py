"""What a recorded scenario has named so far, and texts that speak of it."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from stctl.jsontypes import JsonValue

PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_DERIVED = re.compile(r"(H|sec)\((.+)\)")
_ALWAYS_DIFFERENT = frozenset(
    {"refreshToken", "idRefreshToken", "antiCsrf", "handle", "kid", "userId"}
)


class Mismatch(AssertionError):  # noqa: N818 - a finding
    """The core's answer is not the recorded one."""


@dataclass
class Bindings:
    """Named values; `run` and `api_key` are there from the start."""

    run: str
    api_key: str
    values: dict[str, str | int] = field(default_factory=dict)

    def value(self, name: str) -> str | int:
        """What stands for `${name}`."""
        if name == "run":
            return self.run
        if name == "config:api_key":
            return self.api_key
        derived = _DERIVED.fullmatch(name)
        if derived is None:
            if name not in self.values:
                raise Mismatch(f"${{{name}}} is used before it has a value")
            return self.values[name]
        inner = self.value(derived[2])
        return digest(str(inner)) if derived[1] == "H" else int(inner) // 1000

    def knows(self, name: str) -> bool:
        """Whether `${name}` has a value yet."""
        return name in self.values or name in ("run", "config:api_key") or "(" in name

    def bind(self, name: str, value: str | int) -> None:
        """Give a name its value; some kinds of names must not share one."""
        kind = kind_of(name)
        for other, taken in self.values.items():
            if kind in _ALWAYS_DIFFERENT and kind_of(other) == kind and taken == value:
                raise Mismatch(f"${{{name}}} has the same value as ${{{other}}}")
        self.values[name] = value

    def fill(self, text: str) -> str | int:
        """`text` with its placeholders replaced; a lone placeholder keeps its type."""
        whole = PLACEHOLDER.fullmatch(text)
        if whole is not None:
            return self.value(whole[1])
        return PLACEHOLDER.sub(lambda found: str(self.value(found[1])), text)

    def fill_text(self, text: str) -> str:
        """`fill`, as text."""
        return str(self.fill(text))

    def fill_all(self, template: JsonValue) -> JsonValue:
        """`fill` in every text of a template, names of members included."""
        return walk(template, self.fill)


def kind_of(name: str) -> str:
    """The class of a name, such as `handle` of `handle:2`."""
    return name.partition(":")[0]


def digest(text: str) -> str:
    """Lower-case hex SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def walk(value: JsonValue, change: Callable[[str], str | int]) -> JsonValue:
    """A copy of a JSON value with every text changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [walk(element, change) for element in value]
    if isinstance(value, Mapping):
        return {str(change(name)): walk(member, change) for name, member in value.items()}
    return value
