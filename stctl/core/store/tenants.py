"""The tables of apps and tenants. Everything else of an app or tenant goes with it."""

from dataclasses import dataclass

from stctl.core.store.database import Row, Sql
from stctl.sessions.handle import PUBLIC_TENANT


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRow:
    """A tenant with its configuration as JSON text (an empty object when it has none)."""

    app_id: str
    tenant_id: str
    config: str
    created_at_ms: int = 0


def app_exists(sql: Sql, app_id: str) -> bool:
    """Whether the app is there."""
    return bool(sql("SELECT 1 FROM apps WHERE app_id = ?", (app_id,)))


def find(sql: Sql, app_id: str, tenant_id: str) -> TenantRow | None:
    """Return the tenant, or None."""
    rows = sql(
        "SELECT config, created_at_time FROM tenants "
        "LEFT JOIN tenant_configs USING (app_id, tenant_id) "
        "WHERE app_id = ? AND tenant_id = ?",
        (app_id, tenant_id),
    )
    return _row(app_id, tenant_id, rows[0]) if rows else None


def _row(app_id: str, tenant_id: str, found: Row) -> TenantRow:
    return TenantRow(
        app_id=app_id, tenant_id=tenant_id, config=found[0] or "{}", created_at_ms=found[1]
    )


def of_app(sql: Sql, app_id: str) -> list[TenantRow]:
    """Return the tenants of an app, oldest first."""
    rows = sql(
        "SELECT tenant_id, config, created_at_time FROM tenants "
        "LEFT JOIN tenant_configs USING (app_id, tenant_id) "
        "WHERE app_id = ? ORDER BY created_at_time, tenant_id",
        (app_id,),
    )
    return [_row(app_id, row[0], row[1:]) for row in rows]


def apps(sql: Sql) -> list[str]:
    """Ids of all apps, oldest first."""
    return [row[0] for row in sql("SELECT app_id FROM apps ORDER BY created_at_time, app_id", ())]


def create(sql: Sql, app_id: str, tenant_id: str, now_ms: int) -> bool:
    """Make the tenant, and its app with the app's public tenant where they are missing.

    False when the tenant was there already.
    """
    sql("INSERT INTO apps VALUES (?, ?) ON CONFLICT DO NOTHING", (app_id, now_ms))
    add = "INSERT INTO tenants VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1"
    made_public = sql(add, (app_id, PUBLIC_TENANT, now_ms))
    return bool(
        made_public if tenant_id == PUBLIC_TENANT else sql(add, (app_id, tenant_id, now_ms))
    )


def configure(sql: Sql, row: TenantRow) -> None:
    """Write the configuration of a tenant, which must exist."""
    sql(
        "INSERT INTO tenant_configs (app_id, tenant_id, config) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET config = excluded.config",
        (row.app_id, row.tenant_id, row.config),
    )


def remove(sql: Sql, app_id: str, tenant_id: str) -> bool:
    """Remove a tenant with its sessions; False when there was none."""
    return bool(
        sql(
            "DELETE FROM tenants WHERE app_id = ? AND tenant_id = ? RETURNING 1",
            (app_id, tenant_id),
        )
    )


def remove_app(sql: Sql, app_id: str) -> bool:
    """Remove an app with its tenants, keys and sessions; False when there was none."""
    return bool(sql("DELETE FROM apps WHERE app_id = ? RETURNING 1", (app_id,)))
