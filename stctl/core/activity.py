"""Remembers which users are active, at most once per user and five minutes."""

from typing import Final

from stctl.core.store import Sql, activity

_THROTTLE_MS: Final = 300_000
_MOST_REMEMBERED: Final = 100_000


class ActivityRecorder:
    """The activity of users as this process sees it. Safe to use from any thread.

    Source: core, behaviour notes 2.0 and 6.3.
    """

    def __init__(self) -> None:
        self._last_ms: dict[tuple[str, str], int] = {}

    def due(self, app_id: str, user_id: str, now_ms: int) -> bool:
        """Whether the user's activity is to be written now; assumes that it then is."""
        last = self._last_ms.get((app_id, user_id))
        if last is not None and now_ms - last < _THROTTLE_MS:
            return False
        if len(self._last_ms) >= _MOST_REMEMBERED:
            # Forgetting costs a write too many, never one too few.
            self._last_ms.clear()
        self._last_ms[app_id, user_id] = now_ms
        return True

    def forget(self, app_id: str) -> None:
        """Take nothing of an app for written, since it was removed."""
        for key in [key for key in list(self._last_ms) if key[0] == app_id]:
            self._last_ms.pop(key, None)


def write_activity(sql: Sql, place: tuple[str, str], user: tuple[str, str], now_ms: int) -> None:
    """Write that a user was active. `place` is app and tenant, `user` recipe and primary id."""
    activity.mark_active(sql, place[0], user[1], now_ms)
    activity.log(sql, "user_last_active", place=place, user=user, identifier=None, now_ms=now_ms)
