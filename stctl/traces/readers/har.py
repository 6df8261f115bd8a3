"""Reads HAR 1.2, entry by entry."""

import re
from collections.abc import Iterator
from typing import Final

from stctl.traces.model import Damage, TraceItem
from stctl.traces.readers.elements import EACH, Arrived, Aside, Break, Element, Looks, elements
from stctl.traces.readers.har_entry import read_har_entry
from stctl.traces.readers.left_out import marked
from stctl.traces.readers.parts import Misshapen
from stctl.traces.readers.source import Source

_PATHS: Final = ((frozenset({"log"}), frozenset({"entries"}), EACH), (EACH,))
_CHROME: Final = b'"WebInspector"'
"""How Chrome, and browsers of its kind, call themselves in `log.creator`."""
_HEAD_BYTES: Final = 2048
_LOOKS: Final = Looks(
    mark=re.compile(r'"startedDateTime"\s*:'),
    fits=lambda value: isinstance(value.get("request"), dict) and "response" in value,
)


def read_har(source: Source) -> Iterator[TraceItem]:
    """The entries of a HAR file, or of a bare array of its entries, and what could not be read."""
    return marked(_items(source), is_of_chrome=_CHROME in source.head(_HEAD_BYTES))


def _items(source: Source) -> Iterator[TraceItem]:
    index, has_arrived = 0, False
    for found in elements(source, _PATHS, _LOOKS):
        position = f"log.entries[{index}]"
        match found:
            case Element(value, offset):
                try:
                    yield read_har_entry(value, index, position)
                except Misshapen as problem:
                    yield Damage(position=position, offset=offset, reason=str(problem), lost=1)
                index += 1
            case Break(offset, reason, lost):
                yield Damage(position=position, offset=offset, reason=reason, lost=lost)
                index += lost
            case Aside():
                continue
            case Arrived():
                pass
        has_arrived = True
    if not has_arrived:
        yield Damage(position="log.entries", offset=None, reason="there is no such array in it")
