"""Goes through a session's history again by the rules of a core, as far as the trace tells it.

The rules themselves are those of the embedded core. What a core keeps of a session, its line, is
kept here as well, so that it can be said which move made which token a used one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from stctl.core.engine.lineage import PresentedRefresh, Standing, classify_reuse, standing
from stctl.core.engine.outcomes import Reuse
from stctl.recipe.failures import ErrorName
from stctl.tokens.hashes import hash1
from stctl.traces.lineage.model import Generation, Rules, TheftKind, Use, UseKind

KINDS: Final = {
    Reuse.RECENT_PREV: TheftKind.RECENT_PREV,
    Reuse.ORPHANED_BRANCH: TheftKind.ORPHANED_BRANCH,
    Reuse.STALE_LINEAGE: TheftKind.STALE_LINEAGE,
}
_REUSES: Final = frozenset(reuse.value for reuse in Reuse)
_ACTING: Final = frozenset({UseKind.ISSUED, UseKind.REFRESHED, UseKind.VERIFIED})


@dataclass(frozen=True, slots=True)
class Line:
    """What a core keeps of a session."""

    current: str
    """H1 of the token that is good; None of the hashes is kept twice."""
    previous: str | None = None
    rotated_at_ms: int | None = None

    @property
    def current_hash2(self) -> str:
        """H2 of the current token."""
        return hash1(self.current)

    @property
    def previous_hash2(self) -> str | None:
        """H2 of the previous token."""
        return None if self.previous is None else hash1(self.previous)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a core makes of one refresh."""

    use: Use
    presented: str
    standing: Standing | None
    """None where the trace began too late to tell."""
    kind: TheftKind | None
    """None when it is no theft."""
    since: Use | None
    """The move that made the token a used one."""


