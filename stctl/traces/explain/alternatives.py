"""What else may have happened, and in what it would differ."""

from typing import Final

from stctl.recipe.walk import Reason
from stctl.traces.explain import plausibility
from stctl.traces.explain.explanation import Alternative
from stctl.traces.explain.search import Candidate

_MOST: Final = 2
_KNOWN_CLOSE: Final = plausibility.MARGIN


def alternatives_to(candidates: list[Candidate]) -> tuple[Alternative, ...]:
    """Up to two other verdicts, the most plausible one first."""
    best = candidates[0]
    seen = {best.verdict}
    found: list[Alternative] = []
    for candidate in candidates[1:]:
        if candidate.price > best.price + _KNOWN_CLOSE or len(found) == _MOST:
            break
        if candidate.verdict in seen:
            continue
        seen.add(candidate.verdict)
        found.append(_alternative(best, candidate))
    return tuple(found)


def _alternative(best: Candidate, other: Candidate) -> Alternative:
    answered = other.arrived.answered
    error, handler = other.verdict
    return Alternative(
        error=error,
        handler=handler,
        handler_kind=answered.firing.kind,
        because=_difference(best.walked.reasons, other.walked.reasons),
    )


def _difference(mine: tuple[Reason, ...], theirs: tuple[Reason, ...]) -> str:
    """The first question that the two walks answer differently, with the other's answer."""
    known = {reason.name: reason.answer for reason in mine}
    for reason in theirs:
        if known.get(reason.name) != reason.answer:
            return f"{reason.wording} {reason.answer}"
    return "nothing but the app's own handlers tells the two apart"
