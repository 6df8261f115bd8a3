"""Shows explained traces in the form that was asked for, piece by piece as they are read.

A trace may be longer than what fits into memory, so that documents are written while they are
made, and never held as a whole.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from stctl.jsontypes import JsonValue
from stctl.render.explain.document import SCHEMA, Members, app_document, entry_document
from stctl.render.explain.ladder import ladder, nothing_found
from stctl.render.printer import Output, Printer, to_json
from stctl.render.view import Block, Gap, Heading, Presentation, line, strong
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceReport:
    """One trace with its explanations, which can be gone through once."""

    trace: str
    """As the person named it."""
    known: KnownApp
    told: Iterable[Explanation]


def show_reports(
    printer: Printer, reports: Iterable[TraceReport], *, reveal: bool, opens_all: bool, many: bool
) -> None:
    """Print every report on standard output; `many` when there is more than one."""
    if not printer.quiet and printer.output in {Output.JSON, Output.NDJSON}:
        pieces = (
            _lines(reports, reveal=reveal)
            if printer.output is Output.NDJSON
            else _whole(reports, reveal=reveal, many=many)
        )
        for piece in pieces:
            printer.out.stream.write(piece)
        printer.out.stream.flush()
        return
    printer.show(
        Presentation(
            schema=SCHEMA,
            view=lambda width: _view(reports, width, reveal=reveal, opens_all=opens_all, many=many),
            document=lambda: _document(reports, reveal=reveal),
            rows=lambda: _rows(reports, reveal=reveal),
            ids=lambda: _ids(reports),
        )
    )


def _view(
    reports: Iterable[TraceReport], width: int, *, reveal: bool, opens_all: bool, many: bool
) -> Iterator[Block]:
    for report in reports:
        if many:
            yield Heading(line(strong(report.trace)))
        told = iter(report.told)
        first = next(told, None)
        if first is None:
            yield nothing_found("No request to show.")
        else:
            yield from ladder(chain([first], told), width, reveal=reveal, opens_all=opens_all)
        yield Gap()


def _lines(reports: Iterable[TraceReport], *, reveal: bool) -> Iterator[str]:
    """One document a line."""
    for report in reports:
        yield from _pieces(report, reveal=reveal, encode=lambda value: to_json(value, indent=None))
        yield "\n"


def _whole(reports: Iterable[TraceReport], *, reveal: bool, many: bool) -> Iterator[str]:
    """One document; with several traces, their documents in the member `traces`."""
    if many:
        yield f'{{\n"schema": "{SCHEMA}",\n"traces": [\n'
    separator = ""
    for report in reports:
        yield separator
        yield from _pieces(report, reveal=reveal, encode=to_json)
        separator = ",\n"
    yield "\n]\n}\n" if many else "\n"


def _pieces(
    report: TraceReport, *, reveal: bool, encode: Callable[[JsonValue], str]
) -> Iterator[str]:
    head: Members = {
        "schema": SCHEMA,
        "trace": report.trace,
        "app": app_document(report.known),
        "entries": [],
    }
    start, end = encode(head).rsplit("[]", 1)
    yield f"{start}["
    separator = ""
    for told in report.told:
        yield separator + encode(entry_document(told, reveal=reveal))
        separator = ", "
    yield f"]{end}"


def _document(reports: Iterable[TraceReport], *, reveal: bool) -> Members:
    documents: list[Members] = [
        {
            "trace": report.trace,
            "app": app_document(report.known),
            "entries": [entry_document(told, reveal=reveal) for told in report.told],
        }
        for report in reports
    ]
    return documents[0] if len(documents) == 1 else {"traces": [*documents]}


def _rows(reports: Iterable[TraceReport], *, reveal: bool) -> Iterator[Members]:
    for report in reports:
        for told in report.told:
            yield {"trace": report.trace, **entry_document(told, reveal=reveal)}


def _ids(reports: Iterable[TraceReport]) -> Iterator[str]:
    return (str(told.index) for report in reports for told in report.told)
