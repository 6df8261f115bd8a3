"""Reads a copy of an HTTP/1 stream, one direction of a connection, however it is cut into pieces.

It refuses nothing: what is no message, or cannot be told apart any more, comes out as `Opaque`,
and so does all that follows. The `raw` bytes of what comes out, one after the other, are the bytes
that were put in, so that a changed copy can be made of them.

Source: RFC 9112, sections 2, 6 and 7; where servers and clients are laxer, laxer than it.
"""

import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from stctl.exchange import Pairs

LONGEST_HEAD: Final = 1 << 18
"""Bytes of first line and headers; with more of them it is no message any more."""
_LONGEST_LINE: Final = 1 << 14
_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_CHUNK_SIZE: Final = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?\r?\n?", re.DOTALL)
REQUEST_START: Final = re.compile(rb"[!#-+.0-9A-Z^-z|~-]+ +[^\r\n]*[^\s] +HTTP/1\.[0-9] *\r?\n")
RESPONSE_START: Final = re.compile(rb"HTTP/1\.[0-9] +[0-9]{3}(?: [^\n]*)?\r?\n")


class Extent(Enum):
    """What follows the head of a message."""

    NOTHING = "nothing"
    LENGTH = "length"
    """A body of so many bytes."""
    CHUNKED = "chunked"
    UNTIL_CLOSE = "until close"
    OTHER = "other"
    """Something that is no HTTP/1: a tunnel, or a body whose end nobody can tell."""


class Framing(NamedTuple):
    """Where a message ends."""

    extent: Extent
    length: int = 0


class Head(NamedTuple):
    """First line and headers of a message, whole."""

    raw: bytes
    first_line: str
    headers: Pairs
    """In order, with repeats, names as they were written."""


class Data(NamedTuple):
    """A piece of a message behind its head."""

    raw: bytes
    body: bytes
    """What of it is content; none for the marks between chunks."""


class End(NamedTuple):
    """The message is over; another one may follow."""

    raw: bytes = b""


class Opaque(NamedTuple):
    """Bytes that are no message, or none that can be followed."""

    raw: bytes


Piece: TypeAlias = Head | Data | End | Opaque
_Step: TypeAlias = Callable[[], Piece | None]


class MessageReader:
    """Takes the stream in pieces of any size and gives back what they make complete.

    `starts` is what a first line looks like; `framing` says what follows a head.
    """

    def __init__(self, starts: re.Pattern[bytes], framing: Callable[[Head], Framing]) -> None:
        self._starts = starts
        self._framing = framing
        self._held = b""
        self._at = 0
        self._searched = 0
        self._left = 0
        self._step: _Step = self._head

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Take the next bytes; give what they make complete, to be gone through to the end.

        What follows a head is asked for only when what stands before it has been taken.
        """
        self._held += data
        while (piece := self._step()) is not None:
            yield piece
        self._held = self._held[self._at :]
        self._searched = max(0, self._searched - self._at)
        self._at = 0

    def close(self) -> list[Piece]:
        """Take the end of the stream, which ends a message that goes on until then.

        A message that is cut off in the middle does not end.
        """
        pieces: list[Piece] = []
        if self._held:
            pieces.append(Opaque(self._take(len(self._held))))
        if self._step == self._until_close:
            self._step = self._head
            pieces.append(End())
        return pieces

    def give_up(self) -> None:
        """From here on the stream is no HTTP/1."""
        self._step = self._opaque

    @property
    def is_opaque(self) -> bool:
        """Whether nothing more will be made out."""
        return self._step == self._opaque

    def _take(self, count: int) -> bytes:
        taken = self._held[self._at : self._at + count]
        self._at += len(taken)
        return taken

    def _opaque(self) -> Piece | None:
        raw = self._take(len(self._held))
        return Opaque(raw) if raw else None

    def _lost(self) -> Piece | None:
        self.give_up()
        return self._opaque()

    def _head(self) -> Piece | None:
        start = self._at
        while start < len(self._held) and self._held[start] in b"\r\n":
            start += 1
        found = _HEAD_END.search(self._held, max(start, self._searched))
        self._searched = max(start, len(self._held) - 3)
        if found is None:
            return self._lost() if self._is_hopeless(start) else None
        if not self._starts.match(self._held, start):
            return self._lost()
        text = _text(self._held[start : found.end()])
        head = _read_head(self._take(found.end() - self._at), text)
        self._begin_body(self._framing(head))
        return head

    def _is_hopeless(self, start: int) -> bool:
        """Whether what is there so far can never become a head."""
        if len(self._held) - start > LONGEST_HEAD:
            return True
        line_end = self._held.find(b"\n", start)
        if line_end >= 0:
            return self._starts.match(self._held, start) is None
        return start < len(self._held) and not 0x21 <= self._held[start] <= 0x7E  # noqa: PLR2004 - visible ASCII

    def _begin_body(self, framing: Framing) -> None:
        self._searched = 0
        self._left = framing.length
        match framing.extent:
            case Extent.NOTHING:
                self._step = self._end
            case Extent.LENGTH:
                self._step = self._sized
            case Extent.CHUNKED:
                self._step = self._chunk_size
            case Extent.UNTIL_CLOSE:
                self._step = self._until_close
            case Extent.OTHER:
                self._step = self._opaque

    def _end(self) -> Piece:
        self._step = self._head
        return End()

    def _sized(self) -> Piece | None:
        if not self._left:
            return self._end()
        return self._content()

    def _content(self) -> Piece | None:
        body = self._take(self._left)
        self._left -= len(body)
        return Data(body, body) if body else None

    def _until_close(self) -> Piece | None:
        body = self._take(len(self._held))
        return Data(body, body) if body else None

    def _line(self) -> bytes | None:
        """The next line with its end; None when it is not there yet. Gives up on a long one."""
        end = self._held.find(b"\n", self._at)
        if end >= 0:
            return self._take(end + 1 - self._at)
        if len(self._held) - self._at > _LONGEST_LINE:
            self.give_up()
        return None

    def _chunk_size(self) -> Piece | None:
        line = self._line()
        if line is None:
            return self._opaque() if self._step == self._opaque else None
        found = _CHUNK_SIZE.fullmatch(line)
        if found is None:
            self.give_up()
            return Opaque(line)
        self._left = int(found[1], 16)
        self._step = self._chunk if self._left else self._trailer
        return Data(line, b"")

    def _chunk(self) -> Piece | None:
        if self._left:
            return self._content()
        line = self._line()
        if line is None:
            return self._opaque() if self._step == self._opaque else None
        if line.strip(b"\r\n"):
            self.give_up()
            return Opaque(line)
        self._step = self._chunk_size
        return Data(line, b"")

    def _trailer(self) -> Piece | None:
        line = self._line()
        if line is None:
            return self._opaque() if self._step == self._opaque else None
        if line.strip(b"\r\n"):
            return Data(line, b"")
        self._step = self._head
        return End(line)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _read_head(raw: bytes, text: str) -> Head:
    """Headers folded over several lines are put into one; a line that is no header is left out."""
    first, *lines = text.rstrip("\r\n").split("\n")
    pairs: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in {" ", "\t"} and pairs:
            name, value = pairs[-1]
            pairs[-1] = (name, f"{value} {line.strip()}".strip())
            continue
        name, colon, value = line.partition(":")
        if colon and name.strip():
            pairs.append((name.strip(), value.strip(" \t\r")))
    return Head(raw, first.rstrip("\r"), tuple(pairs))
