"""Who a user id belongs to, by the tables of users and mappings.

Source: core, behaviour notes 2.0.
"""

from typing import Final

from stctl.clock import Clock
from stctl.core.identities import UserIds
from stctl.core.store import Database, Sql, mappings, users

_REMEMBERED_MS: Final = 1_000


class StoredIdentities:
    """Answers of `Identities` from the store. Safe to use from any thread.

    Most apps have no links and no mappings. That is asked once and remembered for a second, since
    another process may make the first one; what this process makes is known at once.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._plain_until_ms: dict[str, int] = {}
        self._forgotten = 0

    def at_login(self, app_id: str, user_id: str) -> UserIds:
        """Return both ids for the id that a session is created with; an unknown id is both."""
        if self._every_id_is_itself(app_id):
            return UserIds(primary=user_id, recipe=user_id)
        sql = self._database.read
        mapped = mappings.by_external(sql, app_id, user_id)
        return _both(sql, app_id, mapped.own if mapped else user_id)

    def of_recipe_user(self, app_id: str, recipe_user_id: str) -> UserIds:
        """Return both ids for the id that is stored with a session, which stays as it is."""
        if self._every_id_is_itself(app_id):
            return UserIds(primary=recipe_user_id, recipe=recipe_user_id)
        sql = self._database.read
        mapped = mappings.by_external(sql, app_id, recipe_user_id)
        own = mapped.own if mapped else recipe_user_id
        whole = users.primary_id(sql, app_id, own)
        if whole is None or whole == own:
            return UserIds(primary=recipe_user_id, recipe=recipe_user_id)
        return UserIds(primary=mappings.outer_id(sql, app_id, whole), recipe=recipe_user_id)

    def linked(self, app_id: str, user_id: str) -> list[str]:
        """Return the id as it was given, and those that linked login methods' sessions have.

        A mapped user's sessions have the external id, so that the own one finds none of them.
        """
        if self._every_id_is_itself(app_id):
            return [user_id]
        sql = self._database.read
        mapped = mappings.by_external(sql, app_id, user_id)
        own = mapped.own if mapped else user_id
        user = users.find(sql, app_id, own)
        methods = user.methods if user else ()
        others = [method.outer_id for method in methods if method.user_id != own]
        return [user_id, *others]

    def forget(self, app_id: str) -> None:
        """Ask again; to be called after a link or a mapping was made."""
        # Counted first: who is asking just now must not remember what was true before.
        self._forgotten += 1
        self._plain_until_ms.pop(app_id, None)

    def _every_id_is_itself(self, app_id: str) -> bool:
        now_ms = self._clock.now_ms()
        if now_ms < self._plain_until_ms.get(app_id, 0):
            return True
        forgotten = self._forgotten
        if mappings.any_differs(self._database.read, app_id):
            return False
        if forgotten == self._forgotten:
            self._plain_until_ms[app_id] = now_ms + _REMEMBERED_MS
        return True


def _both(sql: Sql, app_id: str, own: str) -> UserIds:
    whole = users.primary_id(sql, app_id, own) or own
    return UserIds(
        primary=mappings.outer_id(sql, app_id, whole), recipe=mappings.outer_id(sql, app_id, own)
    )
