"""Finds the line of a key in TOML text, which the standard parser does not tell."""

import re
from collections.abc import Sequence
from typing import Final

_HEADER: Final = re.compile(r"^\s*\[{1,2}\s*([A-Za-z0-9_.\- ]+?)\s*\]{1,2}")
_KEY: Final = re.compile(r"^\s*\"?([A-Za-z0-9_.\-]+)\"?\s*=")

Where = tuple[str, ...]
"""A table and its place, such as `("case", "0", "step", "3")`, with or without a key behind it."""


class TomlLines:
    """Line numbers, from 1, of the tables and keys of a text.

    Knows tables, arrays of tables, and keys at the start of a line; a key inside an inline table
    has the line of the inline table.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Where, int] = {}
        counts: dict[Where, int] = {}
        here: Where = ()
        for number, line in enumerate(text.splitlines(), start=1):
            header = _HEADER.match(line)
            if header is not None:
                here = _enter(header[1], counts, is_array=line.lstrip().startswith("[["))
                self._lines.setdefault(here, number)
            elif (key := _KEY.match(line)) is not None:
                self._lines.setdefault((*here, *key[1].split(".")), number)

    def of(self, *where: str) -> int:
        """Line of the nearest thing known around `where`; 1 when nothing is."""
        for length in range(len(where), 0, -1):
            line = self._lines.get(where[:length])
            if line is not None:
                return line
        return 1


def _enter(name: str, counts: dict[Where, int], *, is_array: bool) -> Where:
    here: Where = ()
    parts: Sequence[str] = [part.strip() for part in name.split(".")]
    for depth, part in enumerate(parts, start=1):
        here = (*here, part)
        if is_array and depth == len(parts):
            counts[here] = counts.get(here, -1) + 1
        if here in counts:
            here = (*here, str(counts[here]))
    return here
