"""When a dynamic signing key signs, is believed, and gets a successor: the rules, without keys.

Keys are known here by their creation times in milliseconds, newest first.
Source: core, behaviour notes 4.2 and 4.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

OVERLAP_MS: Final = 60_000
"""How long before its first use a new key is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationRules:
    """The two settings that the life of a dynamic key follows from."""

    update_interval_ms: int
    access_token_validity_ms: int

    def oldest_valid(self, now_ms: int) -> int:
        """Return the earliest creation time of a key that is still believed (exactly: it is)."""
        return now_ms - (self.update_interval_ms + 2 * self.access_token_validity_ms)

    def wants_successor(self, created: Sequence[int], now_ms: int) -> bool:
        """Whether a new key is due: no key, or the newest stops signing in less than a minute.

        In exactly a minute: not yet.
        """
        return not created or now_ms + OVERLAP_MS > created[0] + self.update_interval_ms

    def signing(self, created: Sequence[int], now_ms: int) -> int:
        """Return the index of the key that signs; there must be one.

        The newest; but one younger than a minute is passed over for the one before it, while that
        is younger than the update interval.
        """
        if len(created) > 1 and now_ms - created[0] < OVERLAP_MS:
            return 1 if now_ms - created[1] < self.update_interval_ms else 0
        return 0

    def cache_seconds(self, newest: int, now_ms: int) -> int:
        """Return how long a published key set may be cached: until the next key is due, or 1."""
        return max(1, (newest + self.update_interval_ms - OVERLAP_MS - now_ms) // 1000)
