"""How a question about a session can end."""

from dataclasses import dataclass
from enum import Enum

from stctl.jsontypes import JsonObject


class Reuse(Enum):
    """How a refresh token that was used again stands to its session.

    Source: core, behaviour notes 2.4.2 step 10.
    """

    RECENT_PREV = "RECENT_PREV"
    """It is the previous token, and its window is over."""
    ORPHANED_BRANCH = "ORPHANED_BRANCH"
    """It is a child of the previous token that another child displaced."""
    STALE_LINEAGE = "STALE_LINEAGE"
    """Everything else: at least two rotations old, or not of this session's line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A token that was just made; times in milliseconds since the epoch."""

    token: str
    expires_at_ms: int
    created_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """What create, verify, refresh and regenerate say of the session itself."""

    handle: str
    user_id: str
    recipe_user_id: str
    tenant_id: str
    payload: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTokens:
    """A session was created or refreshed."""

    session: SessionView
    access: Issued
    refresh: Issued
    anti_csrf_token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The access token is good."""

    session: SessionView
    access: Issued | None = None
    """A token to use instead of the presented one."""
    payload_update_available: bool | None = None
    """Whether the stored payload differs; None when nobody looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regenerated:
    """The payload was written; there is a new token unless the presented one had expired."""

    session: SessionView
    access: Issued | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unauthorised:
    """There is no such session."""

    message: str
    reuse: Reuse | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRefreshToken:
    """The access token cannot be used; a refresh may help."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TheftDetected:
    """A refresh token was used again."""

    handle: str
    user_id: str
    recipe_user_id: str
    reuse: Reuse | None
