"""The apps of a core, made ready when they are first asked for."""

from dataclasses import dataclass
from threading import Lock

from stctl.clock import Clock, Entropy
from stctl.core.activity import ActivityRecorder
from stctl.core.app import App
from stctl.core.directory import Directory
from stctl.core.engine.authenticate import TokenJudge
from stctl.core.identities import Identities
from stctl.core.keyring import KeyHome, KeyRing
from stctl.core.refusals import unknown_tenant
from stctl.core.rotation import RotationRules
from stctl.core.seal import RefreshSealer, new_key_text
from stctl.core.settings import CoreSettings
from stctl.core.store import Database, key_values
from stctl.sessions.handle import PUBLIC_TENANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What all apps of a core share."""

    database: Database
    directory: Directory
    identities: Identities
    activity: ActivityRecorder
    clock: Clock
    entropy: Entropy
    ahead: bool
    """Whether to prepare beforehand what a next request may need."""


class Apps:
    """Every app by its id. Safe to use from any thread."""

    def __init__(self, common: Common) -> None:
        self._common = common
        self._ready: dict[str, App] = {}
        self._making = Lock()

    def of(self, app_id: str) -> App:
        """Return the app; raises `BadRequest` when there is none."""
        if not self._common.directory.app_exists(app_id):
            self.forget(app_id)
            raise unknown_tenant(app_id, PUBLIC_TENANT)
        settings = self._common.directory.settings(app_id, PUBLIC_TENANT)
        app = self._ready.get(app_id)
        # New settings of an app make it anew; an app that was made again has new keys.
        if app is None or app.settings is not settings:
            app = self._made(app_id, settings)
        return app

    def _made(self, app_id: str, settings: CoreSettings) -> App:
        with self._making:
            app = self._ready.get(app_id)
            if app is None or app.settings is not settings:
                self.forget(app_id)
                app = self._ready[app_id] = self._make(app_id, settings)
        return app

    def known(self) -> list[App]:
        """Return the apps that were asked for until now."""
        return list(self._ready.values())

    def forget(self, app_id: str) -> None:
        """Make the app anew when it is next asked for; to be called when it was removed."""
        app = self._ready.pop(app_id, None)
        if app is not None:
            app.sealer.close()

    def _make(self, app_id: str, settings: CoreSettings) -> App:
        common = self._common
        home = KeyHome(
            app_id=app_id, database=common.database, clock=common.clock, entropy=common.entropy
        )
        rules = RotationRules(
            update_interval_ms=settings.key_update_interval_ms,
            access_token_validity_ms=settings.access_token_validity_ms,
        )
        keys = KeyRing(home, rules, migrate_to_dynamic=settings.access_token_signing_key_dynamic)
        return App(
            app_id=app_id,
            settings=settings,
            database=common.database,
            directory=common.directory,
            identities=common.identities,
            keys=keys,
            tokens=TokenJudge(keys),
            sealer=RefreshSealer(_refresh_key(common, app_id), common.entropy, ahead=common.ahead),
            activity=common.activity,
            clock=common.clock,
            entropy=common.entropy,
        )


def _refresh_key(common: Common, app_id: str) -> str:
    """Return the key text of the app's refresh tokens, made once for the life of the app."""
    name = key_values.REFRESH_TOKEN_KEY
    found = key_values.get(common.database.read, app_id, PUBLIC_TENANT, name)
    if found is not None:
        return found[0]
    made, now_ms = new_key_text(common.entropy), common.clock.now_ms()
    with common.database.transaction() as sql:
        found = key_values.get(sql, app_id, PUBLIC_TENANT, name)
        if found is not None:
            return found[0]
        key_values.put(sql, app_id, PUBLIC_TENANT, name=name, value=made, now_ms=now_ms)
    return made
