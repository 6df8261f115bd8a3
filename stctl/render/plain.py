"""Lays blocks out as plain text, for pipes and files: no colour, no wrapping, no library."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from stctl.render.view import (
    Block,
    Drawing,
    Facts,
    Gap,
    Heading,
    Line,
    Lines,
    Note,
    Table,
    visible,
    with_due_gaps,
)

MARKS = {"info": "·", "good": "✓", "warn": "!", "bad": "✗"}
"""The mark in front of a note."""


def text_of(line: Line) -> str:
    """The text of a line without its styles, control characters made visible."""
    return "".join(visible(span.text) for span in line)


def width_of(text: str) -> int:
    """How many columns of a terminal the text takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_width_of_character(char) for char in text)


def _width_of_character(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def layout(blocks: Iterable[Block]) -> Iterator[str]:
    """The lines of text of some blocks, without line breaks."""
    for block in with_due_gaps(blocks):
        yield from _lines_of(block)


def _lines_of(block: Block) -> Iterator[str]:
    match block:
        case Heading(title):
            yield text_of(title)
        case Facts(rows, indent):
            yield from _facts(rows, " " * indent)
        case Table():
            yield from _table(block)
        case Lines(lines, indent):
            yield from (" " * indent + text_of(line) for line in lines)
        case Drawing(lines):
            yield from (text_of(line).rstrip() for line in lines)
        case Note(kind, text):
            yield f"{MARKS[kind]} {text_of(text)}"
        case Gap():
            yield ""


def _facts(rows: Sequence[tuple[str, Line]], indent: str) -> Iterator[str]:
    widest = max((width_of(label) for label, _ in rows), default=0)
    for label, value in rows:
        yield f"{indent}{_padded(label, widest)}  {text_of(value)}".rstrip()


def _table(table: Table) -> Iterator[str]:
    rows = [list(table.columns), *([text_of(cell) for cell in row] for row in table.rows)]
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            _padded(cell, width, right=number in table.right)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def _padded(text: str, width: int, *, right: bool = False) -> str:
    space = " " * (width - width_of(text))
    return space + text if right else text + space
