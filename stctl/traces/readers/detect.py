"""Tells the format of a trace by how it begins."""

import json
import re
from json import JSONDecodeError
from typing import Final

from stctl.jsontypes import JsonValue
from stctl.traces.model import TraceFormat
from stctl.traces.readers.signs import CURL_METER, CURL_TALK, SDK_LOG
from stctl.traces.readers.source import Source

_SHORT: Final = 1 << 16
_FARTHEST_LOOK: Final = 1 << 20

_LOG: Final = re.compile(r'"log"\s*:\s*\{')
# In this order: the members of a document come before those of its entries.
_MEMBERS: Final = (
    (TraceFormat.OTLP, re.compile(r'"resource_?[sS]pans"\s*:')),
    (TraceFormat.HAR, re.compile(r'"log"\s*:\s*\{|"startedDateTime"\s*:')),
    (TraceFormat.OTLP, re.compile(r'"spanId"\s*:')),
    (TraceFormat.NDJSON, re.compile(r'"request"\s*:\s*\{|"stctl\.recording/')),
)


def detect(source: Source) -> TraceFormat | None:
    """The format of a source, which is not read on by this; None where nothing tells.

    No more is waited for than is needed, since the source may be live; but an SDK's first line may
    come late in a log, so that the look goes far if it must.
    """
    head = source.head(1)
    while True:
        found = format_of(head, is_whole=False)
        if found is not None or len(head) >= _FARTHEST_LOOK:
            return found
        wanted = len(head) + 1 if len(head) < _SHORT else 2 * len(head)
        head = source.head(wanted)
        if len(head) < wanted:
            return format_of(head, is_whole=True)


def format_of(head: bytes, *, is_whole: bool) -> TraceFormat | None:
    """The format that a trace with this beginning has; `is_whole` when there is no more of it."""
    whole = head.decode("utf-8", "replace")
    text = whole.lstrip("\x1e \t\r\n")
    if text.startswith(("{", "[")):
        return _of_json(text, is_whole=is_whole)
    if SDK_LOG.search(text):
        return TraceFormat.DEBUG_LOG
    if CURL_TALK.search(_without_meter(whole)):
        return TraceFormat.CURL
    return _by_members(text)


def _without_meter(text: str) -> str:
    """Curl's progress meter stands before the first remark in the same line."""
    return CURL_METER.sub("\n", text)


def _of_json(text: str, *, is_whole: bool) -> TraceFormat | None:
    line, line_feed, _ = text.partition("\n")
    if line_feed or is_whole:
        try:
            first: JsonValue = json.loads(line, strict=False)
        except (JSONDecodeError, RecursionError, ValueError):
            first = None
        if isinstance(first, dict):
            return _of_first_line(first, line)
    if SDK_LOG.search(text):
        # A log of Docker, one JSON object a line, or another log around the SDK's lines.
        return _by_members(text.partition("com.supertokens")[0]) or TraceFormat.DEBUG_LOG
    found = _by_members(text)
    if found is TraceFormat.HAR and not line_feed and text[0] == "{" and not _LOG.search(text):
        # The beginning of a line that is one entry.
        return TraceFormat.NDJSON
    return found


def _of_first_line(first: dict[str, JsonValue], line: str) -> TraceFormat | None:
    if "resourceSpans" in first or "resource_spans" in first:
        return TraceFormat.OTLP
    if isinstance(first.get("log"), dict):
        return TraceFormat.HAR
    if "request" in first or str(first.get("schema", "")).startswith("stctl.recording/"):
        return TraceFormat.NDJSON
    if isinstance(first.get("log"), str) and SDK_LOG.search(line):
        return TraceFormat.DEBUG_LOG
    return _by_members(line)


def _by_members(text: str) -> TraceFormat | None:
    return next((form for form, pattern in _MEMBERS if pattern.search(text)), None)
