"""A trace as one stream of UTF-8 bytes: no seeking, unpacked, one encoding, read piece by piece."""

import codecs
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

PIECE: Final = 1 << 18
LONGEST_LINE: Final = 1 << 26
"""Bytes; also the most that one entry may take. Beyond it the rest of a line is passed over."""
_GZIP_MAGIC: Final = b"\x1f\x8b"
_UTF16: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_UTF8_BOM: Final = b"\xef\xbb\xbf"
_PACKED_READ_ERRORS: Final = (OSError, EOFError, zlib.error)


class ByteStream(Protocol):
    """What a source is read from: a file, standard input, a pipe."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end."""

    number: int
    """1-based."""
    offset: int
    """Byte at which it begins."""
    data: bytes
    is_cut: bool = False
    """It is longer than `LONGEST_LINE`, and only its beginning is here."""


class Source:
    """Gives the bytes of a trace from front to back; UTF-16 and gzip are turned into UTF-8.

    A read that fails ends the stream; `trouble` then says why. `head` may be looked at before
    reading begins, to see what the trace is.
    """

    def __init__(self, stream: ByteStream) -> None:
        self.trouble: str | None = None
        self._read = _reader_of(stream)
        self._head = b""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._started = False
        self._is_unpacked = False

    def head(self, size: int) -> bytes:
        """Up to `size` first bytes, or more; fewer only where the trace is shorter."""
        while len(self._head) < size:
            piece = self._next()
            if not piece:
                break
            self._head += piece
        return self._head

    def piece(self) -> bytes:
        """The next bytes, as they come; none at the end."""
        if self._head:
            piece, self._head = self._head, b""
            return piece
        return self._next()

    def lines(self) -> Iterator[Line]:
        """The lines, each as soon as its end was read, without line feed and carriage return."""
        number, offset = 1, 0
        rest = _Rest()
        while piece := self.piece():
            *whole, last = piece.split(b"\n")
            for part in whole:
                line = rest.line(part, number, offset)
                yield line
                offset += rest.take_length() + len(part) + 1
                number += 1
            rest.add(last)
        if rest.length:
            yield rest.line(b"", number, offset)

    def _next(self) -> bytes:
        if not self._started:
            self._started = True
            return self._first()
        while piece := self._raw():
            if self._decoder is None:
                return piece
            text = self._decoder.decode(piece)
            if text:
                return text.encode("utf-8", "replace")
        return b""

    def _first(self) -> bytes:
        start = self._raw()
        while 0 < len(start) < len(_UTF8_BOM) and (more := self._raw()):
            start += more
        if start.startswith(_GZIP_MAGIC) and not self._is_unpacked:
            # Once only: there are archives that unpack to themselves.
            self._is_unpacked = True
            self._read = _unpacked(start, self._read)
            return self._first()
        encoding = _UTF16.get(start[:2])
        if encoding is not None:
            self._decoder = codecs.getincrementaldecoder(encoding)("replace")
            text = self._decoder.decode(start[2:])
            return text.encode("utf-8", "replace") or self._next()
        return start.removeprefix(_UTF8_BOM) or (self._next() if start else b"")

    def _raw(self) -> bytes:
        try:
            return self._read(PIECE)
        except _PACKED_READ_ERRORS as problem:
            self.trouble = f"reading stopped: {_words(problem)}"
            self._read = _nothing
            return b""


class _Rest:
    """The beginning of a line whose end was not read yet."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._kept = 0
        self.length = 0

    def add(self, part: bytes) -> None:
        room = LONGEST_LINE - self._kept
        self.length += len(part)
        if part and room > 0:
            self._parts.append(part[:room])
            self._kept += len(self._parts[-1])

    def line(self, end: bytes, number: int, offset: int) -> Line:
        data = b"".join((*self._parts, end)) if self._parts else end
        is_cut = self.length + len(end) > LONGEST_LINE
        return Line(number, offset, data[:LONGEST_LINE].removesuffix(b"\r"), is_cut)

    def take_length(self) -> int:
        """How much was waiting; nothing waits any more."""
        length = self.length
        if length:
            self._parts, self._kept, self.length = [], 0, 0
        return length


class _Reader(Protocol):
    def __call__(self, size: int, /) -> bytes: ...


def _reader_of(stream: ByteStream) -> _Reader:
    """The way of reading that hands over what a pipe has, without waiting for more."""
    at_once: _Reader | None = getattr(stream, "read1", None)
    return at_once or stream.read


def _nothing(_: int, /) -> bytes:
    return b""


class _Joined(io.RawIOBase):
    """What was read already, followed by the rest."""

    def __init__(self, start: bytes, rest: _Reader) -> None:
        self._start = start
        self._rest = rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        wanted = size if size >= 0 else PIECE
        if self._start:
            data, self._start = self._start[:wanted], self._start[wanted:]
            return data
        return self._rest(wanted)


def _unpacked(start: bytes, rest: _Reader) -> _Reader:
    import gzip

    return gzip.GzipFile(fileobj=_Joined(start, rest), mode="rb").read1


def _words(problem: BaseException) -> str:
    if isinstance(problem, EOFError):
        return "the gzip data are cut off"
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    return "the gzip data are damaged"
