"""The reference of scenarios."""

from collections.abc import Iterator

from generator.pages import code, page, table
from stctl.scenarios.load import library_names, load_from_library
from stctl.scenarios.model import Case, CdiRange, Expectation, Needs, Scenario


def scenarios_page() -> str:
    """Every scenario of the library, with its cases and how each is to end."""
    scenarios = [load_from_library(name) for name in library_names()]
    return page(
        "Scenarios",
        "Each is played with `stctl simulate NAME`, all of them with `stctl simulate all`. A case "
        "ends as promised, or the command ends with another status than 0. Cases that need "
        "another version of the interface, or settings that a real core does not have, are "
        "left out and named.",
        *(part for scenario in scenarios for part in _section(scenario)),
    )


def _section(scenario: Scenario) -> Iterator[str]:
    yield f"## {scenario.name}"
    yield scenario.doc
    for one in scenario.parameters:
        yield f"Parameter {code(f'--set {one.name}={one.default}')}: {one.doc}"
    yield table(
        ("case", "what happens", "steps", "needs", "ends with", "handler", "answer"),
        map(_row, scenario.cases),
    )


def _row(case: Case) -> tuple[str, ...]:
    promised = case.promise.expect or Expectation()
    return (
        code(case.name),
        case.doc,
        str(len(case.steps)),
        _needs(case.needs),
        _end(promised),
        code(promised.handler or ""),
        _answer(promised),
    )


def _needs(needs: Needs) -> str:
    parts = [] if needs.cdi == CdiRange() else [str(needs.cdi)]
    if needs.anti_csrf is not None:
        parts.append(f"anti-CSRF {code(needs.anti_csrf)}")
    if needs.transfer is not None:
        parts.append(f"tokens by {needs.transfer}")
    parts += [code(f"{name}={value}") for name, value in needs.settings.items()]
    return ", ".join(parts)


def _end(promised: Expectation) -> str:
    error = "no error" if promised.error is None else code(promised.error)
    return f"{error}, {code(promised.reuse)}" if promised.reuse else error


def _answer(promised: Expectation) -> str:
    parts = [] if promised.status is None else [str(promised.status)]
    if promised.clears_session is not None:
        parts.append("clears the tokens" if promised.clears_session else "clears nothing")
    if promised.side_effect == "revoke_session":
        parts.append("revokes the session")
    return ", ".join(parts)
