"""Tidying up: expired sessions every twelve hours, old keys and events every day.

There is no timer. The first request after a chore is due does it, counted from when the core was
opened; a core that nobody asks keeps its expired rows, as a core that is not running does.
Source: core, behaviour notes 4.2, 6.3 and 6.5.
"""

from typing import Final

from stctl.core.call import CoreParts
from stctl.core.store import activity, sessions

_MS_PER_HOUR: Final = 3_600_000
_SESSIONS_EVERY_MS: Final = 12 * _MS_PER_HOUR
_KEYS_EVERY_MS: Final = 24 * _MS_PER_HOUR
_EVENTS_KEPT_MS: Final = 31 * 24 * _MS_PER_HOUR


class Chores:
    """What is to be done now and then."""

    def __init__(self, parts: CoreParts) -> None:
        self._parts = parts
        now_ms = parts.clock.now_ms()
        self._sessions_at_ms = now_ms + _SESSIONS_EVERY_MS
        self._keys_at_ms = now_ms + _KEYS_EVERY_MS

    def do_if_due(self) -> None:
        """Do what is due; for most requests nothing is."""
        now_ms = self._parts.clock.now_ms()
        if now_ms >= self._sessions_at_ms:
            # Set first: other requests need not do the same work again.
            self._sessions_at_ms = now_ms + _SESSIONS_EVERY_MS
            self.forget_expired_sessions()
        if now_ms >= self._keys_at_ms:
            self._keys_at_ms = now_ms + _KEYS_EVERY_MS
            self.forget_old_keys_and_events()

    def forget_expired_sessions(self) -> None:
        """Delete sessions with `expires_at <= now`, of every app."""
        sessions.delete_expired(self._parts.database.write, self._parts.clock.now_ms())

    def forget_old_keys_and_events(self) -> None:
        """Delete keys that nobody believes any more, and events older than 31 days."""
        for app in self._parts.apps.known():
            app.keys.forget_old()
        before = self._parts.clock.now_ms() - _EVENTS_KEPT_MS
        activity.delete_log_before(self._parts.database.write, before)
