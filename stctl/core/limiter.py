"""A bucket of tokens: how often something may be done. Source: core, behaviour notes 1.9."""

from threading import Lock
from typing import Final

_CAPACITY: Final = 5
_REFILL_MS: Final = 200


class RateLimiter:
    """Five at once, and one more every 200 ms, for each key. Safe to use from any thread."""

    def __init__(self) -> None:
        self._full_at_ms: dict[str, int] = {}
        self._lock = Lock()

    def allows(self, key: str, now_ms: int) -> bool:
        """Whether it may be done now; takes one of the key's tokens if so."""
        with self._lock:
            # The moment at which the bucket will be full says how many tokens are missing.
            full_at_ms = max(self._full_at_ms.get(key, now_ms), now_ms) + _REFILL_MS
            if full_at_ms - now_ms > _CAPACITY * _REFILL_MS:
                return False
            self._full_at_ms[key] = full_at_ms
            return True
