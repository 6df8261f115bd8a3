"""The way to a real app, for a whole run: what was learned of it in one case helps in the next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from stctl.cdi.app_transport import AppTransport
from stctl.exchange import Exchange, Request
from stctl.scenarios.app.keys import Signatures
from stctl.scenarios.app.routes import AppRoutes, Login
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.keys import KeySet
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.story import TraceStory
from stctl.traces.link import LinkedRequest
from stctl.traces.model import Entry

_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSetUp:
    """What a person said of an app, and of the way to a session of it."""

    known: KnownApp
    routes: AppRoutes
    login: Login | None
    """None: sessions are made in the core, and their tokens handed to the browser."""
    users: Sequence[str] = ()
    """Ids of the users, in the order in which a case needs them."""
    has_core: bool = True
    """Whether the core of the app can be asked."""


class AppLine:
    """Sends requests to an app, and finds out what it did with them."""

    def __init__(self, transport: AppTransport, set_up: AppSetUp, signatures: Signatures) -> None:
        """`signatures` tells good access tokens from forged ones."""
        self._transport = transport
        self.signatures = signatures
        self._story = TraceStory(set_up.known, KeySet(signatures.check))
        self._asked = 0
        self.set_up = set_up
        self.is_tried = False
        """Whether a session was tried on it, once, before the first case."""

    @property
    def shown(self) -> str:
        """Where the app is, for people."""
        return self._transport.shown

    @property
    def has_core(self) -> bool:
        """Whether the core of the app can be asked."""
        return self.set_up.has_core

    def ask(self, request: Request) -> tuple[Exchange, Explanation]:
        """Send a request; what came back, and what it says of the app.

        Raises APP_DOWN when the app cannot be reached.
        """
        parts = urlsplit(self._transport.url_of(request))
        host = parts.hostname or "localhost"
        exchange = self._transport.send(replace(request, host=host))
        entry = Entry(
            index=self._asked,
            position=f"request {self._asked}",
            exchange=exchange,
            url=self._transport.url_of(request),
            scheme=parts.scheme,
            port=parts.port or _PORTS[parts.scheme],
        )
        self._asked += 1
        return exchange, self._explained(entry)

    def _explained(self, entry: Entry) -> Explanation:
        told = [*self._story.add(LinkedRequest(entry, ())), *self._story.flush(is_end=False)]
        return next(one for one in told if isinstance(one, Explanation))
