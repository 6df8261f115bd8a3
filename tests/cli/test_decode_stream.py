"""A stream of tokens may be endless: what it costs must not grow with it."""

import io
import sys
import tracemalloc

import pytest

from recorded_tokens import every_generation
from stctl.cli.decode_input import read_lines
from stctl.render.decode import stream_presentation
from stctl.render.printer import Output, Printer, Screen
from stctl.tokens.decoded import decode_line

NOW_MS = 1_795_545_000_000
LINES = [f"{one.access}\n".encode() for one in every_generation()] + [b"garbage\n", b"\xff\n"]


class Lines(io.RawIOBase):
    """Gives a number of lines, made one by one."""

    def __init__(self, count: int) -> None:
        self.left = count

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        assert isinstance(buffer, memoryview)
        if not self.left:
            return 0
        self.left -= 1
        line = LINES[self.left % len(LINES)]
        buffer[: len(line)] = line
        return len(line)


class Sink(io.StringIO):
    """Counts lines, keeps none, and notes how many blocks of memory are in use at some of them."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.blocks: dict[int, int] = {}

    def write(self, text: str, /) -> int:
        self.count += text.count("\n")
        if self.count % 1_000 == 0:
            self.blocks[self.count] = sys.getallocatedblocks()
        return len(text)


def stream(count: int, output: Output) -> Sink:
    """Decode that many lines into a sink."""
    source = io.BufferedReader(Lines(count))
    items = (
        (number, item)
        for number, text in read_lines(source)
        for item in decode_line(text or "", NOW_MS)
    )
    sink = Sink()
    printer = Printer(out=Screen(sink, {}), err=Screen(sink, {}), output=output)
    printer.show(stream_presentation(items, NOW_MS, reveal=False, flat=output is Output.CSV))
    return sink


@pytest.mark.parametrize(("output", "count"), [(Output.NDJSON, 20_000), (Output.CSV, 4_000)])
def test_no_line_of_many_leaves_anything_behind(output: Output, count: int) -> None:
    sink = stream(count, output)
    assert sink.count == count + (output is Output.CSV)
    assert sink.blocks[count] - sink.blocks[2_000] < 1_000


def test_the_most_memory_in_use_at_once_is_small() -> None:
    stream(100, Output.NDJSON)
    tracemalloc.start()
    try:
        stream(2_000, Output.NDJSON)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 1_000_000


def test_lines_are_numbered_and_blank_ones_passed_over() -> None:
    source = io.BytesIO(b"a\n\n \r\nb\r\nc")
    assert list(read_lines(source)) == [(1, "a\n"), (4, "b\r\n"), (5, "c")]
