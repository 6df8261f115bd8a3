"""Creates sessions. Source: core, behaviour notes 2.1."""

from dataclasses import dataclass

from stctl.core.activity import write_activity
from stctl.core.app import App
from stctl.core.engine.claims import to_text
from stctl.core.engine.mint import access_expiry, mint_access, mint_refresh, refuse_validity
from stctl.core.engine.outcomes import Issued, NewTokens, SessionView
from stctl.core.identities import UserIds
from stctl.core.store import SessionRow, activity, sessions
from stctl.jsontypes import JsonObject
from stctl.sessions.handle import PUBLIC_TENANT
from stctl.tokens.access import AccessClaims
from stctl.tokens.hashes import hash1
from stctl.tokens.refresh import RefreshContents


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOrder:
    """A session to be made; its tenant exists."""

    tenant_id: str
    user_id: str
    payload: JsonObject
    data: JsonObject
    enable_anti_csrf: bool
    static: bool
    validity_ms: int | None
    version: int
    """Of the access token."""


def create(app: App, order: CreateOrder) -> NewTokens:
    """Make a session and its first tokens.

    Raises `BadRequest` for a validity out of range or a protected claim, `ServerFailure` for an
    integer that the token cannot hold; nothing is stored then.
    """
    refuse_validity(app, order.validity_ms)
    now_ms = app.clock.now_ms()
    handle = _new_handle(app, order.tenant_id)
    ids = app.identities.at_login(app.app_id, order.user_id)
    anti_csrf_token = app.entropy.uuid() if order.enable_anti_csrf else None
    contents = RefreshContents(
        session_handle=handle,
        user_id=ids.recipe,
        parent_refresh_token_hash1=None,
        nonce=app.sealer.new_nonce(),
        anti_csrf_token=anti_csrf_token,
        tenant_id=order.tenant_id,
    )
    refresh = mint_refresh(app, contents, now_ms)
    refresh_hash1 = hash1(refresh.token)
    claims = AccessClaims(
        user_id=ids.primary,
        recipe_user_id=ids.recipe,
        tenant_id=order.tenant_id,
        session_handle=handle,
        issued_at_ms=now_ms,
        expires_at_ms=access_expiry(app, now_ms, order.validity_ms),
        refresh_token_hash1=refresh_hash1,
        parent_refresh_token_hash1=None,
        anti_csrf_token=anti_csrf_token,
        user_claims=order.payload,
    )
    access = mint_access(app, order.version, claims, static=order.static)
    _store(app, ids, _row(app, order, claims, refresh))
    return NewTokens(
        session=SessionView(
            handle=handle,
            user_id=ids.primary,
            recipe_user_id=ids.recipe,
            tenant_id=order.tenant_id,
            payload=order.payload,
        ),
        access=access,
        refresh=refresh,
        anti_csrf_token=anti_csrf_token,
    )


def _new_handle(app: App, tenant_id: str) -> str:
    random = app.entropy.uuid()
    return random if tenant_id == PUBLIC_TENANT else f"{random}_{tenant_id}"


def _row(app: App, order: CreateOrder, claims: AccessClaims, refresh: Issued) -> SessionRow:
    return SessionRow(
        app_id=app.app_id,
        tenant_id=order.tenant_id,
        handle=claims.session_handle,
        user_id=claims.recipe_user_id,
        current_hash2=hash1(claims.refresh_token_hash1),
        data=to_text(order.data),
        expires_at_ms=refresh.expires_at_ms,
        created_at_ms=refresh.created_at_ms,
        payload=to_text(order.payload),
        use_static_key=order.static,
        previous_hash2=None,
        rotated_at_ms=None,
    )


def _store(app: App, ids: UserIds, row: SessionRow) -> None:
    place, user = (row.app_id, row.tenant_id), (ids.recipe, ids.primary)
    now_ms = row.created_at_ms
    with app.database.transaction() as sql:
        sessions.insert(sql, row)
        activity.log(
            sql, "session_created", place=place, user=user, identifier=row.handle, now_ms=now_ms
        )
        if app.activity.due(app.app_id, ids.primary, now_ms):
            write_activity(sql, place, user, now_ms)
