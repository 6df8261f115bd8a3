"""Verifies access tokens. Source: core, behaviour notes 2.3."""

from dataclasses import dataclass, replace

from stctl.core.app import App
from stctl.core.engine.claims import same, to_object
from stctl.core.engine.lineage import in_lineage, promotes
from stctl.core.engine.mint import mint_access
from stctl.core.engine.outcomes import (
    Issued,
    SessionView,
    TryRefreshToken,
    Unauthorised,
    Verified,
)
from stctl.core.store import Pointer, SessionKey, SessionRow, sessions
from stctl.jsontypes import JsonObject
from stctl.tokens.access import AccessClaims, AccessToken
from stctl.tokens.hashes import hash1
from stctl.tokens.problem import TokenProblem

_ENDED = Unauthorised(message="The session has ended, or was revoked")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOrder:
    """An access token to be judged."""

    access_token: str
    anti_csrf_token: str | None
    check_anti_csrf: bool
    """Whether a missing or different anti-CSRF value is a fault."""
    check_database: bool
    rotation: bool
    """Whether the caller is of the rotation family, for which verify never writes."""


def verify(app: App, order: VerifyOrder) -> Verified | Unauthorised | TryRefreshToken:
    """Judge an access token.

    Raises `BadRequest` for a token of a tenant that does not exist, and, for the legacy family,
    `ProtectedClaim` when the stored payload does not fit a token of the presented version.
    """
    try:
        token = app.tokens.authenticate(order.access_token)
    except TokenProblem as problem:
        return TryRefreshToken(message=f"The access token cannot be used: {problem}")
    if (refused := _refused(app, order, token)) is not None:
        return refused
    if not order.check_database:
        return _accepted(token) if order.rotation else _verify_legacy(app, token, None)
    row = sessions.find(app.database.read, _key(app, token))
    if row is None:
        return _ENDED
    return _verify_rotation(token, row) if order.rotation else _verify_legacy(app, token, row)


def _key(app: App, token: AccessToken) -> SessionKey:
    return SessionKey(app.app_id, token.tenant_id, token.session_handle)


def _refused(app: App, order: VerifyOrder, token: AccessToken) -> TryRefreshToken | None:
    if token.expires_at_ms < app.clock.now_ms():
        return TryRefreshToken(message="The access token has expired")
    if order.check_anti_csrf and token.anti_csrf_token is None:
        return TryRefreshToken(message="The access token has no anti-CSRF value to compare with")
    app.directory.require(app.app_id, token.tenant_id)
    if order.check_anti_csrf and order.anti_csrf_token != token.anti_csrf_token:
        return TryRefreshToken(message="The anti-CSRF value is missing or differs")
    return None


def view_of(token: AccessToken, payload: JsonObject) -> SessionView:
    """Return the session as its token names it, with this payload."""
    return SessionView(
        handle=token.session_handle,
        user_id=token.user_id,
        recipe_user_id=token.recipe_user_id,
        tenant_id=token.tenant_id,
        payload=payload,
    )


def _accepted(token: AccessToken) -> Verified:
    return Verified(session=view_of(token, token.user_claims))


def _verify_rotation(token: AccessToken, row: SessionRow) -> Verified | Unauthorised:
    if not in_lineage(row, token):
        return Unauthorised(message="The access token was replaced; refresh the session")
    outdated = not same(token.user_claims, to_object(row.payload))
    return replace(_accepted(token), payload_update_available=outdated)


def _verify_legacy(app: App, token: AccessToken, row: SessionRow | None) -> Verified | Unauthorised:
    stale = row is not None and not same(token.user_claims, to_object(row.payload))
    if token.parent_refresh_token_hash1 is None and not stale:
        return _accepted(token)
    row = row or sessions.find(app.database.read, _key(app, token))
    if row is not None and promotes(row, token):
        row = _promote(app, token)
    if row is None:
        return _ENDED
    # After a promotion the token's own hash is the current one.
    if not stale and row.current_hash2 != hash1(token.refresh_token_hash1):
        return _accepted(token)
    payload = to_object(row.payload)
    return Verified(session=view_of(token, payload), access=_replacement(app, token, row, payload))


def _promote(app: App, token: AccessToken) -> SessionRow | None:
    """Make the token's refresh token the current one, unless somebody else has moved the row."""
    with app.database.transaction() as sql:
        row = sessions.find(sql, _key(app, token))
        if row is None or not promotes(row, token):
            return row
        now_ms = app.clock.now_ms()
        pointer = Pointer(
            current_hash2=hash1(token.refresh_token_hash1),
            previous_hash2=row.current_hash2,
            rotated_at_ms=now_ms,
            expires_at_ms=now_ms + app.settings.refresh_token_validity_ms,
            use_static_key=row.use_static_key,
        )
        sessions.point(sql, row.key, pointer)
    return replace(row, current_hash2=pointer.current_hash2)


def _replacement(app: App, token: AccessToken, row: SessionRow, payload: JsonObject) -> Issued:
    now_ms = app.clock.now_ms()
    claims = AccessClaims(
        user_id=token.user_id,
        recipe_user_id=token.recipe_user_id,
        tenant_id=token.tenant_id,
        session_handle=token.session_handle,
        issued_at_ms=now_ms,
        expires_at_ms=now_ms + app.settings.access_token_validity_ms,
        refresh_token_hash1=token.refresh_token_hash1,
        parent_refresh_token_hash1=None,
        anti_csrf_token=token.anti_csrf_token,
        user_claims=payload,
    )
    # The oldest version knows no static keys.
    static = row.use_static_key and token.version > 1
    return mint_access(app, token.version, claims, static=static)
