"""Reads and changes sessions by their handles. Source: core, behaviour notes 2.2, 2.7 and 2.8."""

from dataclasses import dataclass

from stctl.core.app import App
from stctl.core.engine.claims import refuse_protected, to_object, to_text
from stctl.core.identities import UserIds
from stctl.core.store import SessionRow, sessions
from stctl.jsontypes import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """A live session with the ids of its user."""

    row: SessionRow
    ids: UserIds
    payload: JsonObject
    data: JsonObject


def live_session(app: App, handle: str) -> StoredSession | None:
    """Return the session, None when it is missing or `expires_at <= now`.

    Raises `BadRequest` when the handle's tenant does not exist.
    """
    row = sessions.find(app.database.read, app.session_key(handle))
    if row is None or row.expires_at_ms <= app.clock.now_ms():
        return None
    return StoredSession(
        row=row,
        ids=app.identities.of_recipe_user(app.app_id, row.user_id),
        payload=to_object(row.payload),
        data=to_object(row.data),
    )


def replace_data(app: App, handle: str, data: JsonObject) -> bool:
    """Replace `userDataInDatabase`; False when the session is missing or `expires_at <= now`."""
    key = app.session_key(handle)
    return sessions.set_data(app.database.write, key, to_text(data), app.clock.now_ms())


def replace_payload(app: App, handle: str, payload: JsonObject, protected_by: int | None) -> bool:
    """Replace `userDataInJWT`; False when the session is missing or `expires_at <= now`.

    `protected_by` is the token version whose protected names are refused (400), before the session
    is looked for; None refuses none.
    """
    key = app.session_key(handle)
    if protected_by is not None:
        refuse_protected(payload, protected_by)
    return sessions.set_payload(app.database.write, key, to_text(payload), app.clock.now_ms())
