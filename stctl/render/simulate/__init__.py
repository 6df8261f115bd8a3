"""How played scenarios look, on a screen and as data."""

from collections.abc import Iterable, Sequence

from stctl.jsontypes import JsonObject
from stctl.render.simulate.document import document, rows
from stctl.render.simulate.view import view
from stctl.render.view import Block, Line, Presentation, Table, dim, line, strong
from stctl.scenarios.model import Case, Scenario
from stctl.scenarios.play import Performance

__all__ = ["LIST_SCHEMA", "SCHEMA", "listing", "presentation"]

SCHEMA = "stctl.simulate/1"
LIST_SCHEMA = "stctl.scenarios/1"


def presentation(performance: Performance, *, narrate: bool, brief: bool) -> Presentation:
    """The faces of a performance; whichever is shown plays it."""
    return Presentation(
        schema=SCHEMA,
        view=lambda width: view(performance, width, narrate=narrate, brief=brief),
        document=lambda: document(performance),
        rows=lambda: rows(performance),
        ids=lambda: (
            f"{result.scenario.name}/{case.case.name}"
            for result in performance.results
            for case in result.cases
            if case.outcome != "skipped"
        ),
    )


def listing(scenarios: Sequence[Scenario]) -> Presentation:
    """The faces of the library."""

    def blocks(_width: int) -> Iterable[Block]:
        return [Table(("case", "what happens"), [*_list_rows(scenarios)])]

    def rows_of() -> Iterable[JsonObject]:
        return (
            {
                "scenario": scenario.name,
                "case": case.name,
                "error": _error(case),
                "needs": _needs(case),
                "doc": case.doc,
            }
            for scenario in scenarios
            for case in scenario.cases
        )

    return Presentation(
        schema=LIST_SCHEMA,
        view=blocks,
        document=lambda: {"cases": [dict(row) for row in rows_of()]},
        rows=rows_of,
        ids=lambda: (scenario.name for scenario in scenarios),
    )


def _list_rows(scenarios: Sequence[Scenario]) -> Iterable[Sequence[Line]]:
    for scenario in scenarios:
        yield line(strong(scenario.name)), line(scenario.doc)
        for case in scenario.cases:
            needs = _needs(case)
            yield line(f"  {case.name}"), line(case.doc, dim(f"  ({needs})" if needs else ""))


def _error(case: Case) -> str:
    expected = case.promise.expect
    return "none" if expected is None or expected.error is None else str(expected.error)


def _needs(case: Case) -> str:
    needs = case.needs
    wanted = [] if str(needs.cdi) == "any CDI" else [str(needs.cdi)]
    if needs.anti_csrf is not None:
        wanted.append(f"anti-CSRF {needs.anti_csrf}")
    if needs.transfer is not None:
        wanted.append(f"{needs.transfer}s")
    wanted.extend(needs.settings)
    return ", ".join(wanted)
