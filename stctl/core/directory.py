"""Which apps and tenants there are, and the settings of each."""

from dataclasses import dataclass, replace
from typing import Final

from stctl.clock import Clock
from stctl.core.own_settings import settings_with
from stctl.core.refusals import unknown_tenant
from stctl.core.settings import CoreSettings
from stctl.core.store import Database, tenants
from stctl.core.store.tenants import TenantRow
from stctl.core.tenancy import TenantConfig
from stctl.sessions.handle import PUBLIC_APP, PUBLIC_TENANT

_REMEMBERED_MS: Final = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    row: TenantRow
    base: CoreSettings
    """What its settings differ from: those of the core, or of the app."""
    settings: CoreSettings


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
        self._known: dict[tuple[str, str], _Known] = {}
        self._forgotten = 0

    def tenant_exists(self, app_id: str, tenant_id: str) -> bool:
        """Whether the tenant is there. The public tenant of the public app always is."""
        if app_id == PUBLIC_APP and tenant_id == PUBLIC_TENANT:
            return True
        return self._look(app_id, tenant_id) is not None

    def app_exists(self, app_id: str) -> bool:
        """Whether the app is there: it has a public tenant as long as it lives."""
        return self.tenant_exists(app_id, PUBLIC_TENANT)

    def require(self, app_id: str, tenant_id: str) -> None:
        """Raise `BadRequest` (400) unless the tenant is there."""
        if not self.tenant_exists(app_id, tenant_id):
            raise unknown_tenant(app_id, tenant_id)

    def settings(self, app_id: str, tenant_id: str) -> CoreSettings:
        """Return the settings of a tenant, for an unknown one those of its app's public tenant.

        The public tenant's are those of the app. An app has the core's settings, but for what it
        has for itself, and its tenants have the app's. As long as nothing changes, the same object
        is returned; an app that was removed and made again has another one.
        """
        if tenant_id == PUBLIC_TENANT:
            if app_id == PUBLIC_APP:
                return self._settings
            return self._look(app_id, PUBLIC_TENANT) or self._settings
        return self._look(app_id, tenant_id) or self.settings(app_id, PUBLIC_TENANT)

    def core_settings(self) -> CoreSettings:
        """Return the core's own settings, which are those of the public app."""
        return self._settings

    def forget(self) -> None:
        """Ask the database again for everything; to be called after a change of tenants."""
        # Counted first: who is asking just now must not remember what was true before.
        self._forgotten += 1
        self._seen_at_ms.clear()

    def _look(self, app_id: str, tenant_id: str) -> CoreSettings | None:
        """Return the settings of a tenant that is there."""
        key, now_ms = (app_id, tenant_id), self._clock.now_ms()
        known, seen_at_ms = self._known.get(key), self._seen_at_ms.get(key)
        if known is not None and seen_at_ms is not None and now_ms - seen_at_ms < _REMEMBERED_MS:
            return known.settings
        forgotten = self._forgotten
        row = tenants.find(self._database.read, app_id, tenant_id)
        if row is None:
            self._known.pop(key, None)
            return None
        base = self._settings
        if tenant_id != PUBLIC_TENANT:
            base = self.settings(app_id, PUBLIC_TENANT)
        if known is None or known.row != row or known.base is not base:
            known = self._known[key] = _new(row, base)
        if forgotten == self._forgotten:
            self._seen_at_ms[key] = now_ms
        return known.settings


def _new(row: TenantRow, base: CoreSettings) -> _Known:
    # A copy even where nothing differs: whoever holds the former object notices.
    settings = replace(settings_with(base, TenantConfig.read(row.config).core_config))
    return _Known(row=row, base=base, settings=settings)
