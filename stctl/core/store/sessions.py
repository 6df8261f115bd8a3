"""The table of sessions: one row each, as `session_info` of a core.

Every function takes the statement runner of a transaction or of the database itself, so that the
caller decides what is serialised. Source: core, behaviour notes 6.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stctl.core.store.database import Row, Sql, Value

_SELECT: Final = (
    "SELECT app_id, tenant_id, session_handle, user_id, refresh_token_hash_2, session_data, "
    "expires_at, created_at_time, jwt_user_payload, use_static_key, prev_refresh_token_hash_2, "
    "refresh_token_rotated_at FROM session_info "
    "WHERE app_id = ? AND tenant_id = ? AND session_handle = ?"
)
_INSERT: Final = (
    "INSERT INTO session_info (app_id, tenant_id, session_handle, user_id, refresh_token_hash_2, "
    "session_data, expires_at, created_at_time, jwt_user_payload, use_static_key, "
    "prev_refresh_token_hash_2, refresh_token_rotated_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_POINT: Final = (
    "UPDATE session_info SET refresh_token_hash_2 = ?, prev_refresh_token_hash_2 = ?, "
    "refresh_token_rotated_at = ?, expires_at = ?, use_static_key = ? "
    "WHERE app_id = ? AND tenant_id = ? AND session_handle = ?"
)
_SET_DATA: Final = (
    "UPDATE session_info SET session_data = ? WHERE app_id = ? AND tenant_id = ? "
    "AND session_handle = ? AND expires_at > ? RETURNING 1"
)
_SET_PAYLOAD: Final = (
    "UPDATE session_info SET jwt_user_payload = ? WHERE app_id = ? AND tenant_id = ? "
    "AND session_handle = ? AND expires_at > ? RETURNING 1"
)
_DELETE: Final = (
    "DELETE FROM session_info WHERE app_id = ? AND tenant_id = ? AND session_handle = ? RETURNING 1"
)
_VARIABLES_AT_ONCE: Final = 500
"""Well below the limit of the oldest SQLite that is supported."""


@dataclass(frozen=True, slots=True)
class SessionKey:
    """What names a session."""

    app_id: str
    tenant_id: str
    handle: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as it is stored; times in milliseconds since the epoch."""

    app_id: str
    tenant_id: str
    handle: str
    user_id: str
    """The login method's (recipe) user id."""
    current_hash2: str
    data: str
    """`userDataInDatabase` as JSON text."""
    expires_at_ms: int
    created_at_ms: int
    payload: str
    """`userDataInJWT` as JSON text."""
    use_static_key: bool
    previous_hash2: str | None
    """H2 of the refresh token that the last rotation or promotion retired."""
    rotated_at_ms: int | None

    @property
    def key(self) -> SessionKey:
        """Name of the session."""
        return SessionKey(self.app_id, self.tenant_id, self.handle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """The part of a row that a refresh moves."""

    current_hash2: str
    previous_hash2: str | None
    rotated_at_ms: int | None
    expires_at_ms: int
    use_static_key: bool


def _place(key: SessionKey) -> tuple[str, str, str]:
    return key.app_id, key.tenant_id, key.handle


def find(sql: Sql, key: SessionKey) -> SessionRow | None:
    """Return the session, expired or not, or None."""
    rows = sql(_SELECT, _place(key))
    return _read(rows[0]) if rows else None


def _read(row: Row) -> SessionRow:
    return SessionRow(*(*row[:9], bool(row[9]), *row[10:]))


def insert(sql: Sql, row: SessionRow) -> None:
    """Add a session; its tenant must exist."""
    sql(
        _INSERT,
        (
            row.app_id,
            row.tenant_id,
            row.handle,
            row.user_id,
            row.current_hash2,
            row.data,
            row.expires_at_ms,
            row.created_at_ms,
            row.payload,
            row.use_static_key,
            row.previous_hash2,
            row.rotated_at_ms,
        ),
    )


def point(sql: Sql, key: SessionKey, pointer: Pointer) -> None:
    """Move the session to another refresh token; a session that is gone stays gone."""
    moved: tuple[Value, ...] = (
        pointer.current_hash2,
        pointer.previous_hash2,
        pointer.rotated_at_ms,
        pointer.expires_at_ms,
        pointer.use_static_key,
    )
    sql(_POINT, (*moved, *_place(key)))


def set_data(sql: Sql, key: SessionKey, data: str, now_ms: int) -> bool:
    """Replace `userDataInDatabase`; False when the session is gone or `expires_at <= now`."""
    return bool(sql(_SET_DATA, (data, *_place(key), now_ms)))


def set_payload(sql: Sql, key: SessionKey, payload: str, now_ms: int) -> bool:
    """Replace `userDataInJWT`; False when the session is gone or `expires_at <= now`."""
    return bool(sql(_SET_PAYLOAD, (payload, *_place(key), now_ms)))


def delete(sql: Sql, key: SessionKey) -> bool:
    """Remove a session, expired or not; False when there was none."""
    return bool(sql(_DELETE, _place(key)))


def of_users(
    sql: Sql, app_id: str, user_ids: Sequence[str], now_ms: int, tenant_id: str | None
) -> list[SessionKey]:
    """Sessions of these user ids with `expires_at >= now`, oldest first.

    `tenant_id` None means every tenant of the app.
    """
    found: list[SessionKey] = []
    for start in range(0, len(user_ids), _VARIABLES_AT_ONCE):
        some = user_ids[start : start + _VARIABLES_AT_ONCE]
        marks = ", ".join("?" * len(some))
        rows = sql(
            "SELECT app_id, tenant_id, session_handle FROM session_info "  # noqa: S608 - only question marks go in
            f"WHERE app_id = ? AND user_id IN ({marks}) AND expires_at >= ? "
            "AND (? IS NULL OR tenant_id = ?) ORDER BY rowid",
            (app_id, *some, now_ms, tenant_id, tenant_id),
        )
        found += [SessionKey(*row) for row in rows]
    return found


def delete_expired(sql: Sql, now_ms: int) -> None:
    """Remove every session of every app with `expires_at <= now`."""
    sql("DELETE FROM session_info WHERE expires_at <= ?", (now_ms,))
