"""Asks an explanation how it came to its end."""

from stctl.recipe.walk import Reason
from stctl.traces.explain.explanation import Explanation


def reason_of(told: Explanation, name: str) -> Reason | None:
    """The last answer to a question of this name; None where it was not asked."""
    return next((one for one in reversed(told.reasons) if one.name == name), None)


def says(told: Explanation, name: str, start: str) -> bool:
    """Whether the answer to a question of this name begins so."""
    reason = reason_of(told, name)
    return reason is not None and reason.answer.startswith(start)
