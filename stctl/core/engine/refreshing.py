"""What both families of refresh have in common. Source: core, behaviour notes 2.4."""

from dataclasses import dataclass

from stctl.core.app import App
from stctl.core.engine.claims import ProtectedClaim, to_object
from stctl.core.engine.lineage import PresentedRefresh
from stctl.core.engine.mint import access_expiry, mint_access, mint_refresh
from stctl.core.engine.outcomes import (
    Issued,
    NewTokens,
    Reuse,
    SessionView,
    TheftDetected,
    Unauthorised,
)
from stctl.core.store import SessionKey, SessionRow
from stctl.tokens.access import AccessClaims
from stctl.tokens.hashes import hash1
from stctl.tokens.refresh import RefreshContents

ENDED = Unauthorised(message="The session has ended, or was revoked")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshOrder:
    """A refresh token to be exchanged."""

    refresh_token: str
    anti_csrf_token: str | None
    enable_anti_csrf: bool
    static: bool | None
    """Whether the new access token is signed with the static key; None: as the session says."""
    validity_ms: int | None
    version: int
    """Of the new access token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshing:
    """A refresh under way: its token was opened and found to be of this app."""

    app: App
    order: RefreshOrder
    contents: RefreshContents
    key: SessionKey
    presented: PresentedRefresh

    def static(self, row: SessionRow) -> bool:
        """Whether the session's access tokens are to be signed with the static key from now on."""
        return row.use_static_key if self.order.static is None else self.order.static

    def child(self, now_ms: int) -> tuple[Issued, str | None]:
        """Return a new refresh token whose parent is the presented one, and its anti-CSRF value."""
        anti_csrf_token = self.app.entropy.uuid() if self.order.enable_anti_csrf else None
        contents = RefreshContents(
            session_handle=self.contents.session_handle,
            user_id=self.contents.user_id,
            parent_refresh_token_hash1=self.presented.hash1,
            nonce=self.app.sealer.new_nonce(),
            anti_csrf_token=anti_csrf_token,
            tenant_id=self.contents.tenant_id,
        )
        return mint_refresh(self.app, contents, now_ms), anti_csrf_token


def answer_with_tokens(
    refreshing: Refreshing,
    row: SessionRow,
    refresh: tuple[Issued, str | None],
    *,
    parent_hash1: str | None,
) -> NewTokens | Unauthorised:
    """Return the answer OK with an access token for the new refresh token.

    UNAUTHORISED when the stored payload has a claim that the new token's version protects; what
    was written before stays written.
    """
    app = refreshing.app
    issued, anti_csrf_token = refresh
    now_ms = app.clock.now_ms()
    ids = app.identities.of_recipe_user(app.app_id, row.user_id)
    payload = to_object(row.payload)
    claims = AccessClaims(
        user_id=ids.primary,
        recipe_user_id=ids.recipe,
        tenant_id=row.tenant_id,
        session_handle=row.handle,
        issued_at_ms=now_ms,
        expires_at_ms=access_expiry(app, now_ms, refreshing.order.validity_ms),
        refresh_token_hash1=hash1(issued.token),
        parent_refresh_token_hash1=parent_hash1,
        anti_csrf_token=anti_csrf_token,
        user_claims=payload,
    )
    try:
        access = mint_access(app, refreshing.order.version, claims, static=refreshing.static(row))
    except ProtectedClaim as problem:
        return Unauthorised(message=problem.text)
    app.note_activity(row.tenant_id, ids, now_ms)
    session = SessionView(
        handle=row.handle,
        user_id=ids.primary,
        recipe_user_id=ids.recipe,
        tenant_id=row.tenant_id,
        payload=payload,
    )
    return NewTokens(
        session=session, access=access, refresh=issued, anti_csrf_token=anti_csrf_token
    )


def theft(app: App, row: SessionRow, reuse: Reuse | None) -> TheftDetected:
    """Return the answer TOKEN_THEFT_DETECTED for the session of the row."""
    ids = app.identities.of_recipe_user(app.app_id, row.user_id)
    return TheftDetected(
        handle=row.handle, user_id=ids.primary, recipe_user_id=ids.recipe, reuse=reuse
    )
