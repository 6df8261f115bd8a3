"""JSON read value by value from a stream, without ever holding the whole document.

The C scanner of the standard library reads each value from a sliding buffer, so that an array of a
million elements costs the memory of one.
"""

import codecs
import re
from json import JSONDecodeError, JSONDecoder
from typing import Final

from stctl.jsontypes import JsonValue
from stctl.traces.readers.source import LONGEST_LINE, Source

# Behind this many characters before the end of the buffer an error may be the buffer's own: the
# longest that the scanner looks ahead is an escaped pair of surrogates.
_LOOKAHEAD: Final = 12
_BLANK: Final = re.compile(r"[ \t\r\n]*")


class BrokenJson(Exception):  # noqa: N818 - a finding about input, reported as such
    """The text is not JSON at `offset` (bytes); `at_end` when it merely stops too soon."""

    def __init__(self, reason: str, offset: int, *, at_end: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset
        self.at_end = at_end


class JsonStream:
    """A cursor on a source of JSON text. Bytes that are not UTF-8 become lone surrogates."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        # Not strict: some recorders leave line feeds in their strings as they are.
        self._scan = JSONDecoder(strict=False).raw_decode
        self._base = 0
        self._ended = False
        self.buffer = ""
        self.at = 0
        """Where the cursor stands in `buffer`."""
        self.began = 0
        """Where in `buffer` the value last read begins."""

    def offset(self, at: int | None = None) -> int:
        """Byte in the source of a place in the buffer; of the cursor if none is given."""
        return self._base + _bytes_in(self.buffer[: self.at if at is None else at])

    def more(self) -> bool:
        """Read on, dropping what is before the cursor; False at the end of the source."""
        if self._ended:
            return False
        kept = len(self.buffer) - self.at
        pieces: list[str] = []
        # As much again as is waiting, or a large value would be scanned once for each piece.
        while sum(map(len, pieces)) <= kept and not self._ended:
            data = self._source.piece()
            self._ended = not data
            pieces.append(self._decode(data, self._ended))
        self._base += _bytes_in(self.buffer[: self.at])
        self.buffer = "".join((self.buffer[self.at :], *pieces))
        self.at = 0
        return len(self.buffer) > kept

    def peek(self) -> str:
        """The next character that is not blank, the cursor on it; empty at the end."""
        while True:
            match = _BLANK.match(self.buffer, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more():
                return ""

    def take(self, wanted: str) -> str:
        """Step over the next character, which must be one of `wanted`."""
        found = self.peek()
        if not found:
            raise BrokenJson("it ends too soon", self.offset(), at_end=True)
        if found not in wanted:
            raise BrokenJson(f"{_listed(wanted)} is missing", self.offset())
        self.at += 1
        return found

    def value(self) -> JsonValue:
        """The value under the cursor, which moves behind it; on an error it stays."""
        if not self.peek():
            raise BrokenJson("it ends too soon", self.offset(), at_end=True)
        while True:
            try:
                self.began = self.at
                value, self.at = self._scan(self.buffer, self.at)
            except JSONDecodeError as problem:
                self._read_on_or_raise(problem)
            except (RecursionError, ValueError) as problem:
                reason = "nested too deeply"
                if isinstance(problem, ValueError):
                    reason = "a number of too many digits"
                raise BrokenJson(reason, self.offset()) from None
            else:
                found: JsonValue = value
                if not self._may_go_on(found):
                    return found

    def _may_go_on(self, value: JsonValue) -> bool:
        """Whether a number stops where the buffer does: its last digits may not be there yet."""
        # A point, or an exponent's letter and sign, may be there without the digits behind it.
        if not isinstance(value, int | float) or self.at < len(self.buffer) - len("e+"):
            return False
        end, self.at = self.at, self.began
        length = end - self.began
        if self.more():
            return True
        self.began, self.at = self.at, self.at + length
        return False

    def _read_on_or_raise(self, problem: JSONDecodeError) -> None:
        is_open = problem.msg.startswith("Unterminated string")
        may_be_cut = is_open or problem.pos >= len(self.buffer) - _LOOKAHEAD
        if not may_be_cut:
            raise BrokenJson(_said(problem), self.offset(problem.pos))
        if len(self.buffer) - self.at > LONGEST_LINE:
            raise BrokenJson(f"longer than {LONGEST_LINE:,} characters", self.offset())
        ahead = problem.pos - self.at
        if not self.more():
            at = self.at + ahead
            at_end = is_open or at >= len(self.buffer)
            reason = "it ends too soon" if at_end else _said(problem)
            raise BrokenJson(reason, self.offset(at), at_end=at_end)


def _bytes_in(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def _listed(wanted: str) -> str:
    return " or ".join(f"“{character}”" for character in wanted)


def _said(problem: JSONDecodeError) -> str:
    return f"not JSON: {problem.msg[0].lower()}{problem.msg[1:]}"
