"""Who was active when, and the log of events (behaviour notes 2.0, 6.3)."""

from typing import Final

from stctl.core.store.database import Sql

_LOG: Final = (
    "INSERT INTO activity_log (app_id, tenant_id, recipe_user_id, primary_or_recipe_user_id, "
    "event_type, status, identifier, created_at) VALUES (?, ?, ?, ?, ?, 'success', ?, ?)"
)


def log(
    sql: Sql,
    event_type: str,
    *,
    place: tuple[str, str],
    user: tuple[str, str],
    identifier: str | None,
    now_ms: int,
) -> None:
    """Append an event. `place` is app and tenant, `user` the recipe and the primary user id."""
    sql(_LOG, (*place, *user, event_type, identifier, now_ms))


def mark_active(sql: Sql, app_id: str, user_id: str, now_ms: int) -> None:
    """Remember that the user was active at that time."""
    sql(
        "INSERT INTO user_last_active (app_id, user_id, last_active_time) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET last_active_time = excluded.last_active_time",
        (app_id, user_id, now_ms),
    )


def count_active_since(sql: Sql, app_id: str, since_ms: int) -> int:
    """Return how many users were active then or later."""
    rows = sql(
        "SELECT COUNT(*) FROM user_last_active WHERE app_id = ? AND last_active_time >= ?",
        (app_id, since_ms),
    )
    return int(rows[0][0])


def delete_log_before(sql: Sql, before_ms: int) -> None:
    """Forget events older than that."""
    sql("DELETE FROM activity_log WHERE created_at < ?", (before_ms,))


def forget(sql: Sql, app_id: str, user_id: str) -> None:
    """Forget when the user was active; the log keeps its events."""
    sql("DELETE FROM user_last_active WHERE app_id = ? AND user_id = ?", (app_id, user_id))
