"""A session with its browser and its core, which can be put back to where it was.

The rules are those of the embedded core itself, which is asked by its client. What is put back is
the row of the session in its store, and its clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Self

from stctl.cdi.client import CdiClient
from stctl.cdi.transport import InProcessTransport
from stctl.clock import Entropy, FrozenClock
from stctl.core.service import CoreService, open_core
from stctl.core.settings import load_settings
from stctl.core.store import SessionKey, SessionRow, sessions
from stctl.scenarios.explore.model import Alarm, Rules
from stctl.sessions.answers import NewTokens, TokenTheftDetected, Verified
from stctl.sessions.handle import PUBLIC_APP, PUBLIC_TENANT
from stctl.tokens.access import parse
from stctl.tokens.hashes import hash1, hash2

_TICK_MS: Final = 1
"""Between one event and the next: two things never happen in the same instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The tokens of one answer, and what a core sees of them."""

    access: str
    refresh: str
    refresh_hash2: str
    access_hash2: str
    """H2 of the refresh token that the access token names."""
    access_parent_hash2: str | None
    """H2 of that one's parent, where the access token names it."""
    access_expires_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where everything stands."""

    now_ms: int
    row: SessionRow | None
    jar: Pair
    """What the tabs share."""
    flights: tuple[Pair | None, ...]
    """The answer that each tab waits for."""
    losses_left: int


class World:
    """One core and one session; every event begins at a moment and leads to another."""

    def __init__(self, service: CoreService, clock: FrozenClock, rules: Rules) -> None:
        self._service = service
        self._clock = clock
        transport = InProcessTransport(service.answer, target="embedded core")
        self._client = CdiClient(transport, cdi=rules.cdi)
        self._key = SessionKey(PUBLIC_APP, PUBLIC_TENANT, "")
        self.rules = rules
        self.calls = 0
        self.parents: dict[str, str] = {}
        """H2 of every token's parent, by H2 of the token."""

    @classmethod
    @contextmanager
    def opened(cls, rules: Rules, now_ms: int, entropy: Entropy) -> Iterator[Self]:
        """A world with a core in memory, for as long as it is needed."""
        clock = FrozenClock(now_ms)
        given = (
            f"refresh_token_rotation_grace_period={rules.grace_s}",
            "access_token_validity_jitter=0",
        )
        with open_core(None, load_settings(None, {}, given), clock, entropy) as service:
            yield cls(service, clock, rules)

    def begin(self, tabs: int, losses: int) -> Moment:
        """Sign in; the key of the session is remembered."""
        made = self._client.create_session("alice", use_dynamic_signing_key=True)
        self.calls += 1
        self._key = SessionKey(PUBLIC_APP, PUBLIC_TENANT, made.session.handle)
        return Moment(
            now_ms=self._clock.now_ms(),
            row=self._row(),
            jar=_pair(made),
            flights=(None,) * tabs,
            losses_left=losses,
        )

    def send(self, moment: Moment, tab: int) -> Moment | Alarm:
        """A tab sends a refresh, and the core answers; the answer is on its way."""
        self._go_to(moment)
        presented = moment.jar
        self.calls += 1
        reply = self._client.refresh_session(presented.refresh, use_dynamic_signing_key=True)
        if not isinstance(reply, NewTokens):
            theft = isinstance(reply, TokenTheftDetected)
            kind = reply.reuse_subtype or self._relation(moment, presented)
            return Alarm(kind=kind, error="TOKEN_THEFT_DETECTED" if theft else "UNAUTHORISED")
        pair = _pair(reply)
        self.parents[pair.refresh_hash2] = presented.refresh_hash2
        return self._now(replace(moment, flights=_with(moment.flights, tab, pair)))

    def use(self, moment: Moment) -> Moment:
        """A tab makes a call, for which the backend asks the core about the access token."""
        self._go_to(moment)
        self.calls += 1
        reply = self._client.verify_session(moment.jar.access)
        jar = moment.jar
        if isinstance(reply, Verified) and reply.access_token is not None:
            jar = _with_access(jar, reply.access_token.token)
        return self._now(replace(moment, jar=jar))

    def arrive(self, moment: Moment, tab: int) -> Moment:
        """The answer that a tab waits for arrives, and its cookies take the place of the old."""
        pair = moment.flights[tab - 1] or moment.jar
        return _later(replace(moment, jar=pair, flights=_with(moment.flights, tab, None)))

    def lose(self, moment: Moment, tab: int) -> Moment:
        """The answer that a tab waits for gets lost."""
        flights = _with(moment.flights, tab, None)
        return _later(replace(moment, flights=flights, losses_left=moment.losses_left - 1))

    def restart(self, moment: Moment) -> Moment:
        """The browser is closed and opened: what is on its way is lost, cookies stay."""
        flights = (None,) * len(moment.flights)
        return _later(replace(moment, flights=flights, losses_left=moment.losses_left - 1))

    def wait(self, moment: Moment, delay_s: int) -> Moment:
        """Time passes."""
        return replace(moment, now_ms=moment.now_ms + delay_s * 1000)

    def _relation(self, moment: Moment, presented: Pair) -> str:
        current = moment.row.current_hash2 if moment.row else ""
        if self.parents.get(current) == presented.refresh_hash2:
            return "PARENT_REUSED"
        own = self.parents.get(presented.refresh_hash2)
        is_sibling = own is not None and own == self.parents.get(current)
        return "SIBLING_REUSED" if is_sibling else "OLDER_REUSED"

    def _go_to(self, moment: Moment) -> None:
        """Put clock and store to a moment, and a tick further."""
        self._clock.wait_ms(moment.now_ms + _TICK_MS - self._clock.now_ms())
        with self._service.parts.database.transaction() as sql:
            sessions.delete(sql, self._key)
            if moment.row is not None:
                sessions.insert(sql, moment.row)

    def _now(self, moment: Moment) -> Moment:
        return replace(moment, now_ms=self._clock.now_ms(), row=self._row())

    def _row(self) -> SessionRow | None:
        return sessions.find(self._service.parts.database.read, self._key)


def _later(moment: Moment) -> Moment:
    return replace(moment, now_ms=moment.now_ms + _TICK_MS)


def _with(flights: tuple[Pair | None, ...], tab: int, pair: Pair | None) -> tuple[Pair | None, ...]:
    return (*flights[: tab - 1], pair, *flights[tab:])


def _pair(tokens: NewTokens) -> Pair:
    refresh = tokens.refresh_token.token
    empty = Pair(
        access="",
        refresh=refresh,
        refresh_hash2=hash2(refresh),
        access_hash2="",
        access_parent_hash2=None,
        access_expires_at_ms=0,
    )
    return _with_access(empty, tokens.access_token.token)


def _with_access(pair: Pair, access: str) -> Pair:
    token = parse(access)
    parent = token.parent_refresh_token_hash1
    return replace(
        pair,
        access=access,
        access_hash2=hash1(token.refresh_token_hash1),
        access_parent_hash2=None if parent is None else hash1(parent),
        access_expires_at_ms=token.expires_at_ms,
    )
