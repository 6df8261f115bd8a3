"""Reads recorded traces of any known format, item by item, in memory that does not grow.

`open_trace` is the door. A reader never fails on what it reads: what it cannot make sense of
becomes `Damage`, with its place, and reading goes on. Only a trace that cannot be opened, or whose
format nothing tells, is an error (`input-unreadable`).

Readers mask nothing, since the analysis compares tokens; see `stctl.traces.secrets`.
"""

from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Final, Protocol, Self

from stctl.errors import ErrorKind, StctlError
from stctl.traces.model import Damage, TraceFormat, TraceItem
from stctl.traces.readers.source import ByteStream, Source

__all__ = ["Trace", "open_trace", "read_trace"]

STANDARD_INPUT: Final = "-"


class _Closable(Protocol):
    def close(self) -> None: ...


class Trace:
    """The items of one trace, in order; to be gone through once.

    It is a context manager: leaving it closes the file that was opened for it.
    """

    def __init__(
        self, name: str, form: TraceFormat, source: Source, opened: _Closable | None = None
    ) -> None:
        self.name = name
        """As given: a path, or `-` for standard input."""
        self.form = form
        self._source = source
        self._opened = opened

    def __iter__(self) -> Iterator[TraceItem]:
        yield from _READERS[self.form]()(self._source)
        if self._source.trouble:
            yield Damage(position="the end", offset=None, reason=self._source.trouble)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        if self._opened is not None:
            self._opened.close()


def open_trace(name: str, *, stdin: ByteStream, form: TraceFormat | None = None) -> Trace:
    """Open a trace by its path, or `stdin` for `-`; its format is found out unless given.

    Raises `input-unreadable` when it cannot be opened, is empty, or is of no known format.
    """
    if name == STANDARD_INPUT:
        return read_trace(stdin, name=name, form=form)
    try:
        file = open(name, "rb", buffering=0)  # noqa: PTH123, SIM115 - a stream; Trace closes it
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE, f"Cannot read the trace {name}: {reason}."
        ) from None
    except ValueError:
        raise StctlError(ErrorKind.INPUT_UNREADABLE, f"{name!r} is no path.") from None
    try:
        trace = read_trace(file, name=name, form=form)
    except StctlError:
        file.close()
        raise
    return Trace(name, trace.form, trace._source, file)  # noqa: SLF001 - its own


def read_trace(stream: ByteStream, *, name: str = "-", form: TraceFormat | None = None) -> Trace:
    """A trace from an open stream, which is only read and never sought in.

    Raises `input-unreadable` when no format is given and nothing tells it.
    """
    source = Source(stream)
    return Trace(name, form or _detected(source, name), source)


def _detected(source: Source, name: str) -> TraceFormat:
    from stctl.traces.readers.detect import detect

    form = detect(source)
    if form is not None:
        return form
    what = "the trace from standard input" if name == STANDARD_INPUT else f"the trace {name}"
    if not source.head(1).strip():
        reason = f"{what} is empty" if not source.trouble else f"{what}: {source.trouble}"
        raise StctlError(ErrorKind.INPUT_UNREADABLE, f"{reason[0].upper()}{reason[1:]}.")
    raise StctlError(
        ErrorKind.INPUT_UNREADABLE,
        f"Cannot tell the format of {what}.",
        hint=f"Name it with --format: {', '.join(TraceFormat)}.",
    )


_Reader = Callable[[Source], Iterator[TraceItem]]


def _har() -> _Reader:
    from stctl.traces.readers.har import read_har

    return read_har


def _ndjson() -> _Reader:
    from stctl.traces.readers.ndjson import read_ndjson

    return read_ndjson


def _otlp() -> _Reader:
    from stctl.traces.readers.otlp import read_otlp

    return read_otlp


def _debug_log() -> _Reader:
    from stctl.traces.readers.debug_log import read_debug_log

    return read_debug_log


def _curl() -> _Reader:
    from stctl.traces.readers.curl import read_curl

    return read_curl


# A run needs one reader; the patterns of the others would cost it milliseconds.
_READERS: Final[Mapping[TraceFormat, Callable[[], _Reader]]] = {
    TraceFormat.HAR: _har,
    TraceFormat.NDJSON: _ndjson,
    TraceFormat.OTLP: _otlp,
    TraceFormat.DEBUG_LOG: _debug_log,
    TraceFormat.CURL: _curl,
}
