"""The tables of signing keys, dynamic and static.

Key material is text: public part, separator, private part (behaviour notes 4.1 and 6.2).
"""

from dataclasses import dataclass

from stctl.core.store.database import Sql


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicKeyRow:
    """A key that rotates."""

    created_at_ms: int
    material: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticKeyRow:
    """A key that stays."""

    kid: str
    created_at_ms: int
    material: str


def dynamic_since(sql: Sql, app_id: str, created_from_ms: int) -> list[DynamicKeyRow]:
    """Dynamic keys created then or later, newest first."""
    rows = sql(
        "SELECT created_at_time, value FROM session_access_token_signing_keys "
        "WHERE app_id = ? AND created_at_time >= ? ORDER BY created_at_time DESC",
        (app_id, created_from_ms),
    )
    return [DynamicKeyRow(created_at_ms=row[0], material=row[1]) for row in rows]


def add_dynamic(sql: Sql, app_id: str, row: DynamicKeyRow) -> None:
    """Store a dynamic key; its creation time must be new to the app."""
    sql(
        "INSERT INTO session_access_token_signing_keys (app_id, created_at_time, value) "
        "VALUES (?, ?, ?)",
        (app_id, row.created_at_ms, row.material),
    )


def delete_dynamic_before(sql: Sql, app_id: str, created_before_ms: int) -> None:
    """Remove dynamic keys created before that time; one created exactly then stays."""
    sql(
        "DELETE FROM session_access_token_signing_keys WHERE app_id = ? AND created_at_time < ?",
        (app_id, created_before_ms),
    )


def static(sql: Sql, app_id: str) -> list[StaticKeyRow]:
    """Every static RS256 key of the app, newest first."""
    rows = sql(
        "SELECT key_id, created_at, key_string FROM jwt_signing_keys "
        "WHERE app_id = ? AND algorithm = 'RS256' ORDER BY created_at DESC",
        (app_id,),
    )
    return [StaticKeyRow(kid=row[0], created_at_ms=row[1], material=row[2]) for row in rows]


def add_static(sql: Sql, app_id: str, row: StaticKeyRow) -> None:
    """Store a static RS256 key."""
    sql(
        "INSERT INTO jwt_signing_keys (app_id, key_id, key_string, algorithm, created_at) "
        "VALUES (?, ?, ?, 'RS256', ?)",
        (app_id, row.kid, row.material, row.created_at_ms),
    )
