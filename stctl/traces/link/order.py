"""Finds out in which order a trace has its exchanges: as they begin, or as they end."""

from collections import deque
from typing import Final

from stctl.traces.model import Entry, Timing

_RECENT: Final = 64
_JITTER_MS: Final = 2
_SKEW_MS: Final = 20
"""Recorders of two sides have two clocks: a call may seem to begin before its request."""


class Order:
    """Watches the starts and ends of exchanges as they come."""

    def __init__(self) -> None:
        self._recent: deque[int] = deque(maxlen=_RECENT)
        self.newest_ms = 0
        """The latest start among the last exchanges: one false time does not spoil it for ever."""
        self._last_end_ms = 0.0
        self._has_falling_start = False
        self._has_falling_end = False

    def watch(self, entry: Entry) -> None:
        """Take note of the next exchange; one without a time of its own says nothing."""
        if entry.timing is not Timing.MEASURED:
            return
        if entry.started_at_ms < self.newest_ms - _SKEW_MS:
            self._has_falling_start = True
        if entry.ended_at_ms < self._last_end_ms - _JITTER_MS:
            self._has_falling_end = True
        self._recent.append(entry.started_at_ms)
        self.newest_ms = max(self._recent)
        self._last_end_ms = entry.ended_at_ms

    @property
    def is_by_start(self) -> bool:
        """Whether exchanges come as they begin; False while both orders fit."""
        return self._has_falling_end and not self._has_falling_start
