"""Puts the generations of a family into rows and lanes, for every form in which they are drawn.

The line that leads to the current token stays in its lane, however long it is; what branched off
it is drawn a lane further in, above the successor.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from stctl.traces.lineage import Family, Generation


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One generation in its place."""

    generation: Generation
    lane: int
    """0 is the outermost."""
    is_branch: bool
    """Whether it begins a branch that leaves the lane before its own."""
    goes_on: bool
    """Whether its lane leads on to a child."""
    is_root: bool
    """Whether nothing in the trace leads to it."""

    @property
    def before(self) -> str:
        """The rails that a screen shows before its mark."""
        if not self.lane:
            return ""
        return "│ " * (self.lane - 1) + ("├─" if self.is_branch else "│ ")

    @property
    def below(self) -> str:
        """The rails that a screen shows below its mark, as wide as the mark with its space."""
        return "│ " * self.lane + ("│ " if self.goes_on else "  ")


_MOST_SPACED: Final = 24


def is_spaced(rows: Sequence[Row], place: int) -> bool:
    """Whether a rail of its own leads from a row of one line to the child right below it.

    Without one the two would look like two beginnings; in a long line nobody takes them for that.
    """
    if len(rows) > _MOST_SPACED or place + 1 == len(rows):
        return False
    return rows[place].goes_on and not rows[place + 1].is_branch


@dataclass(slots=True)
class _Kin:
    children: dict[str | None, list[Generation]]
    weight: dict[str, int]


def rows_of(family: Family) -> list[Row]:
    """Every generation once, parents above their children."""
    kin = _kin(family)
    return [row for root in family.roots() for row in _line(root, 0, kin)]


def _kin(family: Family) -> _Kin:
    children: dict[str | None, list[Generation]] = {}
    weight: dict[str, int] = {}
    many = len(family.generations) + 1
    for one in family.generations:
        children.setdefault(one.parent_hash, []).append(one)
        # Whatever leads to the current token outweighs every branch that does not.
        weight[one.refresh_hash] = many if one.is_current else 1
    for one in reversed(family.generations):
        if one.parent_hash in weight:
            weight[one.parent_hash] += weight[one.refresh_hash]
    return _Kin(children, weight)


def _line(first: Generation, lane: int, kin: _Kin) -> Iterator[Row]:
    """A generation and everything below it: its line in one lane, what leaves it further in."""
    here: Generation | None = first
    while here is not None:
        below = kin.children.get(here.refresh_hash, [])
        heir = max(below, key=lambda one: kin.weight[one.refresh_hash], default=None)
        yield Row(
            generation=here,
            lane=lane,
            is_branch=here is first and lane > 0,
            goes_on=heir is not None,
            is_root=here is first and lane == 0,
        )
        for other in below:
            if other is not heir:
                yield from _line(other, lane + 1, kin)
        here = heir
