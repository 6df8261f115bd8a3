"""Lists and revokes sessions. Source: core, behaviour notes 2.5 and 2.6."""

from dataclasses import dataclass

from stctl.core.app import App
from stctl.core.refusals import BadRequest
from stctl.core.store import SessionKey, sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoseSessions:
    """The sessions of a user."""

    user_id: str
    tenant_id: str | None
    """None: in all tenants of the app."""
    linked_accounts: bool
    """Whether the other login methods of the same user count too."""


def live_handles(app: App, whose: WhoseSessions) -> list[str]:
    """Return the handles of sessions with `expires_at >= now`."""
    return [key.handle for key in _live(app, whose)]


def _live(app: App, whose: WhoseSessions) -> list[SessionKey]:
    user_ids = (
        app.identities.linked(app.app_id, whose.user_id)
        if whose.linked_accounts
        else [whose.user_id]
    )
    now_ms = app.clock.now_ms()
    return sessions.of_users(app.database.read, app.app_id, user_ids, now_ms, whose.tenant_id)


def remove_of_user(app: App, whose: WhoseSessions, active_in: str) -> list[str]:
    """Delete the live sessions of a user; returns the handles that were really deleted.

    The user counts as active, in the tenant `active_in`.
    """
    removed = _remove(app, _live(app, whose))
    ids = app.identities.of_recipe_user(app.app_id, whose.user_id)
    app.note_activity(active_in, ids, app.clock.now_ms())
    return removed


def remove_handles(app: App, handles: list[str]) -> list[str]:
    """Delete sessions by handle, expired ones too.

    Unknown handles are passed over; one that is given twice is reported twice. A handle of a
    tenant that does not exist raises `BadRequest`; sessions of other tenants are deleted then all
    the same.
    """
    keys: list[SessionKey] = []
    unknown: BadRequest | None = None
    for handle in handles:
        try:
            keys.append(app.session_key(handle))
        except BadRequest as refusal:
            unknown = refusal
    removed = _remove(app, keys)
    if unknown is not None:
        raise unknown
    return removed


def _remove(app: App, keys: list[SessionKey]) -> list[str]:
    if not keys:
        return []
    with app.database.transaction() as sql:
        deleted = {key for key in set(keys) if sessions.delete(sql, key)}
    return [key.handle for key in keys if key in deleted]
