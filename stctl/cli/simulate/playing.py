"""`stctl simulate play` and `stctl simulate run`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from stctl.cli.context import Context
from stctl.cli.options import takes_output
from stctl.cli.simulate.choices import Choices, takes_choices
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Output, Printer

if TYPE_CHECKING:
    from stctl.scenarios.model import Case, Scenario
    from stctl.scenarios.play import Performance

ALL = "all"


class _Load(Protocol):
    """Reads a scenario, with values for its parameters."""

    def __call__(self, name: str, chosen: Mapping[str, str] | None = None) -> "Scenario":
        """Return the scenario."""
        ...


def complete_names(incomplete: str) -> list[str]:
    """Names of scenarios that begin with `incomplete`."""
    from stctl.scenarios.load import library_names

    return [name for name in (*library_names(), ALL) if name.startswith(incomplete)]


@takes_output
@takes_choices
def play(
    ctx: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A scenario, or `all`.",
            autocompletion=complete_names,
            show_default=False,
        ),
    ],
    *,
    choices: Choices,
    printer: Printer,
) -> None:
    """Make a session error happen, step by step, and show who did what.

    Browser, backend and core are three actors: real tokens, a real core, and the session recipe of
    a backend SDK with its default handlers, or with yours. Ends with status 0 when every case that
    was played ended as it promises, with 3 otherwise.
    """
    from stctl.scenarios.load import library_names, load_from_library

    names = library_names() if name == ALL else [name]
    brief = name == ALL and choices.narrate is None and printer.output is Output.TABLE
    scenarios = [load_from_library(known) for known in names]
    _play(Context.of(ctx), scenarios, load_from_library, choices, printer, brief=brief)


@takes_output
@takes_choices
def run_file(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.toml", help="A scenario.", show_default=False)
    ],
    *,
    choices: Choices,
    printer: Printer,
) -> None:
    """Play a scenario from a file of your own, as one of the library is played.

    A file that is not understood ends with status 4, naming the line and the key at fault.
    """
    from stctl.cli.files import read_text_file
    from stctl.scenarios.load import read_scenario

    text = read_text_file(file, "the scenario")

    def load(name: str, chosen: Mapping[str, str] | None = None) -> "Scenario":
        return read_scenario(text, name=name, source=str(file), chosen=chosen)

    _play(Context.of(ctx), [load(file.stem)], load, choices, printer, brief=False)


def _play(
    context: Context,
    scenarios: "Sequence[Scenario]",
    load: _Load,
    choices: Choices,
    printer: Printer,
    *,
    brief: bool,
) -> None:
    from stctl.cli.simulate.stage import stage
    from stctl.cli.simulate.values import told_apart
    from stctl.render.simulate import presentation
    from stctl.scenarios.play import Performance

    values = told_apart(choices.settings, scenarios)
    if values.parameters:
        scenarios = [load(scenario.name, values.parameters) for scenario in scenarios]
    _check_cases(scenarios, choices.case)

    def chosen(case: "Case") -> bool:
        return not choices.case or case.name in choices.case

    with stage(context, choices, values.settings) as (target, wishes):
        performance = Performance(scenarios, target, wishes, chosen)
        printer.show(presentation(performance, narrate=choices.narrate is not False, brief=brief))
        _write_files(performance, choices, printer)
    if not performance.is_as_promised:
        raise typer.Exit(ErrorKind.ANSWER_IS_NO.exit_status)


def _check_cases(scenarios: "Sequence[Scenario]", cases: Sequence[str]) -> None:
    from stctl.scenarios.play import cases_by_name

    known = cases_by_name(scenarios)
    for case in cases:
        if case not in known:
            name = scenarios[0].name if len(scenarios) == 1 else ALL
            raise StctlError(
                ErrorKind.USAGE,
                f"{name} has no case {case!r}",
                hint=f"Its cases are {', '.join(known)}.",
            )


def _write_files(performance: "Performance", choices: Choices, printer: Printer) -> None:
    from stctl.cli.files import write_private_file

    if choices.junit is not None:
        from stctl.render.simulate.junit import junit_report

        write_private_file(choices.junit, junit_report(performance), "the report")
    if choices.har is not None:
        from stctl.scenarios.har import har_text

        write_private_file(
            choices.har, har_text(performance.results, performance.target), "the trace"
        )
        printer.remark(f"{choices.har} holds tokens in full: keep it as you keep a password.")
