"""How far a core's clock is from this machine's, found out by reading alone.

The cache header of the key set counts down to a moment that is known: the birth of the newest key,
which its id tells, plus the rotation interval, less a minute. So it tells the core's time. Without
the interval the header `Date` has to do, which may be that of a proxy.

Source: core, behaviour notes 4.4.
"""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Literal

from stctl.checks.keyset import OVERLAP_MS, KeySituation


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """A difference of two clocks."""

    ahead_ms: int
    """How far the core's clock is ahead of this one's; less than zero: behind."""
    source: Literal["key set", "Date"]


def skew_of(
    situation: KeySituation, interval_ms: int | None, date: str | None, now_ms: int
) -> Skew | None:
    """Measure the difference, to about a second; None where nothing tells it."""
    return _by_keys(situation, interval_ms) or _by_date(date, now_ms)


def _by_keys(situation: KeySituation, interval_ms: int | None) -> Skew | None:
    born_ms = next((one.created_at_ms for one in situation.dynamic), None)
    if born_ms is None or interval_ms is None or not situation.max_age_s or situation.is_due:
        return None
    # The age was cut down to seconds: half a second off is the best guess.
    core_ms = born_ms + interval_ms - OVERLAP_MS - situation.max_age_s * 1000 - 500
    return Skew(ahead_ms=core_ms - situation.now_ms, source="key set")


def _by_date(date: str | None, now_ms: int) -> Skew | None:
    if date is None:
        return None
    try:
        told_ms = int(parsedate_to_datetime(date).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        return None
    return Skew(ahead_ms=told_ms + 500 - now_ms, source="Date")
