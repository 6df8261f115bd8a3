"""`stctl diagnose`: what is wrong in a trace, with proof, cause and fix."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli.options import RevealOption, takes_output_as
from stctl.cli.trace_reading import TraceReading, reads_traces
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer

if TYPE_CHECKING:
    from stctl.render.diagnose.document import TraceDiagnosis
    from stctl.traces.diagnose.rule import Rule
    from stctl.traces.explain.story import Told

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_EPILOG = """
Examples:

`stctl diagnose session.har`

`stctl diagnose session.har --only error --ignore ST-010`

`stctl diagnose *.har --app-config stctl.toml --fail-on warn -o sarif > findings.sarif`

`stctl diagnose --list` shows every rule, `stctl diagnose --explain ST-012` one in full.
"""
_STEP = 200


class Form(StrEnum):
    """The forms in which a diagnosis can be printed."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    YAML = "yaml"
    CSV = "csv"
    SARIF = "sarif"


class FailOn(StrEnum):
    """From which severity on a finding makes the exit status 3."""

    ERROR = "error"
    WARN = "warn"
    INFO = "info"
    NEVER = "never"


@app.command(epilog=_EPILOG)
@takes_output_as(Form)
@reads_traces
def diagnose(
    ctx: typer.Context,
    *,
    traces: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TRACE…]",
            help="Recorded traces; `-` for standard input.",
            show_default=False,
        ),
    ] = None,
    list_rules: Annotated[bool, typer.Option("--list", help="Show every rule.")] = False,
    explained: Annotated[
        list[str] | None,
        typer.Option("--explain", metavar="RULE", help="Show a rule in full.", show_default=False),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="RULE|SEVERITY",
            help="Ask only these rules, by id, name or severity; may be repeated.",
            show_default=False,
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore",
            metavar="RULE|SEVERITY",
            help="Do not ask these rules; may be repeated.",
            show_default=False,
        ),
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="From this severity on a finding ends with 3.")
    ] = FailOn.ERROR,
    reveal: RevealOption = False,
    printer: Printer,
    reading: TraceReading,
) -> None:
    """Say what is wrong in a trace: each finding with its proof, its cause, and what to do.

    Every request is explained first, then put before rules, each of which knows one trouble that
    people had. A rule that is not sure is silent. Reads what `stctl explain` reads.

    Ends with 3 when something of the severity of `--fail-on` was found, else with 6 when parts of
    a trace could not be read.
    """
    del ctx
    if list_rules or explained:
        _show_rules(printer, explained or [])
        return
    if not traces:
        raise StctlError(
            ErrorKind.USAGE,
            "Which trace?",
            hint="Give a recorded trace, `-` for standard input, or --list for the rules.",
        )
    from stctl.render.diagnose.view import presentation
    from stctl.traces.diagnose.choosing import choose

    rules = choose(only or [], ignore or [])
    reports = [_diagnose(reading, printer, name, rules) for name in traces]
    printer.show(presentation(reports, [rule.info for rule in rules], reveal=reveal))
    if _fails(reports, fail_on):
        raise typer.Exit(ErrorKind.ANSWER_IS_NO.exit_status)
    reading.end()


def _show_rules(printer: Printer, names: list[str]) -> None:
    from stctl.render.diagnose.view import rules_presentation
    from stctl.traces.diagnose.choosing import rules_named
    from stctl.traces.diagnose.rules import RULES

    wanted = [info for name in names for info in rules_named(name)]
    rules = wanted or [rule.info for rule in RULES]
    printer.show(rules_presentation(rules, opened=bool(names)))


def _diagnose(
    reading: TraceReading, printer: Printer, name: str, rules: "list[type[Rule]]"
) -> "TraceDiagnosis":
    from stctl.render.diagnose.document import TraceDiagnosis
    from stctl.traces.diagnose.run import diagnose

    told = _counted(printer, reading.told(name))
    return TraceDiagnosis(trace=name, diagnosis=diagnose(told, reading.known, rules))


def _counted(printer: Printer, told: "Iterator[Told]") -> "Iterator[Told]":
    """The same, with progress on a terminal."""
    with printer.progress("reading") as advance:
        for number, item in enumerate(told, start=1):
            if number % _STEP == 0:
                advance(_STEP)
            yield item


def _fails(reports: "list[TraceDiagnosis]", fail_on: FailOn) -> bool:
    from stctl.traces.diagnose.model import Severity

    if fail_on is FailOn.NEVER:
        return False
    most = Severity(fail_on.value).rank
    found = [one.diagnosis.worst for one in reports]
    return any(worst is not None and worst.rank <= most for worst in found)
