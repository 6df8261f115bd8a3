"""Chooses the requests of a long trace that a report opens: the errors, and what led to them."""

from dataclasses import dataclass, field
from typing import Final

from stctl.recipe.arrival import Reach
from stctl.recipe.failures import ErrorName
from stctl.traces.casefile.step import Step, step_of
from stctl.traces.explain.explanation import Explanation

_THEFT: Final = 9
_GENERAL: Final = 7
_ERROR: Final = 6
_OWN_REFUSAL: Final = 5
_SESSION_CHANGES: Final = 3
_NEIGHBOUR: Final = 4
_USUAL: Final = 1
_PREFLIGHT: Final = 0
_NEW: Final = 2
_REPEATED: Final = 2
_FEWEST_ALIKE: Final = 3
_PARTS: Final = 8
"""Of one kind, an eighth of what is shown is enough."""
_MOST_KINDS: Final = 1000

Kind = tuple[object, ...]


def weight_of(told: Explanation) -> int:
    """How much a request tells; more is told by errors, least by preflights."""
    match told.error:
        case ErrorName.TOKEN_THEFT_DETECTED:
            return _THEFT
        case ErrorName.GENERAL_ERROR:
            return _GENERAL
        case None:
            pass
        case _:
            return _ERROR
    if told.is_own_refusal:
        return _OWN_REFUSAL
    if told.reach in {Reach.PREFLIGHT, Reach.ELSEWHERE}:
        return _PREFLIGHT
    marks = told.evidence.marks
    return _SESSION_CHANGES if marks.set or marks.cleared else _USUAL


@dataclass(slots=True)
class Keeper:
    """Holds at most twice `limit` requests at a time, and gives at most `limit` back.

    Of requests that tell as much the earlier ones stay. The first request of its kind (same route,
    same answer) tells more than those after it, and what comes again and again tells little.
    """

    limit: int
    reveal: bool
    seen: int = 0
    _held: list[tuple[int, Step]] = field(default_factory=list)
    _least: int = -1
    """Once something was dropped: what tells no more than this is not kept any more."""
    _before: Explanation | None = None
    """The request before, when it was not kept."""
    _after_trouble: bool = False
    _kinds: dict[Kind, int] = field(default_factory=dict)

    def add(self, told: Explanation) -> None:
        """Take the next request."""
        weight = self._weight(told)
        is_trouble = weight >= _OWN_REFUSAL
        if is_trouble and self._before is not None:
            self._keep(self._before, self.seen - 1, _NEIGHBOUR)
        if self._after_trouble:
            weight = max(weight, _NEIGHBOUR)
        kept = self._keep(told, self.seen, weight)
        self._before = None if kept else told
        self._after_trouble = is_trouble
        self.seen += 1

    def steps(self, named: frozenset[int] = frozenset()) -> tuple[Step, ...]:
        """What is kept, in order; entries that are `named` by a finding come before others."""
        named_weight = _THEFT + _NEW + 1
        held = [
            (named_weight if step.index in named else weight, step) for weight, step in self._held
        ]
        return tuple(step for _, step in sorted(_heaviest(held, self.limit), key=_place))

    def _weight(self, told: Explanation) -> int:
        """More for the first of a kind, little for what was there several times already."""
        request, firing = told.evidence.request, told.answered.firing
        kind = (request.method, request.path, told.evidence.status, told.error, firing.kind)
        before = self._kinds.get(kind, 0)
        if before or len(self._kinds) < _MOST_KINDS:
            self._kinds[kind] = before + 1
        weight = weight_of(told)
        if before >= max(_FEWEST_ALIKE, self.limit // _PARTS):
            return min(weight, _REPEATED)
        return weight if before else weight + _NEW

    def _keep(self, told: Explanation, ordinal: int, weight: int) -> bool:
        if weight <= self._least:
            return False
        self._held.append((weight, step_of(told, ordinal, reveal=self.reveal)))
        if len(self._held) > 2 * self.limit:
            self._held = _heaviest(self._held, self.limit)
            self._least = min(weight for weight, _ in self._held)
        return True


def _heaviest(held: list[tuple[int, Step]], limit: int) -> list[tuple[int, Step]]:
    return sorted(held, key=lambda pair: (-pair[0], pair[1].ordinal))[:limit]


def _place(pair: tuple[int, Step]) -> int:
    return pair[1].ordinal
