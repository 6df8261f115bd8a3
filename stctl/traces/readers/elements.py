"""Finds the elements of an array deep in a JSON document, and goes on behind a broken one.

While the document is sound it is walked; a path says which members to enter. At the first break
the walk is over, and elements are looked for by their looks: an object that can be read and has the
members of an element is one. A break inside one element so costs that element alone, whatever it
does to brackets and quotes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from stctl.jsontypes import JsonObject, JsonValue
from stctl.traces.readers.json_stream import BrokenJson, JsonStream
from stctl.traces.readers.source import Source

EACH: Final = frozenset({"*"})
"""The step of a path that enters an array."""
Path: TypeAlias = Sequence[frozenset[str]]
"""From the root inwards: names of the member to enter, or `EACH`."""

_OBJECT: Final = re.compile(r'\{\s*"')
_LONGEST_START: Final = 64


@dataclass(frozen=True, slots=True)
class Element:
    """An object at the end of the path."""

    value: JsonObject
    offset: int


@dataclass(frozen=True, slots=True)
class Aside:
    """A member that the path passes by, such as the resource beside its spans."""

    depth: int
    """How many steps of the path are above it."""
    name: str
    value: JsonValue


@dataclass(frozen=True, slots=True)
class Break:
    """A stretch that could not be read."""

    offset: int
    reason: str
    lost: int
    """How many elements are in it, by their marks."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The array at the end of the path begins."""


Found: TypeAlias = Arrived | Element | Aside | Break


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How an element is known without its surroundings."""

    mark: re.Pattern[str]
    """Text that every element has once."""
    fits: Callable[[JsonObject], bool]


def elements(source: Source, paths: Sequence[Path], looks: Looks) -> Iterator[Found]:
    """What is at the end of the path in each of the documents of a source, in order.

    The first path whose first step suits the document is taken.
    """
    stream = JsonStream(source)
    broken: BrokenJson | None = None
    while broken is None and (start := stream.peek()):
        if start == "\x1e":
            stream.at += 1
            continue
        path = next((path for path in paths if (path[0] == EACH) == (start == "[")), paths[0])
        try:
            yield from _walk(stream, path, 0)
        except BrokenJson as problem:
            broken = problem
    if broken is not None:
        yield from _search(stream, broken, looks)


def _walk(stream: JsonStream, path: Path, depth: int) -> Iterator[Found]:
    if depth == len(path):
        offset = stream.offset() if stream.peek() else 0
        value = stream.value()
        if not isinstance(value, dict):
            # What is left of an entry with a brace too many.
            raise BrokenJson("not an object", offset)
        yield Element(value, offset)
    elif path[depth] == EACH:
        yield from _walk_array(stream, path, depth)
    else:
        yield from _walk_object(stream, path, depth)


def _walk_array(stream: JsonStream, path: Path, depth: int) -> Iterator[Found]:
    if stream.peek() != "[":
        stream.value()
        return
    stream.take("[")
    if depth == len(path) - 1:
        yield Arrived()
    if stream.peek() == "]":
        stream.take("]")
        return
    end = ""
    while end != "]":
        yield from _walk(stream, path, depth + 1)
        end = stream.take(",]")


def _walk_object(stream: JsonStream, path: Path, depth: int) -> Iterator[Found]:
    if stream.peek() != "{":
        stream.value()
        return
    stream.take("{")
    if stream.peek() == "}":
        stream.take("}")
        return
    end = ""
    while end != "}":
        name = _name(stream)
        stream.take(":")
        if name in path[depth]:
            yield from _walk(stream, path, depth + 1)
        else:
            yield Aside(depth, name, stream.value())
        end = stream.take(",}")


def _name(stream: JsonStream) -> str:
    if stream.peek() != '"':
        stream.take('"')
    name = stream.value()
    return name if isinstance(name, str) else ""


def _search(stream: JsonStream, broken: BrokenJson, looks: Looks) -> Iterator[Found]:
    gap = _Gap(broken, looks.mark)
    while _to_object(stream, gap):
        offset = stream.offset()
        try:
            value = stream.value()
        except BrokenJson as problem:
            gap.pass_over(stream, stream.at + 1, problem)
            continue
        if isinstance(value, dict) and looks.fits(value):
            yield from gap.close()
            yield Element(value, offset)
        else:
            # Elements may be inside, if this is what holds them.
            stream.at = stream.began
            gap.pass_over(stream, stream.at + 1)
    yield from gap.close(is_end=True)


def _to_object(stream: JsonStream, gap: "_Gap") -> bool:
    """Move the cursor to the next thing that may be an object; False when there is none."""
    while True:
        match = _OBJECT.search(stream.buffer, stream.at)
        if match:
            gap.pass_over(stream, match.start())
            return True
        gap.pass_over(stream, max(stream.at, len(stream.buffer) - _LONGEST_START))
        if not stream.more():
            gap.pass_over(stream, len(stream.buffer))
            return False


class _Gap:
    """What lies between two elements that can be read."""

    def __init__(self, broken: BrokenJson, mark: re.Pattern[str]) -> None:
        self._mark = mark
        self._first: BrokenJson | None = broken
        self._lost = 0

    def pass_over(self, stream: JsonStream, end: int, problem: BrokenJson | None = None) -> None:
        """Move the cursor to `end`, counting the elements that are lost on the way."""
        # A mark that begins before `end` and stops behind it counts now: its beginning goes.
        for match in self._mark.finditer(stream.buffer, stream.at, end + _LONGEST_START):
            if match.start() >= end:
                break
            self._lost += 1
            self._first = self._first or problem or _unknown(stream, match.start())
        stream.at = end

    def close(self, *, is_end: bool = False) -> Iterator[Break]:
        """The break, if there was one."""
        broken, lost = self._first, self._lost
        self._first, self._lost = None, 0
        if broken is not None and (lost or not broken.at_end or is_end):
            yield Break(broken.offset, broken.reason, lost)


def _unknown(stream: JsonStream, at: int) -> BrokenJson:
    return BrokenJson("not an entry that can be read", stream.offset(at))
