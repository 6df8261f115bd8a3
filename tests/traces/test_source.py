import gzip

import pytest

from stctl.traces.readers import source as source_module
from stctl.traces.readers.source import Line, Source
from trace_help import Bytes


def lines_of(data: bytes, at_once: int = 1 << 30) -> list[Line]:
    return list(Source(Bytes(data, at_once)).lines())


@pytest.mark.parametrize("at_once", [1, 2, 3, 1000])
def test_lines_have_their_number_and_offset(at_once: int) -> None:
    assert lines_of(b"one\r\n\ntwo\nthree", at_once) == [
        Line(1, 0, b"one"),
        Line(2, 5, b""),
        Line(3, 6, b"two"),
        Line(4, 10, b"three"),
    ]
    assert lines_of(b"", at_once) == []
    assert lines_of(b"\n", at_once) == [Line(1, 0, b"")]


@pytest.mark.parametrize("at_once", [1, 5, 1000])
def test_a_line_without_end_is_cut_and_the_next_one_is_found(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(source_module, "LONGEST_LINE", 10)
    assert lines_of(b"x" * 35 + b"\nnext\n" + b"y" * 11, at_once) == [
        Line(1, 0, b"x" * 10, is_cut=True),
        Line(2, 36, b"next"),
        Line(3, 41, b"y" * 10, is_cut=True),
    ]


@pytest.mark.parametrize("at_once", [1, 2, 3, 1000])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8"])
def test_other_encodings_become_utf8(encoding: str, at_once: int) -> None:
    data = "\ufeffgrün\n😀".encode(encoding)
    assert [line.data.decode() for line in lines_of(data, at_once)] == ["grün", "😀"]


def test_looking_at_the_head_takes_nothing_away() -> None:
    source = Source(Bytes(b"abcdef", 2))
    assert source.head(3) == b"abcd"
    assert source.head(100) == b"abcdef"
    assert [line.data for line in source.lines()] == [b"abcdef"]


def test_a_reading_error_ends_the_stream_with_its_reason() -> None:
    class Failing:
        def __init__(self) -> None:
            self.calls = 0

        def read(self, _: int, /) -> bytes:
            self.calls += 1
            if self.calls > 1:
                raise OSError(5, "Input/output error")
            return b"one\ntwo"

    source = Source(Failing())
    assert [line.data for line in source.lines()] == [b"one", b"two"]
    assert source.trouble == "reading stopped: Input/output error"


def test_packed_data_are_unpacked_once_only() -> None:
    twice = gzip.compress(gzip.compress(b"x"))
    source = Source(Bytes(twice))
    assert source.piece().startswith(b"\x1f\x8b")
    assert source.trouble is None


def test_damaged_gzip_is_trouble_and_no_crash() -> None:
    packed = bytearray(gzip.compress(bytes(range(256)) * 50))
    packed[30] ^= 0xFF
    source = Source(Bytes(bytes(packed)))
    while source.piece():
        pass
    assert source.trouble is not None
    assert "gzip" in source.trouble or "CRC" in source.trouble
