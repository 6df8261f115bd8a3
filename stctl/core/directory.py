"""Which apps and tenants there are, and the settings of each."""

from dataclasses import replace
from typing import Final

from stctl.clock import Clock
from stctl.core.refusals import unknown_tenant
from stctl.core.settings import CoreSettings
from stctl.core.store import Database, tenants
from stctl.core.store.tenants import TenantRow
from stctl.core.tenancy import TenantConfig, own_settings
from stctl.sessions.handle import PUBLIC_APP, PUBLIC_TENANT

_REMEMBERED_MS: Final = 60_000


class Directory:
    """Apps and tenants of one database. Safe to use from any thread.

    What is there is remembered for a minute, so that a tenant that another process removed may be
    served that long (its sessions are gone at once). What is not there is asked for every time.
    """

    def __init__(self, database: Database, clock: Clock, settings: CoreSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._seen_at_ms: dict[tuple[str, str], int] = {}
        self._own: dict[tuple[str, str], CoreSettings] = {}

    def tenant_exists(self, app_id: str, tenant_id: str) -> bool:
        """Whether the tenant is there. The public tenant of the public app always is."""
        if app_id == PUBLIC_APP and tenant_id == PUBLIC_TENANT:
            return True
        now_ms = self._clock.now_ms()
        seen = self._seen_at_ms.get((app_id, tenant_id))
        if seen is not None and now_ms - seen < _REMEMBERED_MS:
            return True
        row = tenants.find(self._database.read, app_id, tenant_id)
        if row is None:
            return False
        self._own[app_id, tenant_id] = self._settings_of(row)
        self._seen_at_ms[app_id, tenant_id] = now_ms
        return True

    def _settings_of(self, row: TenantRow) -> CoreSettings:
        own = own_settings(TenantConfig.read(row.config))
        return replace(self._settings, **own) if own else self._settings  # type: ignore[arg-type]

    def app_exists(self, app_id: str) -> bool:
        """Whether the app is there: it has a public tenant as long as it lives."""
        return self.tenant_exists(app_id, PUBLIC_TENANT)

    def require(self, app_id: str, tenant_id: str) -> None:
        """Raise `BadRequest` (400) unless the tenant is there."""
        if not self.tenant_exists(app_id, tenant_id):
            raise unknown_tenant(app_id, tenant_id)

    def settings(self, app_id: str, tenant_id: str) -> CoreSettings:
        """Return the settings of a tenant, for an unknown one those of its app's public tenant.

        All tenants share the core's settings, but for what a tenant has for itself.
        """
        if tenant_id == PUBLIC_TENANT or not self.tenant_exists(app_id, tenant_id):
            return self._settings
        return self._own.get((app_id, tenant_id), self._settings)

    def forget(self) -> None:
        """Ask the database again for everything; to be called after a change of tenants."""
        self._seen_at_ms.clear()
