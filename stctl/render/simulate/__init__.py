"""How played scenarios look, on a screen and as data."""

from stctl.render.simulate.document import document, rows
from stctl.render.simulate.view import view
from stctl.render.view import Presentation
from stctl.scenarios.play import Performance

__all__ = ["SCHEMA", "presentation"]

SCHEMA = "stctl.simulate/1"


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
