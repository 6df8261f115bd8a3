"""What all rules share: what is known of the app, and the past of the trace in short."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from stctl.exchange import Request, first_value
from stctl.recipe.failures import ErrorName
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import ACCESS_COOKIE, REFRESH_COOKIE
from stctl.tokens.hashes import hash1
from stctl.traces.diagnose.wire import bearer_of, cookies_of, tokens_set_by
from stctl.traces.explain.book import Recent
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.story import Told
from stctl.traces.lineage import Family, LineageReader
from stctl.traces.link import LoneCall
from stctl.traces.model import LogEvent

_MOST_CLIENTS: Final = 200
_MOST_OF_A_CLIENT: Final = 32
_MOST_RECENT: Final = 64


class Glance(NamedTuple):
    """One request in short: what later ones are compared with. Tokens are kept as hashes."""

    entry: int
    """Its place in the trace, from 0."""
    position: str
    client: str
    at_ms: int
    took_ms: float
    method: str
    path: str
    status: int
    """0 without an answer."""
    step: StepName
    error: ErrorName | None
    access_sent: str | None
    """`hash1` of the access token that the request carried, wherever it stood; None for none."""
    refresh_sent: str | None
    """The same of the refresh token: of its cookie, or on the refresh API of Authorization."""
    access_set: str | None
    """`hash1` of the access token that the answer set."""
    refresh_set: str | None
    clears_session: bool


def client_of(request: Request) -> str:
    """What tells one client from another: address, user agent and the page's origin."""
    agent = first_value(request.headers, "user-agent") or ""
    origin = first_value(request.headers, "origin") or ""
    return f"{request.remote_address} {agent} {origin}"


def _in_short(told: Explanation) -> Glance:
    evidence, answered = told.evidence, told.answered
    request, response = evidence.request, evidence.response
    bearer, cookies = bearer_of(request), cookies_of(request)
    is_refresh = answered.step is StepName.REFRESH
    access = cookies.get(ACCESS_COOKIE) if is_refresh else bearer or cookies.get(ACCESS_COOKIE)
    refresh = (bearer if is_refresh else None) or cookies.get(REFRESH_COOKIE)
    given = tokens_set_by(response) if response else (None, None)
    return Glance(
        entry=told.index,
        position=evidence.entry.position,
        client=client_of(request),
        at_ms=evidence.entry.started_at_ms,
        took_ms=evidence.entry.exchange.duration_ms,
        method=request.method,
        path=request.path,
        status=evidence.status,
        step=answered.step,
        error=told.error,
        access_sent=hash1(access) if access else None,
        refresh_sent=hash1(refresh) if refresh else None,
        access_set=hash1(given[0]) if given[0] else None,
        refresh_set=hash1(given[1]) if given[1] else None,
        clears_session=evidence.marks.clears_session,
    )


@dataclass(slots=True)
class Sight:
    """The past, bounded; while a rule sees an item, `sight` knows what came before it."""

    known: KnownApp = field(default_factory=KnownApp)
    requests: int = 0
    core_calls: int = 0
    log_events: int = 0
    recent: deque[Glance] = field(default_factory=lambda: deque(maxlen=_MOST_RECENT))
    """The last requests of all clients, oldest first; preflights are left out."""
    _lineage: LineageReader = field(default_factory=LineageReader)
    _families: tuple[Family, ...] | None = None
    _looked_at: tuple[Explanation, Glance] | None = None
    """The request at hand in short: many rules ask for it."""
    _by_client: Recent[str, deque[Glance]] = field(default_factory=lambda: Recent(_MOST_CLIENTS))

    def glance(self, told: Explanation) -> Glance:
        """A request in short."""
        if self._looked_at is None or self._looked_at[0] is not told:
            self._looked_at = (told, _in_short(told))
        return self._looked_at[1]

    def before(self, told: Explanation) -> list[Glance]:
        """The last requests of the client that sent this one, oldest first."""
        return list(self._by_client.get(client_of(told.evidence.request)) or ())

    def families(self) -> tuple[Family, ...]:
        """The family trees of the sessions so far; dear, so rather to be asked for at the end."""
        if self._families is None:
            self._families = tuple(self._lineage.families())
        return self._families

    def take(self, told: Told) -> None:
        """Remember an item."""
        self._lineage.add(told)
        self._families = None
        match told:
            case Explanation():
                self._take_request(told)
            case LoneCall():
                self.core_calls += 1
            case LogEvent():
                self.log_events += 1
            case _:
                pass

    def _take_request(self, told: Explanation) -> None:
        self.requests += 1
        self.core_calls += sum(call.index is not None for call in told.core_calls)
        if told.evidence.request.method == "OPTIONS":
            return
        short = self.glance(told)
        self.recent.append(short)
        of_client = self._by_client.get(short.client)
        if of_client is None:
            of_client = deque(maxlen=_MOST_OF_A_CLIENT)
            self._by_client.put(short.client, of_client)
        of_client.append(short)
