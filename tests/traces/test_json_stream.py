import json

import pytest

from stctl.traces.model import TraceFormat
from stctl.traces.readers import json_stream
from stctl.traces.readers.json_stream import BrokenJson, JsonStream
from stctl.traces.readers.source import Source
from trace_help import Bytes, entries_of, har, har_entry, items_of, parted


def stream_of(text: str | bytes, at_once: int) -> JsonStream:
    raw = text.encode() if isinstance(text, str) else text
    return JsonStream(Source(Bytes(raw, at_once)))


@pytest.mark.parametrize("at_once", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    "text",
    ["0", "-12.5e+33", "1E-5", '"a\\ud83d\\ude00b"', "true", "null", '[1, {"a": [2.25]}]', '"ä😀"'],
)
def test_a_value_is_whole_however_its_bytes_arrive(text: str, at_once: int) -> None:
    stream = stream_of(f"  {text}  ,", at_once)
    assert stream.value() == json.loads(text)
    assert stream.take(",") == ","
    assert stream.peek() == ""


@pytest.mark.parametrize("at_once", [1, 2, 3, 1000])
def test_numbers_beside_the_entries_do_not_break_a_har(at_once: int) -> None:
    text = har([har_entry()]).replace('"version": "1.2"', '"version": 1.2e+1, "x": 1234567')
    assert len(entries_of(text, TraceFormat.HAR, at_once)) == 1


@pytest.mark.parametrize("at_once", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("text", "offset", "at_end"),
    [
        ('["ä", ', 7, True),
        ('["ä", x]', 7, False),
        ('["ä', 1, True),
        ('{"ä" 1}', 6, False),
        ("[1, 2", 5, True),
    ],
)
def test_where_json_breaks_is_told_in_bytes(
    text: str, offset: int, at_end: bool, at_once: int
) -> None:
    stream = stream_of(text, at_once)
    with pytest.raises(BrokenJson) as broken:
        stream.value()
    assert (broken.value.offset, broken.value.at_end) == (offset, at_end)
    assert stream.at == stream.began


def test_a_value_too_long_is_broken_and_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_stream, "LONGEST_LINE", 1_000)
    stream = stream_of('"' + "x" * 100_000, 100)
    with pytest.raises(BrokenJson, match="longer than 1,000"):
        stream.value()
    assert len(stream.buffer) < 3_000


def test_an_entry_too_long_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "LONGEST_LINE", 5_000)
    entries = [har_entry("http://a/0"), har_entry("http://a/1"), har_entry("http://a/2")]
    entries[1]["comment"] = "x" * 20_000
    found, damage = parted(items_of(har(entries), at_once=500))
    assert [entry.exchange.request.path for entry in found] == ["/0", "/2"]
    assert [entry.index for entry in found] == [0, 2]
    assert "longer than" in damage[0].reason
