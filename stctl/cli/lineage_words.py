"""What the arguments of `stctl lineage` are: traces, or tokens."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stctl.cli.trace_reading import TraceReading
from stctl.errors import ErrorKind, StctlError

if TYPE_CHECKING:
    import typer

    from stctl.cli.decode_input import Paste
    from stctl.traces.explain.story import Told
    from stctl.traces.readers.source import ByteStream

STDIN: Final = "-"


@dataclass(frozen=True, slots=True)
class NamedTrace:
    """A trace with the way to what it tells, which can be gone once."""

    name: str
    told: "Callable[[], Iterator[Told]]"


@dataclass(slots=True)
class SortedWords:
    """Either traces or texts that hold tokens; never both."""

    traces: list[NamedTrace] = field(default_factory=list)
    pastes: "list[Paste]" = field(default_factory=list)


def sorted_words(ctx: "typer.Context", reading: TraceReading, words: Sequence[str]) -> SortedWords:
    """Tell traces from tokens: a file or standard input in a known format is a trace.

    Any other text has to hold a token. Raises USAGE where both were given, INPUT_UNREADABLE for
    what is neither. What is opened here is closed with the command.
    """
    found = SortedWords()
    for number, word in enumerate(words, start=1):
        if word == STDIN:
            _sort_stdin(reading, found)
        elif _is_pipe(word):
            _sort_stream(reading, ctx.with_resource(_opened(word)), word, found)
        elif _is_file(word):
            _sort_file(reading, word, found)
        else:
            _sort_text(word, f"argument {number}", found)
    if found.traces and found.pastes:
        raise StctlError(
            ErrorKind.USAGE,
            "Traces and tokens cannot be told together.",
            hint="Ask for them one after the other.",
        )
    if len(found.pastes) == 1:
        found.pastes = [("", found.pastes[0][1])]
    return found


def _is_file(word: str) -> bool:
    try:
        return Path(word).is_file()
    except (OSError, ValueError):
        return False


def _is_pipe(word: str) -> bool:
    """Whether it can be opened once only, such as `/dev/stdin` and what `<(…)` stands for."""
    try:
        path = Path(word)
        return path.is_fifo() or path.is_char_device() or path.is_socket()
    except (OSError, ValueError):
        return False


def _sort_stdin(reading: TraceReading, found: SortedWords) -> None:
    from stctl.cli.decode_input import binary

    _sort_stream(reading, binary(reading.context.stdin), STDIN, found)


def _opened(pipe: str) -> FileIO:
    try:
        return FileIO(pipe)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE, f"Cannot read the trace {pipe}: {reason}."
        ) from None


def _sort_stream(reading: TraceReading, given: "ByteStream", name: str, found: SortedWords) -> None:
    from stctl.traces.readers import read_trace

    stream = _Remembering(given)
    try:
        trace = read_trace(stream, name=name, form=reading.form)
    except StctlError as problem:
        text = stream.everything().decode("utf-8", "replace")
        if not _holds_token(text):
            raise
        del problem
        found.pastes.append(("standard input" if name == STDIN else f"file {name}", text))
        return
    stream.forget()
    found.traces.append(NamedTrace(name, lambda: reading.told_in(trace)))


def _sort_file(reading: TraceReading, word: str, found: SortedWords) -> None:
    from stctl.cli.decode_input import binary, read_pastes
    from stctl.traces.readers import open_trace

    try:
        with open_trace(word, stdin=binary(reading.context.stdin), form=reading.form):
            pass
    except StctlError:
        ((_, text),) = read_pastes([], [word], reading.context.stdin)
        if not _holds_token(text):
            raise
        found.pastes.append((f"file {word}", text))
        return
    found.traces.append(NamedTrace(word, lambda: reading.told(word)))


def _sort_text(word: str, name: str, found: SortedWords) -> None:
    from stctl.cli.decode_input import read_pastes

    if word.startswith("@") and _is_file(word[1:]):
        import sys

        ((_, text),) = read_pastes([word], [], sys.stdin)
        found.pastes.append((f"file {word[1:]}", text))
    elif _holds_token(word):
        found.pastes.append((name, word))
    else:
        shown = word if len(word) < 60 else f"{word[:57]}…"  # noqa: PLR2004 - a line's worth
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE,
            f"{shown} is no file and no token.",
            hint="Give a recorded trace, or access, refresh and front tokens.",
        )


def _holds_token(text: str) -> bool:
    from stctl.tokens.identify import Finding, identify

    return any(isinstance(one, Finding) for one in identify(text))


class _Remembering:
    """A stream that keeps what was read of it until it is known to be a trace."""

    def __init__(self, stream: "ByteStream") -> None:
        self._stream = stream
        self._kept: list[bytes] | None = []

    def read(self, size: int, /) -> bytes:
        piece = self._stream.read(size)
        if self._kept is not None:
            self._kept.append(piece)
        return piece

    def everything(self) -> bytes:
        """What was read and what is left."""
        from stctl.cli.decode_input import LARGEST_PASTE_BYTES

        return b"".join((*(self._kept or ()), self._stream.read(LARGEST_PASTE_BYTES)))

    def forget(self) -> None:
        """Keep nothing from now on."""
        self._kept = None
