"""Requests per second, minute by minute for a day. Source: core, behaviour notes 7.9."""

from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

MINUTES_KEPT: Final = 1440
_NO_DATA: Final = -1
_MS_PER_S: Final = 1000
_MS_PER_MINUTE: Final = 60_000
_S_PER_MINUTE: Final = 60


@dataclass(slots=True)
class _Counter:
    """Counts of one app; a minute is filed away when a later one begins."""

    minute: int
    second: int = 0
    in_second: int = 0
    total: int = 0
    peak: int = 0
    averages: deque[float] = field(
        default_factory=lambda: deque([_NO_DATA] * MINUTES_KEPT, MINUTES_KEPT)
    )
    peaks: deque[int] = field(
        default_factory=lambda: deque([_NO_DATA] * MINUTES_KEPT, MINUTES_KEPT)
    )

    def advance(self, now_ms: int) -> None:
        """File away every minute that has ended; quiet minutes have zeros."""
        minute = now_ms // _MS_PER_MINUTE
        # One more than is kept: after so many the minute that was counted is gone too.
        for _ in range(min(minute - self.minute, MINUTES_KEPT + 1)):
            self.averages.append(self.total / _S_PER_MINUTE)
            self.peaks.append(self.peak)
            self.total = self.peak = self.in_second = 0
        self.minute = max(self.minute, minute)

    def count(self, now_ms: int) -> None:
        """Count one request."""
        self.advance(now_ms)
        second = now_ms // _MS_PER_S
        if second != self.second:
            self.second, self.in_second = second, 0
        self.in_second += 1
        self.total += 1
        self.peak = max(self.peak, self.in_second)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfRequests:
    """The last 1440 minutes, oldest first; -1 where the core was not counting."""

    at_minute: int
    """The minute that is under way, in minutes since the epoch; it is not in the lists."""
    averages: list[float]
    peaks: list[int]


class RequestStatistics:
    """Counts the requests of each app, in memory only. Safe to use from any thread."""

    def __init__(self) -> None:
        self._counters: dict[str, _Counter] = {}
        self._lock = Lock()

    def count(self, app_id: str, now_ms: int) -> None:
        """Count a request of the app."""
        with self._lock:
            self._counter(app_id, now_ms).count(now_ms)

    def last_day(self, app_id: str, now_ms: int) -> DayOfRequests:
        """Return what was counted for the app."""
        with self._lock:
            counter = self._counter(app_id, now_ms)
            counter.advance(now_ms)
            return DayOfRequests(
                at_minute=counter.minute,
                averages=list(counter.averages),
                peaks=list(counter.peaks),
            )

    def forget(self, app_id: str) -> None:
        """Begin anew for an app that was removed."""
        with self._lock:
            self._counters.pop(app_id, None)

    def _counter(self, app_id: str, now_ms: int) -> _Counter:
        counter = self._counters.get(app_id)
        if counter is None:
            counter = self._counters[app_id] = _Counter(minute=now_ms // _MS_PER_MINUTE)
        return counter
