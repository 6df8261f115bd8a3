"""A trace of any length is read in the memory of a short one."""

import gc
import json
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator

import pytest

from stctl.traces.link import link
from stctl.traces.model import TraceFormat
from stctl.traces.readers import read_trace
from stctl.traces.recording import entry_line, iso_time
from trace_help import START_MS, Made, exchange, har_entry

MB = 1 << 20
BODY = "x" * 3_000


def _core_url(number: int) -> str:
    return "http://localhost:3567/recipe/session/verify" if number % 2 else "http://localhost:3001/"


def har_pieces(count: int) -> Iterator[bytes]:
    yield b'{"log":{"entries":['
    for number in range(count):
        entry = har_entry(
            _core_url(number), startedDateTime=iso_time(START_MS + number * 10), comment=BODY
        )
        yield (b"," if number else b"") + json.dumps(entry).encode()
    yield b"]}}"


def broken_har_pieces(count: int) -> Iterator[bytes]:
    yield b'{"log":{"entries":[{"startedDateTime":'
    for piece in har_pieces(count):
        yield piece.replace(b'"response"', b"response")


def ndjson_pieces(count: int) -> Iterator[bytes]:
    for number in range(count):
        entry = exchange(
            number, _core_url(number), method="POST", at_ms=number * 10, answer={"text": BODY}
        )
        yield entry_line(entry).encode() + b"\n"


def otlp_pieces(count: int) -> Iterator[bytes]:
    yield b'{"resourceSpans":[{"scopeSpans":[{"spans":['
    for number in range(count):
        attributes = [
            {"key": "http.method", "value": {"stringValue": "GET"}},
            {"key": "http.url", "value": {"stringValue": _core_url(number)}},
            {"key": "x", "value": {"stringValue": BODY}},
        ]
        span = {
            "traceId": f"{number // 2:x}",
            "spanId": f"{number:x}",
            "name": "x",
            "kind": 2 + number % 2,
            "startTimeUnixNano": str((START_MS + number * 10) * 1_000_000),
            "attributes": attributes,
        }
        yield (b"," if number else b"") + json.dumps(span).encode()
    yield b"]}]}]}"


def log_pieces(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield (
            f'com.supertokens {{t: "{iso_time(START_MS + number)}", message: "getSession: {BODY}",'
            ' file: "a.js:1:2" sdkVer: "24.0.3"}\n\n'
        ).encode()


def curl_pieces(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield (
            f"> GET /{number} HTTP/1.1\r\n> Host: localhost\r\n> \r\n< HTTP/1.1 200 OK\r\n"
            f"< Date: Wed, 18 Nov 2026 11:06:40 GMT\r\n< \r\n{BODY}\n"
        ).encode()


def endless_line(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield BODY.encode()


FORMS: dict[str, tuple[TraceFormat, Callable[[int], Iterator[bytes]]]] = {
    "har": (TraceFormat.HAR, har_pieces),
    "broken har": (TraceFormat.HAR, broken_har_pieces),
    "ndjson": (TraceFormat.NDJSON, ndjson_pieces),
    "otlp": (TraceFormat.OTLP, otlp_pieces),
    "debug log": (TraceFormat.DEBUG_LOG, log_pieces),
    "curl": (TraceFormat.CURL, curl_pieces),
    "curl without sense": (TraceFormat.CURL, endless_line),
}


def peak_of(form: TraceFormat, pieces: Callable[[int], Iterator[bytes]], count: int) -> int:
    stream = Made(pieces(count))
    gc.collect()
    tracemalloc.start()
    try:
        deque(link(read_trace(stream, form=form)), maxlen=1)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        assert stream.given >= count * len(BODY)


@pytest.mark.parametrize("name", FORMS)
def test_memory_does_not_grow_with_the_trace(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from stctl.traces.link import linker
    from stctl.traces.readers import source

    # Smaller bounds make the growth that they stop visible in a short trace.
    monkeypatch.setattr(linker, "_MOST_HELD", 100)
    monkeypatch.setattr(source, "LONGEST_LINE", MB)
    form, pieces = FORMS[name]
    short, long = peak_of(form, pieces, 300), peak_of(form, pieces, 1_500)
    assert long < short + MB
