"""One app of the embedded core: everything that its sessions need."""

from contextlib import suppress
from dataclasses import dataclass

from stctl.clock import Clock, Entropy
from stctl.core.activity import ActivityRecorder, write_activity
from stctl.core.directory import Directory
from stctl.core.engine.authenticate import TokenJudge
from stctl.core.identities import Identities, UserIds
from stctl.core.keyring import KeyRing
from stctl.core.refusals import ServerFailure
from stctl.core.seal import RefreshSealer
from stctl.core.settings import CoreSettings
from stctl.core.store import Database, SessionKey
from stctl.errors import StctlError
from stctl.sessions.handle import tenant_of_handle


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What the rules of sessions work with. One object lives as long as its core."""

    app_id: str
    settings: CoreSettings
    database: Database
    directory: Directory
    identities: Identities
    keys: KeyRing
    tokens: TokenJudge
    sealer: RefreshSealer
    activity: ActivityRecorder
    clock: Clock
    entropy: Entropy

    def session_key(self, handle: str) -> SessionKey:
        """Return what names the session of a handle; its tenant must exist (400).

        Source: core, behaviour notes 2.0.
        """
        if handle and not handle.strip("_"):
            raise ServerFailure("A session handle of nothing but underscores has no tenant")
        tenant_id = tenant_of_handle(handle).strip().lower()
        self.directory.require(self.app_id, tenant_id)
        return SessionKey(self.app_id, tenant_id, handle)

    def note_activity(self, tenant_id: str, ids: UserIds, now_ms: int) -> None:
        """Remember that the user was active; a failure to do so is nobody's concern."""
        if self.activity.due(self.app_id, ids.primary, now_ms):
            with suppress(StctlError), self.database.transaction() as sql:
                place = (self.app_id, tenant_id)
                write_activity(sql, place, (ids.recipe, ids.primary), now_ms)
