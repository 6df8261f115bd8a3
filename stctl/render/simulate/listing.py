"""How the library looks: all of it as a list, and one scenario as it is written."""

from collections.abc import Iterable, Sequence

from stctl.jsontypes import JsonObject, JsonValue
from stctl.render.view import Block, Drawing, Line, Presentation, Table, dim, line, strong
from stctl.scenarios.model import Case, Parameter, Scenario

SCHEMA = "stctl.scenarios/1"
TEXT_SCHEMA = "stctl.scenario/1"


def scenario_text(scenario: Scenario, text: str) -> Presentation:
    """The faces of one scenario: its TOML, which can be kept in a file as it is printed."""

    def document() -> JsonObject:
        return {
            "name": scenario.name,
            "doc": scenario.doc,
            "parameters": [_parameter(one) for one in scenario.parameters],
            "cases": [case.name for case in scenario.cases],
            "toml": text,
        }

    return Presentation(
        schema=TEXT_SCHEMA,
        view=lambda _: [Drawing([line(row) for row in text.splitlines()])],
        document=document,
        ids=lambda: (case.name for case in scenario.cases),
    )


def _parameter(parameter: Parameter) -> JsonValue:
    return {
        "name": parameter.name,
        "kind": parameter.kind,
        "default": parameter.default,
        "doc": parameter.doc,
    }


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
                "parameters": [_parameter(one) for one in scenario.parameters],
                "doc": case.doc,
            }
            for scenario in scenarios
            for case in scenario.cases
        )

    return Presentation(
        schema=SCHEMA,
        view=blocks,
        document=lambda: {"cases": [dict(row) for row in rows_of()]},
        rows=rows_of,
        ids=lambda: (scenario.name for scenario in scenarios),
    )


def _list_rows(scenarios: Sequence[Scenario]) -> Iterable[Sequence[Line]]:
    for scenario in scenarios:
        yield line(strong(scenario.name)), line(scenario.doc)
        for one in scenario.parameters:
            yield line(f"  --set {one.name}={one.value}"), line(dim(one.doc))
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
