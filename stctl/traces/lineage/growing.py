"""A family while it grows: what is kept of one session, and how two of them become one."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from stctl.traces.lineage.model import AccessSeen, Client, Use, UseKind
from stctl.traces.lineage.moves import Move
from stctl.traces.lineage.token_facts import AccessFacts
from stctl.traces.sources import SourceKey, label_of

MOST_GENERATIONS: Final = 1000
"""Of one session."""
_MOST_ACCESS: Final = 24
_MOST_USES: Final = 24
_MOST_CLIENTS: Final = 200
_MOST_THEFTS: Final = 50
_MOST_VERSIONS: Final = 8


@dataclass(slots=True)
class Uses:
    """The first and the last of many uses, and how many there were."""

    first: list[Use] = field(default_factory=list)
    last: list[Use] = field(default_factory=list)
    count: int = 0

    def add(self, use: Use) -> None:
        """Keep a use; of those in the middle only the number."""
        self.count += 1
        if len(self.first) < _MOST_USES:
            self.first.append(use)
            return
        self.last.append(use)
        if len(self.last) > _MOST_USES:
            del self.last[0]

    def all(self) -> list[Use]:
        """Those that were kept."""
        return [*self.first, *self.last]

    def absorb(self, other: "Uses") -> None:
        """Take over the uses of another."""
        dropped = other.count - len(other.first) - len(other.last)
        for use in other.all():
            self.add(use)
        self.count += dropped

    def relabel(self, labels: dict[str | None, str | None]) -> None:
        """Name the clients anew."""
        self.first = [replace(use, client=labels.get(use.client)) for use in self.first]
        self.last = [replace(use, client=labels.get(use.client)) for use in self.last]


@dataclass(slots=True)
class Node:
    """A generation while it grows."""

    hash: str
    parent: str | None = None
    children: int = 0
    issued: Use | None = None
    refreshes: Uses = field(default_factory=Uses)
    others: Uses = field(default_factory=Uses)
    access: dict[str, AccessSeen] = field(default_factory=dict)
    access_count: int = 0

    def see_access(self, facts: AccessFacts, issued: Use | None, used: Use | None) -> None:
        """Note an access token of this generation, and what was done with it."""
        key = facts.hash or f"minted {facts.minted_at_ms}"
        known = self.access.get(key)
        if known is None:
            self.access_count += 1
            if len(self.access) >= _MOST_ACCESS:
                return
            known = AccessSeen(
                hash=facts.hash,
                minted_at_ms=facts.minted_at_ms,
                expires_at_ms=facts.expires_at_ms,
                issued=None,
                first=None,
                last=None,
                uses=0,
            )
        self.access[key] = replace(
            known,
            issued=known.issued or issued,
            first=known.first or used,
            last=used or known.last,
            uses=known.uses + (used is not None),
        )

    def relabel(self, labels: dict[str | None, str | None]) -> None:
        """Name the clients of everything anew."""
        self.issued = _relabelled(self.issued, labels)
        self.refreshes.relabel(labels)
        self.others.relabel(labels)
        for key, seen in self.access.items():
            self.access[key] = replace(
                seen,
                issued=_relabelled(seen.issued, labels),
                first=_relabelled(seen.first, labels),
                last=_relabelled(seen.last, labels),
            )


def _relabelled(use: Use | None, labels: dict[str | None, str | None]) -> Use | None:
    return None if use is None else replace(use, client=labels.get(use.client))


@dataclass(slots=True)
class Alarm:
    """A move that a core took for theft."""

    use: Use
    presented: str | None


@dataclass(slots=True, eq=False)
class Grown:
    """A session while it grows."""

    born: int
    """Place of the first entry that told of it."""
    handle: str | None = None
    user_id: str | None = None
    nodes: dict[str, Node] = field(default_factory=dict)
    clients: dict[SourceKey, str] = field(default_factory=dict)
    cdi: dict[str, None] = field(default_factory=dict)
    names_parents: bool = False
    """An access token named its parent, which only those of a legacy refresh do."""
    hides_parents: bool = False
    """A refresh gave an access token that names no parent."""
    ended: Use | None = None
    alarms: list[Alarm] = field(default_factory=list)
    forgotten: int = 0

    def note(self, move: Move) -> None:
        """Note what a move tells of the session and of the rules."""
        if move.cdi is not None:
            # The last one that was asked for stands last.
            self.cdi.pop(move.cdi, None)
            self.cdi[move.cdi] = None
            if len(self.cdi) > _MOST_VERSIONS:
                del self.cdi[next(iter(self.cdi))]
        self.hides_parents |= move.reuse is not None
        if move.kind is UseKind.REFRESHED and move.given is not None:
            own = [one for one in move.minted if one.generation == move.given]
            self.hides_parents |= any(one.parent is None for one in own)

    def label(self, source: SourceKey | None) -> str | None:
        """The label of a client; None for one that is unknown, or one too many."""
        if source is None:
            return None
        known = self.clients.get(source)
        if known is None and len(self.clients) < _MOST_CLIENTS:
            known = self.clients[source] = label_of(len(self.clients))
        return known

    def set_parent(self, child: Node, parent: str) -> None:
        """Say whose child a generation is; what would make a circle is passed over."""
        above = self.nodes.get(parent)
        if child.parent is not None or parent == child.hash or above is None:
            return
        # A fresh child has no descendants, unless it was here before and is back again.
        if (child.children or self.forgotten) and self._is_above(child, above):
            return
        child.parent = parent
        above.children += 1

    def _is_above(self, node: Node, other: Node) -> bool:
        step: Node | None = other
        while step is not None:
            if step is node:
                return True
            step = self.nodes.get(step.parent) if step.parent is not None else None
        return False

    def drop_oldest(self) -> str:
        """Forget the generation that was seen first; returns its hash."""
        oldest = next(iter(self.nodes))
        node = self.nodes.pop(oldest)
        if node.parent in self.nodes:
            self.nodes[node.parent].children -= 1
        self.forgotten += 1
        return oldest

    def alarm(self, use: Use, presented: str | None) -> None:
        """Note a theft."""
        if len(self.alarms) < _MOST_THEFTS:
            self.alarms.append(Alarm(use, presented))

    def absorb(self, other: "Grown") -> None:
        """Take over everything of a session that turned out to be this one."""
        labels: dict[str | None, str | None] = {
            old: self.label(source) for source, old in other.clients.items()
        }
        for node in other.nodes.values():
            node.relabel(labels)
        self.nodes.update(other.nodes)
        for alarm in other.alarms:
            self.alarm(replace(alarm.use, client=labels.get(alarm.use.client)), alarm.presented)
        self.born = min(self.born, other.born)
        self.handle = self.handle or other.handle
        self.user_id = self.user_id or other.user_id
        self.cdi.update(other.cdi)
        self.names_parents |= other.names_parents
        self.hides_parents |= other.hides_parents
        self.ended = self.ended or _relabelled(other.ended, labels)
        self.forgotten += other.forgotten

    def listed_clients(self) -> Iterator[Client]:
        """Everybody who sent requests, in order of appearance."""
        for (address, agent), label in self.clients.items():
            yield Client(label=label, address=address, user_agent=agent)
