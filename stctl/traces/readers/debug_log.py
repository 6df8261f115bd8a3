"""Reads the debug logs of SuperTokens SDKs, also in the midst of other lines.

Every line of an SDK has the mark `com.supertokens` and something between braces. Node, Go and the
browser SDKs write it by hand, without escaping; Python writes JSON, and puts the arguments of the
message in afterwards, without escaping. So a message may hold quotes and line feeds, and the end of
a line is known by its tail alone.
"""

import json
import re
from collections.abc import Iterator
from json import JSONDecodeError
from typing import Final

from stctl.traces.model import Damage, LogEvent, Logger, TraceItem
from stctl.traces.readers.log_words import words_of
from stctl.traces.readers.parts import clean, read_time
from stctl.traces.readers.signs import SDK_LOG
from stctl.traces.readers.source import Line, Source

_TAIL: Final = (
    r'(?:, file: "(?P<file>[^"]*)" sdkVer: "(?P<sdk>[^"]*)"'
    r'|, (?P<frontend>[\w-]+)-ver: "(?P<version>[^"]*)")\}'
)
_BY_HAND: Final = re.compile(
    r'com\.supertokens \{t: "(?P<t>[^"]*)", message: "(?P<message>.*?)"' + _TAIL, re.DOTALL
)
_PYTHON: Final = re.compile(
    r'com\.supertokens \{"t": "(?P<t>[^"]*)", "sdkVer": "(?P<sdk>[^"]*)", '
    r'"message": "(?P<message>.*?)", "file": "(?P<file>[^"]*)"\}',
    re.DOTALL,
)
# Python cuts three characters off an ISO time, whatever they are.
_CUT_ZONE: Final = re.compile(r"\+00Z$")
_ANSI: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_DOCKER_JSON: Final = '{"log":'
_TIME: Final = re.compile(r"\S*\d{1,2}:\d\d:\d\d\S*|\b\d{4}-\d\d-\d\d\b")
_LONGEST_EVENT: Final = 1 << 18
_MOST_LINES: Final = 1000
_GO_FILE: Final = re.compile(r"\.go:\d+$")


def read_debug_log(source: Source) -> Iterator[TraceItem]:
    """The events of a log and what could not be read; lines of others are passed over."""
    reader = _Reader()
    for line in source.lines():
        yield from reader.line(line)
    yield from reader.end()


class _Reader:
    """An event whose tail was not read yet, and the count of events."""

    def __init__(self) -> None:
        self._index = 0
        self._begun: Line | None = None
        self._text = ""
        self._lines = 0

    def line(self, line: Line) -> Iterator[TraceItem]:
        """What becomes complete with a line."""
        text = _unwrapped(_ANSI.sub("", line.data.decode("utf-8", "replace")))
        if SDK_LOG.search(text):
            yield from self._give_up("the event has no end")
            self._begun, self._text, self._lines = line, text, 1
        elif self._begun is None:
            return
        else:
            self._text += "\n" + text
            self._lines += 1
        yield from self._complete()

    def end(self) -> Iterator[Damage]:
        """What the end of the file leaves open."""
        yield from self._give_up("the file ends inside an event")

    def _complete(self) -> Iterator[TraceItem]:
        found = _BY_HAND.search(self._text) or _PYTHON.search(self._text)
        if found is None or self._begun is None:
            if len(self._text) > _LONGEST_EVENT or self._lines > _MOST_LINES:
                yield from self._give_up("the event has no end")
            return
        yield _event(found, self._index, f"line {self._begun.number}", self._text)
        self._index += 1
        self._begun, self._text = None, ""

    def _give_up(self, reason: str) -> Iterator[Damage]:
        line, self._begun, self._text = self._begun, None, ""
        if line is not None:
            place = f"line {line.number}"
            yield Damage(position=place, offset=line.offset, reason=reason, lost=1)


def _unwrapped(text: str) -> str:
    """A line out of the JSON that Docker keeps its logs in."""
    if not text.startswith(_DOCKER_JSON):
        return text
    try:
        wrapped = json.loads(text)
    except (JSONDecodeError, RecursionError, ValueError):
        return text
    inner = wrapped.get("log") if isinstance(wrapped, dict) else None
    return clean(_ANSI.sub("", inner)).removesuffix("\n") if isinstance(inner, str) else text


def _event(found: re.Match[str], index: int, position: str, text: str) -> LogEvent:
    parts = found.groupdict()
    message = parts["message"]
    if found.re is _PYTHON:
        message = _unescaped(message)
    topic, facts = words_of(message)
    return LogEvent(
        index=index,
        position=position,
        at_ms=read_time(_CUT_ZONE.sub("Z", parts["t"])),
        logger=_logger(found),
        sdk_version=parts["sdk"] or parts.get("version"),
        message=message,
        file=parts["file"],
        source=" ".join(_TIME.sub("", text[: found.start()]).split()),
        topic=topic,
        facts=facts,
    )


def _unescaped(message: str) -> str:
    """A message as it was before it became JSON; as it stands where later pieces broke the JSON."""
    try:
        return clean(str(json.loads(f'"{message}"', strict=False)))
    except JSONDecodeError:
        return message


def _logger(found: re.Match[str]) -> Logger:
    if found.re is _PYTHON:
        return Logger.PYTHON
    if found["frontend"]:
        return Logger.FRONTEND
    return Logger.GO if _GO_FILE.search(found["file"] or "") else Logger.NODE
