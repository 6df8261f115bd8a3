"""What is kept under a user's id outside the tables of users."""

from typing import Final

from stctl.core.store.database import Sql

_TABLES: Final = {
    "session_info": "Session",
    "user_metadata": "UserMetadata",
    "user_roles": "UserRoles",
    "emailverification_verified_emails": "EmailVerification",
}
"""Tables with the name of what they belong to."""


def end_sessions(sql: Sql, app_id: str, outer_id: str, tenant_id: str | None = None) -> bool:
    """Delete all sessions of an id, in one tenant or (None) in all; False when there were none."""
    return bool(
        sql(
            "DELETE FROM session_info WHERE app_id = ? AND user_id = ? "
            "AND (? IS NULL OR tenant_id = ?) RETURNING 1",
            (app_id, outer_id, tenant_id, tenant_id),
        )
    )


def take_roles(sql: Sql, app_id: str, tenant_id: str, outer_id: str) -> bool:
    """Take all roles from a user in a tenant; False when there were none."""
    return bool(
        sql(
            "DELETE FROM user_roles WHERE app_id = ? AND tenant_id = ? AND user_id = ? RETURNING 1",
            (app_id, tenant_id, outer_id),
        )
    )


def forget_user(sql: Sql, app_id: str, outer_id: str) -> None:
    """Delete everything of that id: sessions, metadata, roles, addresses shown to be the user's."""
    for table in _TABLES:
        sql(f"DELETE FROM {table} WHERE app_id = ? AND user_id = ?", (app_id, outer_id))  # noqa: S608 - a name of ours


def used_by(sql: Sql, app_id: str, outer_id: str) -> str | None:
    """Return the name of something that is kept under the id, or None."""
    for table, name in _TABLES.items():
        statement = f"SELECT 1 FROM {table} WHERE app_id = ? AND user_id = ? LIMIT 1"  # noqa: S608 - a name of ours
        if sql(statement, (app_id, outer_id)):
            return name
    return None