@dataclass(slots=True)
class Judge:
    """One session before the rules of one family."""

    rules: Rules
    grace_ms: int
    parents: Mapping[str, str | None]
    """The parent of every generation, by hash."""
    supposes: bool = False
    """Whether the rules are others than those that held: then a refresh that was refused and is
    good by them gives a token that nobody has seen."""
    line: Line | None = None
    retired: dict[str, Use] = field(default_factory=dict)
    """By which move a token ceased to be the current one."""
    outlived: dict[str, Use] = field(default_factory=dict)
    """By which move a token ceased to be the previous one."""

    def hear(self, use: Use, generation: str) -> Judged | None:
        """Take one move; returns what becomes of it where it is a refresh."""
        match use.kind:
            case UseKind.ISSUED:
                self._issue(generation)
            case UseKind.VERIFIED if use.went_well:
                self._verify(use, generation)
            case UseKind.REFRESHED:
                return self._refresh(use, generation)
            case _:
                pass
        return None

    def _issue(self, generation: str) -> None:
        """The first token of a session, or of a trace that begins in the middle of it."""
        if self.line is None:
            parent = self.parents.get(generation)
            is_child = parent is not None and self.rules is not Rules.ROTATION
            self.line = Line(parent if is_child and parent is not None else generation)

    def _verify(self, use: Use, generation: str) -> None:
        """Up to CDI 5.5 the first use of a child makes it the current token."""
        parent = self.parents.get(generation)
        if self.line is None:
            self.line = Line(generation, parent)
            if parent is not None:
                self.retired.setdefault(parent, use)
        elif self.rules is not Rules.ROTATION and self._stands(use, generation) is Standing.CHILD:
            self._move_on(use, generation, self.line.current)

    def _stands(self, use: Use, generation: str) -> Standing | None:
        if self.line is None:
            return None
        grace_ms = self.grace_ms if self.rules is Rules.ROTATION else -1
        return standing(self.line, self._presented(generation), use.at_ms, grace_ms)

    def _presented(self, generation: str) -> PresentedRefresh:
        parent = self.parents.get(generation)
        return PresentedRefresh(
            hash1=generation,
            hash2=hash1(generation),
            parent_hash2=None if parent is None else hash1(parent),
        )

    def _refresh(self, use: Use, generation: str) -> Judged:
        found = self._stands(use, generation)
        kind, since = None, None
        if use.reuse in _REUSES and self.rules is Rules.ROTATION and not self.supposes:
            # The core itself has said so; its grace and its clock are better known to it.
            found, kind = Standing.REUSED, KINDS[Reuse(use.reuse)]
            since = self.since(kind, generation)
        elif found is Standing.REUSED:
            kind, since = self._reuse(generation)
        judged = Judged(use=use, presented=generation, standing=found, kind=kind, since=since)
        gave = use.gave or self._supposed(use, found)
        if gave is not None:
            # What was answered well was in a longer window than is believed.
            forgiven = kind is TheftKind.RECENT_PREV
            taken_as = Standing.PREVIOUS_IN_WINDOW if forgiven else found
            self._go_on(use, generation, taken_as, gave)
        return judged

    def _supposed(self, use: Use, found: Standing | None) -> str | None:
        """The token that a refused refresh would have given."""
        refused = use.reuse is not None or use.error == ErrorName.TOKEN_THEFT_DETECTED
        is_good = found is not None and found is not Standing.REUSED
        return f"supposed at {use.entry}" if self.supposes and refused and is_good else None

    def _go_on(self, use: Use, presented: str, found: Standing | None, gave: str) -> None:
        """Do with the line what a core does that gives new tokens."""
        line = self.line or Line(presented)
        self.line = line
        if self.rules is not Rules.ROTATION:
            if line.current != presented:
                self._move_on(use, presented, line.current)
        elif found is Standing.PREVIOUS_IN_WINDOW:
            self.retired.setdefault(line.current, use)
            self.line = Line(gave, line.previous, line.rotated_at_ms)
        else:
            if found is Standing.CHILD:
                self.retired.setdefault(line.current, use)
                self.outlived.setdefault(line.current, use)
            self._move_on(use, gave, presented)

    def _move_on(self, use: Use, current: str, previous: str) -> None:
        if self.line is not None and self.line.previous is not None:
            self.outlived.setdefault(self.line.previous, use)
        self.retired.setdefault(previous, use)
        self.line = Line(current, previous, use.at_ms)

    def _reuse(self, generation: str) -> tuple[TheftKind, Use | None]:
        """What kind of reuse it is, and since when the token was a used one."""
        parent = self.parents.get(generation)
        if self.rules is Rules.ROTATION and self.line is not None:
            kind = KINDS[classify_reuse(self.line, self._presented(generation))]
            return kind, self.since(kind, generation)
        if generation in self.retired:
            return TheftKind.PARENT_REUSED, self.retired[generation]
        if parent in self.retired:
            return TheftKind.SIBLING, self.retired[parent]
        return TheftKind.UNKNOWN, None

    def since(self, kind: TheftKind, generation: str) -> Use | None:
        """The move that made a token a used one, for a kind of theft."""
        parent = self.parents.get(generation)
        by_parent = self.retired.get(parent) if parent is not None else None
        if kind is TheftKind.STALE_LINEAGE:
            outlived = self.outlived.get(generation) or self.outlived.get(parent or "")
            return outlived or self.retired.get(generation) or by_parent
        return self.retired.get(generation) or by_parent


def judged(judge: Judge, generations: Iterable[Generation]) -> Iterator[Judged]:
    """What becomes of each refresh of a session, in order, by the rules of a judge."""
    for use, refresh_hash in history(generations):
        found = judge.hear(use, refresh_hash)
        if found is not None:
            yield found


def history(generations: Iterable[Generation]) -> list[tuple[Use, str]]:
    """What happened to a session in the order of its core, each move with its generation."""
    moves: list[tuple[Use, str]] = []
    for one in generations:
        if one.issued is not None:
            moves.append((one.issued, one.refresh_hash))
        moves.extend((use, one.refresh_hash) for use in one.uses if use.kind in _ACTING)
    # A refresh comes before what it gave, which has the same place.
    return sorted(moves, key=lambda move: (move[0].order, move[0].kind is UseKind.ISSUED))
