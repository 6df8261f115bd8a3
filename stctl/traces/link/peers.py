"""Tells exchanges of browser and backend from those of backend and core.

Every sign has a weight, for a core or against one; their sum decides. What was decided for one
exchange of an address counts for the next one there.
"""

import re
from typing import Final

from stctl.exchange import first_value
from stctl.traces.model import Entry, Peer

_CORE_PORT: Final = 3567
_CORE_PATH: Final = re.compile(
    r"(?:^|/)(?:recipe/(?:session|handshake|jwt|signup|signin|signinup|user|userid|roles?|totp"
    r"|dashboard|multitenancy|accountlinking|oauth|webauthn|saml)(?:/.*)?"
    r"|apiversion|\.well-known/jwks\.json|user/id)$"
)
"""Paths that a core has and hardly any backend, below whatever base path, app and tenant."""
_SDK_AGENT: Final = re.compile(
    r"node$|undici|axios/|python-httpx/|python-requests/|Go-http-client/"
)

_PATH_WEIGHT: Final = 3
_KNOWN_WEIGHT: Final = 4
_MOST_ADDRESSES: Final = 1024

_ASKED: Final = {
    "cdi-version": 6,
    "api-key": 3,
    "st-auth-mode": -6,
    "fdi-version": -6,
    "origin": -3,
    "referer": -3,
    "cookie": -3,
    "authorization": -1,
}
_ANSWERED: Final = {
    "set-cookie": -3,
    "front-token": -6,
    "id-refresh-token": -6,
    "access-control-allow-origin": -2,
}
"""Weights of headers, for a core."""


class Peers:
    """Decides exchange by exchange, and remembers which addresses are cores."""

    def __init__(self) -> None:
        self._cores: dict[tuple[str, int], bool] = {}

    def of(self, entry: Entry) -> Peer:
        """Which two parties an exchange is between; what the recording says is believed.

        For spans of calls that are not a core's, see `Linker`: they may be a browser's or a
        backend's.
        """
        peer = entry.peer
        if peer is None:
            is_core = self._weight(entry) > 0
            peer = Peer.BACKEND_CORE if is_core else Peer.BROWSER_BACKEND
        if len(self._cores) < _MOST_ADDRESSES:
            self._cores[entry.host, entry.port] = peer is Peer.BACKEND_CORE
        return peer

    def _weight(self, entry: Entry) -> int:
        request, response = entry.exchange.request, entry.exchange.response
        names = {name.lower() for name, _ in request.headers}
        weight = sum(_ASKED[name] for name in names & _ASKED.keys())
        if response is not None:
            answered = {name.lower() for name, _ in response.headers}
            weight += sum(_ANSWERED[name] for name in answered & _ANSWERED.keys())
        agent = first_value(request.headers, "user-agent") or ""
        weight += 1 if _SDK_AGENT.search(agent) else -3 if "Mozilla/" in agent else 0
        return weight + self._weight_of_place(entry)

    def _weight_of_place(self, entry: Entry) -> int:
        weight = _PATH_WEIGHT if _CORE_PATH.search(entry.exchange.request.path) else -_PATH_WEIGHT
        if entry.port == _CORE_PORT:
            weight += 2
        known = self._cores.get((entry.host, entry.port))
        if known is None:
            return weight
        return weight + (_KNOWN_WEIGHT if known else -_KNOWN_WEIGHT)
