"""The tables of roles, of what they permit, and of who has them (per tenant)."""

from collections.abc import Iterable

from stctl.core.store.database import Sql


def _texts(rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [row[0] for row in rows]


def every(sql: Sql, app_id: str) -> list[str]:
    """Return the roles of an app in the order of their names."""
    return _texts(sql("SELECT role FROM roles WHERE app_id = ? ORDER BY role", (app_id,)))


def exists(sql: Sql, app_id: str, role: str) -> bool:
    """Whether the app has the role."""
    return bool(sql("SELECT 1 FROM roles WHERE app_id = ? AND role = ?", (app_id, role)))


def add(sql: Sql, app_id: str, role: str, permissions: Iterable[str]) -> bool:
    """Make the role, or add permissions to it; False when it was there already."""
    made = sql("INSERT INTO roles VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING 1", (app_id, role))
    for permission in permissions:
        sql(
            "INSERT INTO role_permissions VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (app_id, role, permission),
        )
    return bool(made)


def remove(sql: Sql, app_id: str, role: str) -> bool:
    """Remove the role, from everybody who has it too; False when there was none."""
    return bool(sql("DELETE FROM roles WHERE app_id = ? AND role = ? RETURNING 1", (app_id, role)))


def permissions(sql: Sql, app_id: str, role: str) -> list[str]:
    """Return what a role permits; empty for an unknown role."""
    return _texts(
        sql(
            "SELECT permission FROM role_permissions WHERE app_id = ? AND role = ?",
            (app_id, role),
        )
    )


def with_permission(sql: Sql, app_id: str, permission: str) -> list[str]:
    """Return the roles that permit something."""
    return _texts(
        sql(
            "SELECT role FROM role_permissions WHERE app_id = ? AND permission = ? ORDER BY role",
            (app_id, permission),
        )
    )


def take_permissions(sql: Sql, app_id: str, role: str, taken: Iterable[str] | None) -> None:
    """Remove permissions from a role; None means all that it has."""
    if taken is None:
        sql("DELETE FROM role_permissions WHERE app_id = ? AND role = ?", (app_id, role))
        return
    for permission in taken:
        sql(
            "DELETE FROM role_permissions WHERE app_id = ? AND role = ? AND permission = ?",
            (app_id, role, permission),
        )


def of_user(sql: Sql, app_id: str, tenant_id: str, user_id: str) -> list[str]:
    """Return the roles that a user has in a tenant."""
    return _texts(
        sql(
            "SELECT role FROM user_roles WHERE app_id = ? AND tenant_id = ? AND user_id = ?",
            (app_id, tenant_id, user_id),
        )
    )


def users(sql: Sql, app_id: str, tenant_id: str, role: str) -> list[str]:
    """Return the users that have a role in a tenant."""
    return _texts(
        sql(
            "SELECT user_id FROM user_roles WHERE app_id = ? AND tenant_id = ? AND role = ? "
            "ORDER BY user_id",
            (app_id, tenant_id, role),
        )
    )


def give(sql: Sql, place: tuple[str, str], user_id: str, role: str) -> bool:
    """Give a user a role; False when the user had it. `place` is app and tenant."""
    return bool(
        sql(
            "INSERT INTO user_roles VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1",
            (*place, user_id, role),
        )
    )


def take(sql: Sql, place: tuple[str, str], user_id: str, role: str) -> bool:
    """Take a role from a user; False when the user did not have it."""
    return bool(
        sql(
            "DELETE FROM user_roles WHERE app_id = ? AND tenant_id = ? AND user_id = ? "
            "AND role = ? RETURNING 1",
            (*place, user_id, role),
        )
    )
