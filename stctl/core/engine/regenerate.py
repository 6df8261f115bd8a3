"""Writes a new payload into a session and its access token. Source: core, behaviour notes 2.9."""

from dataclasses import dataclass

from stctl.core.app import App
from stctl.core.engine.authenticate import claims_of
from stctl.core.engine.claims import refuse_protected, to_object, to_text
from stctl.core.engine.mint import mint_access
from stctl.core.engine.outcomes import Issued, Regenerated, Unauthorised
from stctl.core.engine.verify import view_of
from stctl.core.refusals import ServerFailure
from stctl.core.store import SessionKey, SessionRow, sessions
from stctl.jsontypes import JsonObject
from stctl.tokens.access import AccessClaims, AccessToken, read_structure
from stctl.tokens.problem import TokenProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class RegenerateOrder:
    """An access token that its bearer has verified already."""

    access_token: str
    payload: JsonObject | None
    """None: the stored one."""
    check_before_writing: bool
    """Whether protected names are refused before the payload is written (CDI 2.21 and above)."""


def regenerate(app: App, order: RegenerateOrder) -> Regenerated | Unauthorised:
    """Write the payload, and make an access token with it that ends when the presented one does.

    Neither signature nor expiry of the presented token is looked at. Raises `ServerFailure` for a
    malformed token, `BadRequest` for a tenant that does not exist, `ProtectedClaim` for a payload
    that does not fit the token.
    """
    try:
        structure = read_structure(order.access_token)
    except TokenProblem as problem:
        raise ServerFailure(f"The access token is malformed: {problem}") from problem
    try:
        token = claims_of(structure)
    except TokenProblem as problem:
        return Unauthorised(message=f"The access token cannot be used: {problem}")
    app.directory.require(app.app_id, token.tenant_id)
    return _regenerate(app, order, token)


def _regenerate(app: App, order: RegenerateOrder, token: AccessToken) -> Regenerated | Unauthorised:
    key = SessionKey(app.app_id, token.tenant_id, token.session_handle)
    row = sessions.find(app.database.read, key)
    now_ms = app.clock.now_ms()
    if row is None or row.expires_at_ms <= now_ms:
        return Unauthorised(message="The session has ended, or was revoked")
    payload = to_object(row.payload) if order.payload is None else order.payload
    if order.check_before_writing:
        refuse_protected(payload, token.version)
    if not sessions.set_payload(app.database.write, key, to_text(payload), now_ms):
        return Unauthorised(message="The session has ended, or was revoked")
    expired = token.expires_at_ms < now_ms
    return Regenerated(
        session=view_of(token, payload),
        access=None if expired else _reissue(app, token, row, payload),
    )


def _reissue(app: App, token: AccessToken, row: SessionRow, payload: JsonObject) -> Issued:
    claims = AccessClaims(
        user_id=token.user_id,
        recipe_user_id=token.recipe_user_id,
        tenant_id=token.tenant_id,
        session_handle=token.session_handle,
        issued_at_ms=app.clock.now_ms(),
        expires_at_ms=token.expires_at_ms,
        refresh_token_hash1=token.refresh_token_hash1,
        parent_refresh_token_hash1=token.parent_refresh_token_hash1,
        anti_csrf_token=token.anti_csrf_token,
        user_claims=payload,
    )
    return mint_access(app, token.version, claims, static=row.use_static_key)
