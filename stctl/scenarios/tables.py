"""Reads tables of a scenario file, and says where one is wrong."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NoReturn

from stctl.errors import ErrorKind, StctlError
from stctl.scenarios.toml_lines import TomlLines, Where

_NEAR: Final = 0.5
_PARAMETER: Final = re.compile(r"\$\{([a-z][a-z0-9_-]*)\}")


@dataclass(frozen=True, slots=True)
class Page:
    """The file that tables come from."""

    name: str
    lines: TomlLines
    chosen: Mapping[str, str] = field(default_factory=dict)
    """Values that stand for `${name}` anywhere in the file."""

    def refuse(self, where: Where, reason: str, hint: str | None = None) -> NoReturn:
        """Raise INPUT_UNREADABLE with file and line."""
        detail = f"{self.name}, line {self.lines.of(*where)}: {reason}"
        raise StctlError(ErrorKind.INPUT_UNREADABLE, detail, hint=hint)


@dataclass(slots=True)
class Table:
    """One table: each key is asked for once, and a key that nobody asks for is an error."""

    page: Page
    where: Where
    values: Mapping[str, object]
    local: Mapping[str, str] = field(default_factory=dict)
    """Values that stand for `${name}` in this table alone."""
    asked: set[str] = field(default_factory=set)

    def refuse(self, key: str, reason: str, hint: str | None = None) -> NoReturn:
        """Raise an error at a key."""
        self.page.refuse((*self.where, key), f"{key} {reason}", hint)

    def get(self, key: str) -> object:
        """The value as the parser gave it, parameters filled in; None when the key is not there."""
        self.asked.add(key)
        value = self.values.get(key)
        return self._filled(key, value) if isinstance(value, str) else value

    def _filled(self, key: str, text: str) -> str:
        known = {**self.page.chosen, **self.local}
        for name in _PARAMETER.findall(text):
            if name not in known:
                names = ", ".join(known) or "none"
                self.refuse(
                    key, f"names the parameter {name!r}, which is none", f"There are: {names}."
                )
        return _PARAMETER.sub(lambda match: known[match[1]], text)

    def text(self, key: str) -> str | None:
        """A text that is not empty."""
        value = self.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, "must be a text")
        return value

    def needed_text(self, key: str) -> str:
        """A text that has to be there."""
        value = self.text(key)
        if value is None:
            self.page.refuse(self.where, f"{key} is missing")
        return value

    def flag(self, key: str) -> bool | None:
        """True or false."""
        value = self.get(key)
        if value is not None and not isinstance(value, bool):
            self.refuse(key, "must be true or false")
        return value

    def number(self, key: str) -> int | None:
        """A whole number."""
        value = self.get(key)
        if value is None:
            return None
        if isinstance(value, str) and value.isdecimal():
            value = value if self.values[key] == value else int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(key, "must be a whole number")
        return value

    def choice(self, key: str, choices: Iterable[str]) -> str | None:
        """One of some texts."""
        value = self.text(key)
        allowed = [*choices]
        if value is not None and value not in allowed:
            self.refuse(key, f"cannot be {value!r}", f"{key} is one of {', '.join(allowed)}.")
        return value

    def choices(self, key: str, choices: Iterable[str]) -> tuple[str, ...]:
        """Any of some texts, alone or as a list."""
        value = self.get(key)
        given = [value] if isinstance(value, str) else value
        allowed = [*choices]
        if given is None:
            return ()
        if not isinstance(given, list) or any(one not in allowed for one in given):
            self.refuse(key, "is not understood", f"{key} takes any of {', '.join(allowed)}.")
        return tuple(given)

    def table(self, key: str) -> "Table | None":
        """A table inside this one."""
        value = self.mapping(key)
        return None if value is None else Table(self.page, (*self.where, key), value, self.local)

    def mapping(self, key: str) -> Mapping[str, object] | None:
        """A table inside this one, as plain values."""
        value = self.get(key)
        if value is not None and not isinstance(value, Mapping):
            self.refuse(key, "must be a table")
        return value

    def repeated(self, number: int) -> "Table":
        """This table for one of several turns; `${n}` stands for the number of the turn."""
        return Table(self.page, self.where, self.values, {**self.local, "n": str(number)})

    def tables(self, key: str) -> "Sequence[Table]":
        """An array of tables that must not be empty."""
        value = self.get(key)
        if not isinstance(value, list) or not value:
            self.page.refuse(self.where, f"there is no [[{'.'.join(self._path(key))}]]")
        tables = []
        for number, item in enumerate(value):
            if not isinstance(item, Mapping):
                self.refuse(key, "must be an array of tables")
            tables.append(Table(self.page, (*self.where, key, str(number)), item, self.local))
        return tables

    def _path(self, key: str) -> list[str]:
        return [part for part in (*self.where, key) if not part.isdecimal()]

    def finish(self) -> None:
        """Raise an error for a key that nobody asked for."""
        for key in self.values:
            if key in self.asked:
                continue
            import difflib

            near = difflib.get_close_matches(key, self.asked, n=1, cutoff=_NEAR)
            known = f"Keys here are {', '.join(sorted(self.asked))}."
            hint = f"Did you mean {near[0]}? {known}" if near else known
            self.page.refuse((*self.where, key), f"the key {key} is unknown", hint)
