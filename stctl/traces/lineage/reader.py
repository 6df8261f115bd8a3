"""Grows the families of a trace as it is read, in memory that does not grow with it."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final

from stctl.traces.explain.book import Recent
from stctl.traces.explain.story import Told
from stctl.traces.lineage.finishing import finished
from stctl.traces.lineage.growing import MOST_GENERATIONS, Grown, Node
from stctl.traces.lineage.model import DEFAULT_GRACE_MS, Family, Use, UseKind
from stctl.traces.lineage.moves import Move, moves_of
from stctl.traces.lineage.token_facts import AccessFacts

MOST_SESSIONS: Final = 5000
MOST_IN_ALL: Final = 20_000
"""Generations of all sessions together."""


class LineageReader:
    """Takes what is told of a trace, in order, and knows the families up to there.

    Sessions that were not seen for the longest time are forgotten first, and counted.
    """

    def __init__(
        self,
        *,
        most_sessions: int = MOST_SESSIONS,
        most_generations: int = MOST_GENERATIONS,
        grace_ms: int = DEFAULT_GRACE_MS,
        kept_tokens: Recent[str, str] | None = None,
    ) -> None:
        """`kept_tokens` is given the newest access token of each generation, by its hash."""
        self._most_sessions = most_sessions
        self._most_generations = most_generations
        self._grace_ms = grace_ms
        self._kept_tokens = kept_tokens
        self._sessions: OrderedDict[int, Grown] = OrderedDict()
        self._by_hash: dict[str, Grown] = {}
        self._by_handle: dict[str, Grown] = {}
        self.forgotten_sessions = 0
        """How many sessions were too many."""

    def add(self, told: Told) -> None:
        """Take one item."""
        for move in moves_of(told):
            self.take(move)

    def families(self) -> list[Family]:
        """What is known of every session, in order of appearance."""
        known = sorted(self._sessions.values(), key=lambda one: one.born)
        return [finished(one, self._grace_ms) for one in known]

    def family_of(self, handle: str) -> Family | None:
        """What is known of one session."""
        known = self._by_handle.get(handle)
        return None if known is None else finished(known, self._grace_ms)

    def take(self, move: Move) -> None:
        """Take one move."""
        self._take_bystanders(move)
        if move.access is not None:
            self._take_access(move.access, move)
        elif move.kind is UseKind.REFRESHED or move.given is not None:
            self._take_refresh(move)
        elif move.is_theft:
            self._take_alarm(self._new(move), move)
        for facts in move.minted:
            self._see(facts, move, None, move)
        for handle in move.revoked:
            self._end(handle, move)

    def _take_bystanders(self, move: Move) -> None:
        """Tokens that are there and that nothing is done with."""
        for facts in move.carried:
            self._see(facts, None, None, move)
        for refresh_hash in move.seen:
            session = self._joined([refresh_hash], None, None, move)
            if session is not None:
                self._node(session, refresh_hash)

    def _take_access(self, access: AccessFacts, move: Move) -> None:
        session = self._see(access, None, move, move)
        if session is None:
            return
        session.note(move)
        if move.kind is UseKind.SIGNED_OUT and move.error is None and session.ended is None:
            session.ended = self._use(session, move, UseKind.SIGNED_OUT)
        if move.given is not None:
            self._issue(move)

    def _issue(self, move: Move) -> None:
        """A refresh token that was handed out beside the use of an access token."""
        session = self._session(move, [move.given])
        if session is not None and move.given is not None:
            node = self._node(session, move.given)
            if node is not None and node.issued is None:
                node.issued = self._use(session, move, UseKind.ISSUED)

    def _take_refresh(self, move: Move) -> None:
        session = self._session(move, [move.presented, move.given])
        if session is None:
            return
        session.note(move)
        use = self._use(session, move, move.kind or UseKind.ISSUED)
        old = self._node(session, move.presented)
        if old is not None:
            old.refreshes.add(use)
        new = self._node(session, move.given)
        if new is not None:
            issued = self._use(session, move, UseKind.ISSUED)
            new.issued = new.issued or issued
            if old is not None and move.kind is UseKind.REFRESHED:
                session.set_parent(new, old.hash)
        self._take_alarm(session, move)

    def _take_alarm(self, session: Grown, move: Move) -> None:
        if move.is_theft:
            session.alarm(self._use(session, move, UseKind.REFRESHED), move.presented)

    def _end(self, handle: str, move: Move) -> None:
        session = self._by_handle.get(handle)
        if session is not None and session.ended is None:
            session.ended = self._use(session, move, UseKind.REVOKED)

    def _see(
        self, facts: AccessFacts, issued: Move | None, used: Move | None, move: Move
    ) -> Grown | None:
        """Put an access token where it belongs."""
        session = self._home(facts, move)
        if session is None:
            return None
        node = self._node(session, facts.generation)
        parent = self._node(session, facts.parent)
        if facts.parent is not None:
            session.names_parents = True
        if node is None:
            return None
        if self._kept_tokens is not None and facts.text:
            self._kept_tokens.put(facts.generation, facts.text)
        if parent is not None:
            session.set_parent(node, parent.hash)
        issuing = self._use(session, issued, UseKind.ISSUED) if issued else None
        using = self._use(session, used, used.kind) if used and used.kind else None
        node.see_access(facts, issuing, using)
        if using is not None:
            node.others.add(using)
        return session

    def _home(self, facts: AccessFacts, move: Move) -> Grown | None:
        hashes = [facts.generation, facts.parent]
        return self._joined(hashes, facts.handle, facts.user_id, move)

    def _session(self, move: Move, hashes: list[str | None]) -> Grown | None:
        """The session of the refresh tokens of a move."""
        own = [one for one in move.minted if one.generation == move.given]
        handle = move.handle or next((one.handle for one in own if one.handle), None)
        user_id = move.user_id or next((one.user_id for one in own if one.user_id), None)
        if handle is None and not any(one in self._by_hash for one in hashes):
            # A cookie beside it is the best hint at what it belongs to.
            handle = next((one.handle for one in move.carried if one.handle), None)
        return self._joined(hashes, handle, user_id, move)

    def _joined(
        self, hashes: list[str | None], handle: str | None, user_id: str | None, move: Move
    ) -> Grown | None:
        """The one session of all these; None where there is nothing to tell it by."""
        if handle is None and not any(hashes):
            return self._new(move) if move.is_theft else None
        session = self._by_handle.get(handle) if handle is not None else None
        for one in hashes:
            other = self._by_hash.get(one) if one is not None else None
            if other is None or other is session:
                continue
            if session is None:
                if handle is None or other.handle in {None, handle}:
                    session = other
            elif None in {session.handle, other.handle}:
                session = self._merge(session, other)
        if session is None:
            session = self._new(move)
        self._name(session, handle, user_id)
        self._sessions.move_to_end(id(session))
        return session

    def _name(self, session: Grown, handle: str | None, user_id: str | None) -> None:
        if handle is not None and session.handle is None:
            session.handle = handle
            self._by_handle[handle] = session
        session.user_id = session.user_id or user_id

    def _merge(self, one: Grown, other: Grown) -> Grown:
        kept, gone = (one, other) if one.handle is not None else (other, one)
        kept.absorb(gone)
        for refresh_hash in gone.nodes:
            self._by_hash[refresh_hash] = kept
        del self._sessions[id(gone)]
        self._shorten(kept)
        return kept

    def _new(self, move: Move) -> Grown:
        session = Grown(born=move.entry)
        self._sessions[id(session)] = session
        while len(self._sessions) > self._most_sessions or len(self._by_hash) > MOST_IN_ALL:
            self._forget(next(iter(self._sessions.values())))
        return session

    def _forget(self, session: Grown) -> None:
        del self._sessions[id(session)]
        for refresh_hash in session.nodes:
            self._by_hash.pop(refresh_hash, None)
        if session.handle is not None:
            self._by_handle.pop(session.handle, None)
        self.forgotten_sessions += 1

    def _node(self, session: Grown, refresh_hash: str | None) -> Node | None:
        """The generation of a hash in a session; None where it is of another one."""
        if refresh_hash is None:
            return None
        owner = self._by_hash.get(refresh_hash)
        if owner is not None:
            return session.nodes.get(refresh_hash) if owner is session else None
        node = session.nodes[refresh_hash] = Node(refresh_hash)
        self._by_hash[refresh_hash] = session
        self._shorten(session)
        return node

    def _shorten(self, session: Grown) -> None:
        while len(session.nodes) > self._most_generations:
            del self._by_hash[session.drop_oldest()]

    def _use(self, session: Grown, move: Move, kind: UseKind) -> Use:
        return Use(
            entry=move.entry,
            order=move.order,
            at_ms=move.at_ms,
            ended_at_ms=move.ended_at_ms,
            kind=kind,
            client=session.label(move.source),
            error=move.error,
            reuse=move.reuse,
            gave=move.given,
            lost=move.lost,
        )


def lineage_of(told: Iterable[Told], *, grace_ms: int = DEFAULT_GRACE_MS) -> list[Family]:
    """The families of a whole trace, in order of appearance."""
    reader = LineageReader(grace_ms=grace_ms)
    for item in told:
        reader.add(item)
    return reader.families()


def watched(told: Iterable[Told], reader: LineageReader) -> Iterator[Told]:
    """Hand items on while a reader takes them too."""
    for item in told:
        reader.add(item)
        yield item
