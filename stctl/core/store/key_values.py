"""The table of named values of a tenant (behaviour notes 6.2)."""

from typing import Final

from stctl.core.store.database import Sql

REFRESH_TOKEN_KEY: Final = "refresh_token_key"  # noqa: S105 - a name, not a secret
LEGACY_SIGNING_KEY: Final = "access_token_signing_key"
WEBSITE_DOMAIN: Final = "websiteDomain"
API_DOMAIN: Final = "apiDomain"
TELEMETRY_ID: Final = "TELEMETRY_ID"


def get(sql: Sql, app_id: str, tenant_id: str, name: str) -> tuple[str, int] | None:
    """Return the value and when it was written (ms), or None."""
    rows = sql(
        "SELECT value, created_at_time FROM key_value "
        "WHERE app_id = ? AND tenant_id = ? AND name = ?",
        (app_id, tenant_id, name),
    )
    return (rows[0][0], rows[0][1]) if rows else None


def put(sql: Sql, app_id: str, tenant_id: str, *, name: str, value: str, now_ms: int) -> None:
    """Write the value over an older one; the tenant must exist."""
    sql(
        "INSERT INTO key_value (app_id, tenant_id, name, value, created_at_time) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
        "SET value = excluded.value, created_at_time = excluded.created_at_time",
        (app_id, tenant_id, name, value, now_ms),
    )


def remove(sql: Sql, app_id: str, tenant_id: str, name: str) -> None:
    """Remove the value, if there is one."""
    sql(
        "DELETE FROM key_value WHERE app_id = ? AND tenant_id = ? AND name = ?",
        (app_id, tenant_id, name),
    )
