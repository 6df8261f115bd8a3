"""Which token of a replay stands for which recorded one."""

from dataclasses import replace
from urllib.parse import quote

from stctl.exchange import Request
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.reading import SessionToken
from stctl.recipe.transfer import ANTI_CSRF_HEADER, cookie_pairs, decode_cookie
from stctl.tokens.hashes import hash1


class Counterparts:
    """Tokens, anti-CSRF values and session handles, by the recorded ones that they stand for.

    Recorded tokens are kept as hashes only. A refresh token may be known by its hash before its
    text is seen, since access tokens name it.
    """

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}
        self._generations: dict[str, str] = {}
        self._sessions: dict[str, str] = {}
        self._missing: dict[str, int] = {}
        self.handles: dict[str, str] = {}

    def put_refresh(self, recorded_hash: str, token: str, session_handle: str) -> None:
        """Let a refresh token, of a session of the replay, stand for the recorded one of a hash."""
        self._tokens[recorded_hash] = token
        self._sessions[recorded_hash] = session_handle

    def put_access(self, recorded: SessionToken, token: str) -> None:
        """Let an access token stand for a recorded one, and for others of its generation."""
        self._tokens[hash1(recorded.text)] = token
        self._generations[recorded.refresh_token_hash1] = token

    def put_text(self, recorded: str, text: str) -> None:
        """Let a text stand for a recorded one."""
        self._tokens[hash1(recorded)] = text

    def put_missing(self, recorded: str, place: int) -> None:
        """Note that a token has no counterpart, because the request at `place` was refused."""
        self._missing[hash1(recorded)] = place

    def of(self, recorded: str) -> str | None:
        """The counterpart of a text; None when it has none."""
        return self._tokens.get(hash1(recorded))

    def of_generation(self, refresh_hash: str) -> str | None:
        """The newest access token of a generation."""
        return self._generations.get(refresh_hash)

    def session_of(self, refresh_hash: str) -> str | None:
        """The session of the replay to which the counterpart of a refresh token belongs."""
        return self._sessions.get(refresh_hash)

    def missing_since(self, recorded: str | None) -> int | None:
        """Where a token would have been issued, had the request not been refused."""
        return None if recorded is None else self._missing.get(hash1(recorded))

    def exchanged(self, request: Request, profile: Profile) -> Request:
        """A request with every known token exchanged; what has no counterpart stays as it is."""
        headers = tuple(
            (name, self._header(name.lower(), value, profile)) for name, value in request.headers
        )
        return replace(request, headers=headers)

    def _header(self, name: str, value: str, profile: Profile) -> str:
        if name == "cookie":
            return "; ".join(self._cookie(*pair, profile) for pair in cookie_pairs(value))
        if name == "authorization":
            scheme, _, token = value.partition(" ")
            return f"{scheme} {self.of(token.strip()) or token}"
        if name == ANTI_CSRF_HEADER:
            return self.of(value) or value
        return value

    def _cookie(self, name: str, raw: str, profile: Profile) -> str:
        own = self.of(decode_cookie(raw, plus_is_space=profile.plus_is_space))
        return f"{name}={raw if own is None else quote(own, safe='')}"
