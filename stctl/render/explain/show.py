"""Shows explained traces in the form that was asked for, piece by piece as they are read.

A trace may be longer than what fits into memory, so that documents are written while they are
made, and never held as a whole.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from stctl.jsontypes import JsonValue
from stctl.render.explain.document import (
    SCHEMA,
    Members,
    app_document,
    entry_document,
    tally_document,
)
from stctl.render.explain.ladder import ladder, summary
from stctl.render.printer import Output, Printer, to_json
from stctl.render.view import Block, Gap, Heading, Presentation, line, strong
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.tally import Tally


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
        tally = Tally()
        told = tally.watch(report.told)
        yield from ladder(told, width, reveal=reveal, opens_all=opens_all)
        yield from summary(tally)
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
    tally = Tally()
    for told in tally.watch(report.told):
        yield separator + encode(entry_document(told, reveal=reveal))
        separator = ", "
    found = encode(tally_document(tally))
    yield f'], "found_out": {found}{end}'


def _document(reports: Iterable[TraceReport], *, reveal: bool) -> Members:
    documents = [_document_of(report, reveal=reveal) for report in reports]
    return documents[0] if len(documents) == 1 else {"traces": [*documents]}


def _document_of(report: TraceReport, *, reveal: bool) -> Members:
    tally = Tally()
    entries: list[JsonValue] = [
        entry_document(told, reveal=reveal) for told in tally.watch(report.told)
    ]
    return {
        "trace": report.trace,
        "app": app_document(report.known),
        "entries": entries,
        "found_out": tally_document(tally),
    }


def _rows(reports: Iterable[TraceReport], *, reveal: bool) -> Iterator[Members]:
    for report in reports:
        for told in report.told:
            yield {"trace": report.trace, **entry_document(told, reveal=reveal)}


def _ids(reports: Iterable[TraceReport]) -> Iterator[str]:
    return (str(told.index) for report in reports for told in report.told)
