"""What a screen is made of, in no library's types.

A result is turned into blocks; a writer lays blocks out: a plain one for pipes, a coloured one for
terminals. Every piece of foreign text becomes a `Span`, so that it can never act as markup, and
control characters are made visible before anything is written.

Blocks are named tuples, not dataclasses: every command pays for making these classes, and a
dataclass takes six times as long.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from stctl.jsontypes import JsonObject

Style = Literal["plain", "strong", "dim", "good", "warn", "bad", "name", "secret"]


class Span(NamedTuple):
    """A run of text in one style."""

    text: str
    style: Style = "plain"


Line: TypeAlias = tuple[Span, ...]
Words: TypeAlias = str | Span | Line


def line(*parts: Words) -> Line:
    """One line from strings (in plain style), spans and lines."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, str):
            spans.append(Span(part))
        elif isinstance(part, Span):
            spans.append(part)
        else:
            spans.extend(part)
    return tuple(spans)


def strong(text: str) -> Span:
    """Text that carries the answer."""
    return Span(text, "strong")


def dim(text: str) -> Span:
    """Text that may be skipped."""
    return Span(text, "dim")


def good(text: str) -> Span:
    """Text that says yes."""
    return Span(text, "good")


def warn(text: str) -> Span:
    """Text that asks for attention."""
    return Span(text, "warn")


def bad(text: str) -> Span:
    """Text that says no."""
    return Span(text, "bad")


def name(text: str) -> Span:
    """A name or id that people look for: a handle, a user, a claim."""
    return Span(text, "name")


class Heading(NamedTuple):
    """The title of what follows."""

    title: Line


class Facts(NamedTuple):
    """Labels with their values, one a row, values aligned."""

    rows: Sequence[tuple[str, Line]]
    indent: int = 2


class Table(NamedTuple):
    """Columns with a header; cells wrap on a terminal and never in a pipe."""

    columns: Sequence[str]
    rows: Iterable[Sequence[Line]]
    right: frozenset[int] = frozenset()
    """Numbers of the columns that stand to the right."""


class Lines(NamedTuple):
    """Lines as they are, wrapped on a terminal with the same indent."""

    lines: Sequence[Line]
    indent: int = 0


class Drawing(NamedTuple):
    """Lines that were laid out for the width at hand and are never wrapped."""

    lines: Sequence[Line]


class Note(NamedTuple):
    """A sentence for the reader, with a mark that says how serious it is."""

    kind: Literal["info", "good", "warn", "bad"]
    text: Line


class Gap(NamedTuple):
    """An empty line; several in a row are one."""


Block: TypeAlias = Heading | Facts | Table | Lines | Drawing | Note | Gap


class Presentation(NamedTuple):
    """The faces of one result; only the face that is asked for is made."""

    schema: str
    """Name and version of the JSON contract, as in `stctl.decode/1`."""
    view: Callable[[int], Iterable[Block]]
    """The screen for a given width in columns."""
    document: Callable[[], JsonObject]
    """The JSON document without its `schema`."""
    rows: Callable[[], Iterable[JsonObject]] | None = None
    """Its elements, for ndjson and csv; None: the document itself is the only one."""
    ids: Callable[[], Iterable[str]] | None = None
    """What `-q` prints, one a line; None: nothing."""
    others: Mapping[str, Callable[[], Iterable[str]]] | None = None
    """Forms that few results have, such as a drawing, by the names that `-o` takes: their text."""


def with_due_gaps(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same blocks with a gap only between two others: none first, last or twice."""
    gap_is_due = False
    anything = False
    for block in blocks:
        if isinstance(block, Gap):
            gap_is_due = anything
            continue
        if gap_is_due:
            yield Gap()
            gap_is_due = False
        anything = True
        yield block


def visible(text: str) -> str:
    r"""`text` with control and direction characters written out, so that no terminal obeys them.

    >>> print(visible("a\x1b[31mb\nc"))
    a\x1b[31mb\nc
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
