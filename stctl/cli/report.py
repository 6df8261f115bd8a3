"""`stctl report`: what a trace shows, as one page to look at together or a text for a tracker."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli.context import Context
from stctl.cli.options import ForceOption
from stctl.cli.trace_reading import TraceReading, TracesArgument, reads_traces
from stctl.errors import ErrorKind, StctlError

if TYPE_CHECKING:
    from stctl.render.printer import Advance
    from stctl.traces.casefile.case import CaseFile
    from stctl.traces.explain.story import Told

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_EPILOG = """
Examples:

`stctl report session.har -o session.html`

`stctl report session.har -o session.md` is short enough for a bug tracker.

`stctl report browser.har backend.log -o both.html` puts two recordings on one page.
"""
_STANDARD_OUTPUT = "-"


class ReportForm(StrEnum):
    """What a report can be."""

    HTML = "html"
    MARKDOWN = "md"


@app.command(epilog=_EPILOG)
@reads_traces
def report(
    ctx: typer.Context,
    *,
    traces: TracesArgument,
    file: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="File to write, `.html` or `.md`; `-` for standard output.",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[
        ReportForm | None,
        typer.Option("--as", help="Form of the report.", show_default="by the file's name"),
    ] = None,
    most: Annotated[
        int,
        typer.Option(
            "--most",
            metavar="N",
            min=1,
            max=2000,
            help="Requests of a trace that are shown; errors and what led to them come first.",
        ),
    ] = 40,
    force: ForceOption = False,
    reveal: Annotated[
        bool,
        typer.Option(
            "--reveal", help="Show tokens and bodies in full; the page says so in a banner."
        ),
    ] = False,
    reading: TraceReading,
) -> None:
    """Make one page of what a trace shows: what happened, why, and what to do about it.

    The page stands alone and loads nothing: a summary in plain words, the findings of `diagnose`,
    every request between browser, backend and core to be opened, versions and settings, and the
    questions that maintainers ask first. As Markdown it is short enough for a bug tracker.
    Everything is masked unless `--reveal` is given; a revealed file is readable by you alone.

    Ends with 6 when parts of a trace could not be read; the report is written all the same.
    """
    context = Context.of(ctx)
    path = None if file in {None, _STANDARD_OUTPUT} else Path(str(file)).expanduser()
    wanted = kind or _form_of(path)
    _check(context, path, force=force, traces=traces)
    cases = _cases(reading, traces, most, reveal=reveal)
    text = _text(cases, wanted, context)
    _deliver(context, path, text, cases, force=force, reveal=reveal)
    reading.end()


def _form_of(path: Path | None) -> ReportForm:
    """By the end of the file's name; standard output gets HTML."""
    if path is None:
        return ReportForm.HTML
    match path.suffix.lower():
        case ".html" | ".htm":
            return ReportForm.HTML
        case ".md" | ".markdown":
            return ReportForm.MARKDOWN
        case _:
            raise StctlError(
                ErrorKind.USAGE,
                f"The name {path} does not say what to write.",
                hint="End it in .html or .md, or say --as html or --as md.",
            )


def _check(context: Context, path: Path | None, *, force: bool, traces: list[str]) -> None:
    from stctl.cli.report_file import check_place, standard_output

    if path is None:
        standard_output(context)
        return
    if path.exists() and any(_is_same(path, name) for name in traces):
        raise StctlError(ErrorKind.USAGE, f"{path} is the trace itself.", hint="")
    check_place(path, force=force)


def _is_same(path: Path, trace: str) -> bool:
    return trace != _STANDARD_OUTPUT and Path(trace).exists() and path.samefile(trace)


def _cases(
    reading: TraceReading, traces: list[str], most: int, *, reveal: bool
) -> "list[CaseFile]":
    from stctl.traces.casefile.case import case_of

    cases = []
    for name in traces:
        shown = "standard input" if name == _STANDARD_OUTPUT else Path(name).name
        with reading.context.printer.progress(f"Reading {shown}") as advance:
            told = _counted(reading.told(name), advance)
            cases.append(case_of(shown, told, reading.known, reveal=reveal, most_steps=most))
    return cases


def _counted(told: "Iterable[Told]", advance: "Advance") -> "Iterator[Told]":
    for item in told:
        yield item
        advance(1)


def _text(cases: "list[CaseFile]", form: ReportForm, context: Context) -> str:
    from stctl import __version__
    from stctl.render.report.made import Made

    made = Made(version=__version__, at_ms=context.clock.now_ms())
    if form is ReportForm.HTML:
        from stctl.render.report.page import page

        return page(cases, made)
    from stctl.render.report.markdown import markdown

    return markdown(cases, made)


def _deliver(
    context: Context,
    path: Path | None,
    text: str,
    cases: "list[CaseFile]",
    *,
    force: bool,
    reveal: bool,
) -> None:
    from stctl.cli.report_file import standard_output, write_report
    from stctl.render.report.made import written

    if path is None:
        stream = standard_output(context)
        stream.write(text)
        stream.flush()
        return
    write_report(path, text, force=force, is_private=reveal)
    context.printer.say(*written(path, len(text.encode()), cases))
