import json
from pathlib import Path

import pytest

from stctl.clock import FrozenClock
from stctl.errors import ErrorKind, StctlError
from stctl.traces.model import Damage, Entry, TraceFormat, TraceItem
from stctl.traces.readers import open_trace, read_trace
from stctl.traces.readers.follow import FollowedFile
from stctl.traces.recording import entry_line, header_line
from trace_help import SAMPLES, TRACES, Bytes, entries_of, har, har_entry

METER = "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"
LINE = json.dumps({"request": {"url": "http://a/"}})


def form_of(data: bytes | str, at_once: int = 1 << 30) -> TraceFormat:
    return read_trace(Bytes(data.encode() if isinstance(data, str) else data, at_once)).form


@pytest.mark.parametrize("at_once", [5, 1 << 30])
def test_every_recorded_sample_is_known_by_its_beginning(at_once: int) -> None:
    forms = {
        path.name: form_of(path.read_bytes(), at_once)
        for path in [*TRACES, *SAMPLES.iterdir()]
        if path.name != "curl_refused.txt" or at_once > 5
    }
    for name, form in forms.items():
        wanted = name.partition("_")[0]
        by_name = {"debug": "debug-log", "otlp": "otlp", "curl": "curl"}
        assert form == by_name.get(wanted, "har"), name


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (har([]), TraceFormat.HAR),
        ("  \n\n" + har([], indent=4), TraceFormat.HAR),
        ("\ufeff" + har([har_entry()]), TraceFormat.HAR),
        (json.dumps([har_entry()]), TraceFormat.HAR),
        (har([har_entry()] * 3, indent=1)[300:], TraceFormat.HAR),
        (header_line(), TraceFormat.NDJSON),
        (LINE, TraceFormat.NDJSON),
        (f"\n\x1e{LINE}\n", TraceFormat.NDJSON),
        (LINE[:20], TraceFormat.NDJSON),
        (json.dumps(har_entry()) + "\n" + json.dumps(har_entry()), TraceFormat.NDJSON),
        ('{"resourceSpans": []}', TraceFormat.OTLP),
        ('{\n  "resourceSpans": [\n', TraceFormat.OTLP),
        ("app started\n" * 20_000 + 'com.supertokens {t: "2026', TraceFormat.DEBUG_LOG),
        ('{"log":"com.supertokens {t: \\"2026","stream":"x"}', TraceFormat.DEBUG_LOG),
        ("*   Trying 127.0.0.1:80...\n", TraceFormat.CURL),
        ("> GET / HTTP/1.1\r\n", TraceFormat.CURL),
        (METER + "*   Trying ::1:80...\n", TraceFormat.CURL),
    ],
)
def test_a_format_is_known_by_its_beginning(text: str, form: TraceFormat) -> None:
    assert form_of(text) is form


def test_detection_waits_for_no_more_than_it_needs() -> None:
    class Live:
        def __init__(self) -> None:
            self.calls = 0

        def read(self, _: int, /) -> bytes:
            self.calls += 1
            assert self.calls == 1
            return LINE.encode() + b"\n"

    assert read_trace(Live()).form is TraceFormat.NDJSON


def test_a_named_format_is_believed() -> None:
    trace = read_trace(Bytes(b"what is this"), form=TraceFormat.NDJSON)
    assert trace.form is TraceFormat.NDJSON
    assert [type(item) for item in trace] == [Damage]


@pytest.mark.parametrize("text", ["", " \n\n"])
def test_an_empty_trace_is_an_error(text: str) -> None:
    with pytest.raises(StctlError, match="is empty") as failure:
        form_of(text)
    assert failure.value.kind is ErrorKind.INPUT_UNREADABLE


def test_an_unknown_format_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(StctlError, match="Cannot tell the format") as failure:
        form_of("just some words\n")
    assert failure.value.kind is ErrorKind.INPUT_UNREADABLE
    assert all(form in failure.value.hint for form in TraceFormat)


def test_a_file_is_opened_and_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_text(har([har_entry()]))
    with open_trace(str(path), stdin=Bytes(b"")) as trace:
        assert trace.name == str(path)
        assert len(list(trace)) == 1


def test_a_dash_is_standard_input() -> None:
    with open_trace("-", stdin=Bytes(LINE.encode())) as trace:
        assert (trace.name, trace.form) == ("-", TraceFormat.NDJSON)
        assert [type(item) for item in trace] == [Entry]


@pytest.mark.parametrize("name", ["missing.har", ".", "a\0b"])
def test_what_cannot_be_opened_is_an_error(name: str) -> None:
    with pytest.raises(StctlError) as failure:
        list(open_trace(name, stdin=Bytes(b"")))
    assert failure.value.kind is ErrorKind.INPUT_UNREADABLE


def test_items_come_before_the_end_of_a_live_stream() -> None:
    read = 0

    class Live:
        def read(self, _: int, /) -> bytes:
            nonlocal read
            read += 1
            return LINE.encode() + b"\n"

    items = iter(read_trace(Live()))
    for wanted in range(1, 4):
        next(items)
        assert read == wanted


def test_a_growing_file_is_followed_also_when_it_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "live.ndjson"
    (first, second) = entries_of(har([har_entry("http://a/1"), har_entry("http://a/2")]))
    path.write_text(header_line() + "\n" + entry_line(first) + "\n")
    clock = FrozenClock(0)
    seen: list[TraceItem] = []
    line = entry_line(second) + "\n"
    steps = [("a", line[:30]), ("a", line[30:]), ("w", entry_line(first) + "\n")]

    def next_step() -> bool:
        if not steps:
            return False
        mode, text = steps.pop(0)
        with path.open(mode) as file:
            file.write(text)
        return True

    with path.open("rb", buffering=0) as file:
        followed = FollowedFile(file, clock=clock, on_idle=next_step)
        seen.extend(read_trace(followed))
    urls = [item.url for item in seen if isinstance(item, Entry)]
    assert urls == ["http://a/1", "http://a/2", "http://a/1"]
    assert clock.now_ms() == 600
