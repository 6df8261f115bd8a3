"""A session as a person would keep it on paper: tokens are numbers, and nothing is hashed.

It says what a core must answer, from the behaviour notes and without the core's code.
"""

from dataclasses import dataclass, field

GRACE_MS = 30_000


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """A refresh token; `parent` is the one that was given for it."""

    number: int
    parent: int | None


@dataclass(frozen=True, kw_only=True)
class Access:
    """An access token: the refresh token it came with, that one's parent if it carries it."""

    refresh: int
    parent: int | None
    payload: int


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What must be answered."""

    status: str
    subtype: str | None = None
    refresh: Refresh | None = None
    access: Access | None = None
    payload_update_available: bool | None = None


@dataclass
class SessionModel:
    """The row of one session, and how both families of callers move it."""

    current: int = 0
    previous: int | None = None
    rotated_at_ms: int | None = None
    payload: int = 0
    alive: bool = True
    last: int = 0
    history: list[str] = field(default_factory=list)

    def refresh(self, token: Refresh, *, rotation: bool, now_ms: int) -> Expected:
        """The answer to a refresh."""
        if not self.alive:
            return Expected(status="UNAUTHORISED")
        return self._rotate(token, now_ms) if rotation else self._branch(token, now_ms)

    def _branch(self, token: Refresh, now_ms: int) -> Expected:
        if token.parent == self.current and token.number != self.current:
            self._promote(token.number, now_ms)
        if token.number != self.current:
            return Expected(status="TOKEN_THEFT_DETECTED")
        return self._new_tokens(token.number, carries_parent=True)

    def _promote(self, number: int, now_ms: int) -> None:
        self.previous, self.current, self.rotated_at_ms = self.current, number, now_ms

    def _rotate(self, token: Refresh, now_ms: int) -> Expected:
        if self.current in (token.number, token.parent):
            answer = self._new_tokens(token.number, carries_parent=False)
            self.current, self.previous = self.last, token.number
            self.rotated_at_ms = now_ms
            return answer
        rotated_at_ms = self.rotated_at_ms
        if token.number == self.previous and rotated_at_ms is not None:
            if now_ms <= rotated_at_ms + GRACE_MS:
                answer = self._new_tokens(token.number, carries_parent=False)
                self.current = self.last
                return answer
            return self._end("RECENT_PREV")
        if self.previous is not None and token.parent == self.previous:
            return self._end("ORPHANED_BRANCH")
        return self._end("STALE_LINEAGE")

    def _end(self, subtype: str) -> Expected:
        self.alive = False
        return Expected(status="TOKEN_THEFT_DETECTED", subtype=subtype)

    def _new_tokens(self, parent: int, *, carries_parent: bool) -> Expected:
        self.last += 1
        return Expected(
            status="OK",
            refresh=Refresh(number=self.last, parent=parent),
            access=Access(
                refresh=self.last,
                parent=parent if carries_parent else None,
                payload=self.payload,
            ),
        )

    def verify(self, token: Access, *, rotation: bool, database: bool, now_ms: int) -> Expected:
        """The answer to a verify of a token that has not ended."""
        if database and not self.alive:
            return Expected(status="UNAUTHORISED")
        if rotation:
            return self._look(token, database=database)
        stale = database and token.payload != self.payload
        if token.parent is None and not stale:
            return Expected(status="OK")
        if not self.alive:
            return Expected(status="UNAUTHORISED")
        if token.parent is not None and token.parent == self.current:
            self._promote(token.refresh, now_ms)
        if not stale and token.refresh != self.current:
            return Expected(status="OK")
        again = Access(refresh=token.refresh, parent=None, payload=self.payload)
        return Expected(status="OK", access=again)

    def _look(self, token: Access, *, database: bool) -> Expected:
        if not database:
            return Expected(status="OK")
        lineage = {token.refresh, token.parent} - {None}
        if not lineage & {self.current, self.previous}:
            return Expected(status="UNAUTHORISED")
        available = token.payload != self.payload
        return Expected(status="OK", payload_update_available=available)
