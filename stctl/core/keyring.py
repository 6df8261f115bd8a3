"""The signing keys of one app: kept, made when due, found by name.

The database is asked when keys are first needed, when a new one is due, and when a token names a
key that is not known, for another process on the same file may have made it.
"""

from dataclasses import dataclass
from threading import Lock
from typing import Final

from stctl.clock import Clock, Entropy
from stctl.core.keys import SigningKey, generate_material
from stctl.core.rotation import RotationRules
from stctl.core.store import Database, Sql, key_values, signing_keys
from stctl.core.store.signing_keys import DynamicKeyRow, StaticKeyRow
from stctl.sessions.handle import PUBLIC_TENANT

_Keys = tuple[SigningKey, ...]
_NONE: Final[_Keys] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHome:
    """Where the keys of an app live."""

    app_id: str
    database: Database
    clock: Clock
    entropy: Entropy


class KeyRing:
    """Dynamic and static keys of one app. Safe to use from any thread.

    Source: core, behaviour notes, section 4.
    """

    def __init__(self, home: KeyHome, rules: RotationRules, *, migrate_to_dynamic: bool) -> None:
        self.rules = rules
        self._home = home
        self._migrate_to_dynamic = migrate_to_dynamic
        self._migrated = False
        self._dynamic = _NONE
        self._static = _NONE
        self._by_kid: dict[str, SigningKey] = {}
        self._loading = Lock()

    def dynamic(self) -> _Keys:
        """Return the dynamic keys that are believed now, newest first; at least one."""
        now_ms = self._home.clock.now_ms()
        if self._wants_successor(now_ms):
            with self._loading:
                if self._wants_successor(now_ms):
                    self._load_dynamic(now_ms)
        oldest = self.rules.oldest_valid(now_ms)
        keys = self._dynamic
        if keys[-1].created_at_ms >= oldest:
            return keys
        return tuple(key for key in keys if key.created_at_ms >= oldest)

    def static(self) -> _Keys:
        """Return the static keys, newest first; at least one."""
        if not self._static:
            with self._loading:
                if not self._static:
                    self._load_static(make_first=True)
        return self._static

    def signing(self, *, static: bool) -> SigningKey:
        """Return the key that signs now."""
        if static:
            return self.static()[0]
        keys = self.dynamic()
        created = [key.created_at_ms for key in keys]
        return keys[self.rules.signing(created, self._home.clock.now_ms())]

    def named(self, kid: str) -> SigningKey | None:
        """Return the key of that name, or None when it is unknown or no longer believed."""
        key = self._by_kid.get(kid)
        if key is None:
            self.reload()
            key = self._by_kid.get(kid)
        if key is None or not key.kid.startswith("d-"):
            return key
        oldest = self.rules.oldest_valid(self._home.clock.now_ms())
        return key if key.created_at_ms >= oldest else None

    def all(self) -> _Keys:
        """Return every key that is believed now: dynamic ones, then static ones."""
        return self.dynamic() + self.static()

    def reload(self) -> None:
        """Read the keys that the database has now."""
        with self._loading:
            self._load_dynamic(self._home.clock.now_ms())
            self._load_static(make_first=False)

    def cache_seconds(self) -> int:
        """Return for how long the published keys may be cached."""
        newest = self.dynamic()[0].created_at_ms
        return self.rules.cache_seconds(newest, self._home.clock.now_ms())

    def forget_old(self) -> None:
        """Delete dynamic keys that are no longer believed."""
        before = self.rules.oldest_valid(self._home.clock.now_ms())
        signing_keys.delete_dynamic_before(self._home.database.write, self._home.app_id, before)

    def _wants_successor(self, now_ms: int) -> bool:
        newest = [key.created_at_ms for key in self._dynamic[:1]]
        return self.rules.wants_successor(newest, now_ms)

    def _load_dynamic(self, now_ms: int) -> None:
        self._migrate()
        rows = self._stored_dynamic(self._home.database.read, now_ms)
        if self._due(rows, now_ms):
            rows = self._make_dynamic(now_ms)
        known = {key.created_at_ms: key for key in self._dynamic}
        self._dynamic = tuple(known.get(row.created_at_ms) or _dynamic_key(row) for row in rows)
        self._index()

    def _stored_dynamic(self, sql: Sql, now_ms: int) -> list[DynamicKeyRow]:
        oldest = self.rules.oldest_valid(now_ms)
        return signing_keys.dynamic_since(sql, self._home.app_id, oldest)

    def _due(self, rows: list[DynamicKeyRow], now_ms: int) -> bool:
        return self.rules.wants_successor([row.created_at_ms for row in rows[:1]], now_ms)

    def _make_dynamic(self, now_ms: int) -> list[DynamicKeyRow]:
        made = DynamicKeyRow(created_at_ms=now_ms, material=generate_material())
        with self._home.database.transaction() as sql:
            rows = self._stored_dynamic(sql, now_ms)
            # Another process may have been faster; then its key serves both.
            if self._due(rows, now_ms):
                signing_keys.add_dynamic(sql, self._home.app_id, made)
                rows = [made, *rows]
        return rows

    def _load_static(self, *, make_first: bool) -> None:
        self._migrate()
        rows = signing_keys.static(self._home.database.read, self._home.app_id)
        if make_first and not rows:
            rows = self._make_static()
        known = {key.kid: key for key in self._static}
        self._static = tuple(known.get(row.kid) or _static_key(row) for row in rows)
        self._index()

    def _make_static(self) -> list[StaticKeyRow]:
        made = StaticKeyRow(
            kid=f"s-{self._home.entropy.uuid()}",
            created_at_ms=self._home.clock.now_ms(),
            material=generate_material(),
        )
        with self._home.database.transaction() as sql:
            rows = signing_keys.static(sql, self._home.app_id)
            if not rows:
                signing_keys.add_static(sql, self._home.app_id, made)
                rows = [made]
        return rows

    def _index(self) -> None:
        self._by_kid = {key.kid: key for key in (*self._dynamic, *self._static)}

    def _migrate(self) -> None:
        """Move the one key of very old cores to where keys are kept now (behaviour notes 4.5)."""
        if self._migrated:
            return
        place = (self._home.app_id, PUBLIC_TENANT, key_values.LEGACY_SIGNING_KEY)
        if key_values.get(self._home.database.read, *place) is not None:
            with self._home.database.transaction() as sql:
                if (found := key_values.get(sql, *place)) is not None:
                    self._adopt(sql, *found)
                    key_values.remove(sql, *place)
        self._migrated = True

    def _adopt(self, sql: Sql, material: str, created_at_ms: int) -> None:
        if self._migrate_to_dynamic:
            dynamic = DynamicKeyRow(created_at_ms=created_at_ms, material=material)
            signing_keys.add_dynamic(sql, self._home.app_id, dynamic)
        else:
            kid = f"s-{self._home.entropy.uuid()}"
            static = StaticKeyRow(kid=kid, created_at_ms=created_at_ms, material=material)
            signing_keys.add_static(sql, self._home.app_id, static)


def _dynamic_key(row: DynamicKeyRow) -> SigningKey:
    return SigningKey(f"d-{row.created_at_ms}", row.created_at_ms, row.material)


def _static_key(row: StaticKeyRow) -> SigningKey:
    return SigningKey(row.kid, row.created_at_ms, row.material)
