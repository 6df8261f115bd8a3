"""Which addresses are the backend's, in a trace that holds requests to others as well.

A browser's recording has everything that a page asked for: its own files, and servers of others,
whose 401 is no session error.
"""

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from stctl.traces.explain.answering_handlers import writes_default
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.link.clues import claims_of

Address = tuple[str, int]

_ASKED: Final = frozenset({"st-auth-mode", "fdi-version", "rid", "anti-csrf"})
_COOKIES: Final = ("sAccessToken=", "sRefreshToken=")
_OWN_APIS: Final = ("/session/refresh", "/signout")
_BEARER: Final = "bearer "
_MOST: Final = 1024


class Addresses:
    """Remembers where an SDK was seen."""

    def __init__(self, known: KnownApp) -> None:
        self._host = urlsplit(known.api_domain or "").hostname
        self._backends: set[Address] = set()

    def watch(self, evidence: Evidence) -> None:
        """Take notice of one request."""
        address = _address(evidence)
        if address not in self._backends and len(self._backends) < _MOST and _shows_sdk(evidence):
            self._backends.add(address)

    def placed(self, evidence: Evidence) -> Evidence:
        """The same, marked where a request went to no backend with an SDK, as known by now.

        Never where no backend is known, nor where the recording shows no headers at all.
        """
        return replace(evidence, is_elsewhere=True) if self._is_elsewhere(evidence) else evidence

    def _is_elsewhere(self, evidence: Evidence) -> bool:
        entry = evidence.entry
        if entry.peer is not None or not self._backends or not entry.exchange.request.headers:
            return False
        return _address(evidence) not in self._backends and entry.host != self._host


def _address(evidence: Evidence) -> Address:
    return evidence.entry.host, evidence.entry.port


def _shows_sdk(evidence: Evidence) -> bool:
    """Whether a request or its answer has something that only comes of a SuperTokens SDK."""
    if evidence.calls or evidence.marks.set or evidence.marks.clears_session:
        return True
    request = evidence.request
    is_own_api = request.method == "POST" and request.path.endswith(_OWN_APIS)
    return (
        is_own_api or any(_is_sign(*pair) for pair in request.headers) or writes_default(evidence)
    )


def _is_sign(name: str, value: str) -> bool:
    match name.lower():
        case "cookie":
            return any(cookie in value for cookie in _COOKIES)
        case "authorization":
            is_bearer = value[: len(_BEARER)].lower() == _BEARER
            return is_bearer and "sessionHandle" in claims_of(value[len(_BEARER) :].strip())
        case lower:
            return lower in _ASKED
