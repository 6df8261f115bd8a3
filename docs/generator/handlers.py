"""The reference of handlers that a person may override."""

from generator.pages import code, page, table
from stctl.recipe.overrides import ARGUMENTS, FUNCTIONS


def handlers_page() -> str:
    """Every function that a file of handlers may define."""
    return page(
        "Handlers of one's own",
        "`stctl simulate NAME --handlers FILE.py` calls the functions of these names that the "
        "file defines, in place of the default handlers. A function is given the arguments that "
        "it names, out of those that stand here. How to write one: [guide](../guide/handlers.md).",
        table(
            ("function", "in place of", "may name the arguments"),
            (
                (code(function), code(handler), ", ".join(map(code, ARGUMENTS[handler])))
                for function, handler in FUNCTIONS.items()
            ),
        ),
    )
