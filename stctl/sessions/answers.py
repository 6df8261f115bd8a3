"""What a core answers to the questions about sessions.

An outcome such as UNAUTHORISED is an answer, not an error: methods of the client return a union
of these, and mypy tells the reader who forgot one.
"""

from dataclasses import dataclass
from typing import Literal

from stctl.jsontypes import JsonObject

ReuseSubtype = Literal["RECENT_PREV", "ORPHANED_BRANCH", "STALE_LINEAGE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A token as a core hands it out, with its times in milliseconds."""

    token: str
    expires_at_ms: int
    created_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What create, verify, refresh and regenerate say of the session itself."""

    handle: str
    user_id: str
    recipe_user_id: str
    """Equals `user_id` where the interface version does not carry it (CDI below 4.0)."""
    tenant_id: str
    """`public` where the interface version does not carry it (CDI below 3.0)."""
    user_data_in_jwt: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyKey:
    """A public key in base64 (DER), with its times in milliseconds."""

    public_key: str
    expires_at_ms: int
    created_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyKeys:
    """The public keys that a core of CDI below 2.21 sends along with its answers."""

    public_key: str
    """The one that signs now."""
    expires_at_ms: int
    keys: tuple[LegacyKey, ...]
    """All live ones (CDI 2.9 to 2.20); empty below 2.9."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTokens:
    """A session with fresh tokens: the answer OK of create and refresh."""

    session: SessionFacts
    access_token: IssuedToken
    refresh_token: IssuedToken
    anti_csrf_token: str | None
    id_refresh_token: IssuedToken | None
    """CDI below 2.21 only."""
    legacy_keys: LegacyKeys | None = None
    """Create at CDI below 2.21 only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The access token is good."""

    session: SessionFacts
    access_token: IssuedToken | None
    """A replacement, where the core made one (CDI up to 5.5)."""
    payload_update_available: bool | None
    """CDI 5.6 with a database check only."""
    legacy_keys: LegacyKeys | None = None
    """CDI below 2.21 only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regenerated:
    """The payload was written; `access_token` is None when the presented one had expired."""

    session: SessionFacts
    access_token: IssuedToken | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unauthorised:
    """There is no such session, or it has ended."""

    message: str
    reuse_subtype: ReuseSubtype | None = None
    """Only for the reuse of a refresh token at CDI 5.6."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRefreshToken:
    """The access token cannot be used; a refresh may help."""

    message: str
    legacy_keys: LegacyKeys | None = None
    """CDI below 2.21 only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTheftDetected:
    """A refresh token was used that had already been replaced."""

    session_handle: str
    user_id: str
    recipe_user_id: str
    reuse_subtype: ReuseSubtype | None
    """CDI 5.6 only; None below."""
