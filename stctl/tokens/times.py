"""Times of tokens: the verdict on them, and how they are written."""

import time
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from stctl.jsontypes import JsonValue
from stctl.tokens.access import AccessToken
from stctl.tokens.identify.model import Body

if TYPE_CHECKING:
    from stctl.tokens.signed import SignedToken

Verdict: TypeAlias = Literal["valid", "expired", "not-yet-valid", "no-expiry"]

DEFAULT_LIFETIME_MS: Final = 3_600_000
DEFAULT_JITTER: Final = 0.05
_ROUNDING_MS: Final = 1_000
"""Both times of a token are cut down to seconds, each on its own."""

_UNITS: Final = (
    ("y", 365 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("min", 60_000),
    ("s", 1_000),
)


class Validity(NamedTuple):
    """From when until when, seen from one moment; times in milliseconds since the epoch."""

    now_ms: int
    issued_at_ms: int | None
    expires_at_ms: int | None

    @property
    def verdict(self) -> Verdict:
        """At the very moment of its expiry a token is still valid.

        Source: core, behaviour notes 2.3 step 4.
        """
        if self.expires_at_ms is not None and self.expires_at_ms < self.now_ms:
            return "expired"
        if self.issued_at_ms is not None and self.issued_at_ms > self.now_ms:
            return "not-yet-valid"
        return "valid" if self.expires_at_ms is not None else "no-expiry"

    @property
    def lifetime_ms(self) -> int | None:
        """From issue to expiry; None where one of the two is unknown."""
        if self.issued_at_ms is None or self.expires_at_ms is None:
            return None
        return self.expires_at_ms - self.issued_at_ms

    @property
    def has_default_lifetime(self) -> bool:
        """Whether the lifetime is a core's default, with or without its jitter.

        Source: core, behaviour notes section 5: up to 5 % of 3600 s are taken off at random.
        """
        shortest = DEFAULT_LIFETIME_MS * (1 - DEFAULT_JITTER) - _ROUNDING_MS
        return (
            self.lifetime_ms is not None
            and shortest <= self.lifetime_ms <= DEFAULT_LIFETIME_MS + _ROUNDING_MS
        )


def validity_of(body: Body, now_ms: int) -> Validity | None:
    """The times that a token carries; None for kinds that carry none."""
    if isinstance(body, AccessToken):
        return Validity(
            now_ms=now_ms, issued_at_ms=body.issued_at_ms, expires_at_ms=body.expires_at_ms
        )
    return _validity_of_other(body, now_ms)


def _validity_of_other(body: Body, now_ms: int) -> Validity | None:
    from stctl.tokens.front import FrontToken
    from stctl.tokens.opaque import OpaqueToken
    from stctl.tokens.signed import SignedToken

    issued: int | None = None
    expires: int | None
    match body:
        case SignedToken():
            issued, expires = _claim_ms(body, "iat"), _claim_ms(body, "exp")
        case FrontToken():
            expires = body.access_token_expires_at_ms
        case OpaqueToken(expires_at_ms=int()):
            expires = body.expires_at_ms
        case _:
            return None
    return Validity(now_ms=now_ms, issued_at_ms=issued, expires_at_ms=expires)


def _claim_ms(token: "SignedToken", name: str) -> int | None:
    seconds: JsonValue = token.payload.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return int(seconds) * 1000


def duration_text(duration_ms: int) -> str:
    """A duration in its two largest units, cut down; its sign is dropped.

    >>> duration_text(11_545_000), duration_text(-59_999), duration_text(999)
    ('3 h 12 min', '59 s', '0 s')
    """
    rest = abs(duration_ms)
    parts: list[str] = []
    for unit, size_ms in _UNITS:
        count, rest = divmod(rest, size_ms)
        if parts:
            return " ".join([*parts, f"{count} {unit}"]) if count else parts[0]
        if count:
            parts.append(f"{count:,} {unit}")
    return parts[0] if parts else "0 s"


def relative_text(moment_ms: int, now_ms: int) -> str:
    """How far a moment is from now.

    >>> relative_text(0, 60_000), relative_text(90_000, 0), relative_text(5, 0)
    ('1 min ago', 'in 1 min 30 s', 'now')
    """
    difference = moment_ms - now_ms
    if abs(difference) < _ROUNDING_MS:
        return "now"
    text = duration_text(difference)
    return f"in {text}" if difference > 0 else f"{text} ago"


def utc_text(moment_ms: int) -> str | None:
    """A moment in the form of RFC 3339, with milliseconds where it has some.

    None for moments that no calendar holds.

    >>> utc_text(1_700_000_000_000), utc_text(5), utc_text(10**30)
    ('2023-11-14T22:13:20Z', '1970-01-01T00:00:00.005Z', None)
    """
    seconds, milliseconds = divmod(moment_ms, 1000)
    parts = _parts(seconds)
    if parts is None:
        return None
    fraction = f".{milliseconds:03d}" if milliseconds else ""
    return "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}".format(*parts[:6]) + f"{fraction}Z"


def local_text(moment_ms: int, offset_s: int) -> str | None:
    """A moment on a clock that is `offset_s` seconds ahead of UTC; None beyond the calendar.

    >>> local_text(1_700_000_000_000, 3600)
    '2023-11-14 23:13:20 +01:00'
    """
    parts = _parts(moment_ms // 1000 + offset_s)
    if parts is None:
        return None
    minutes = abs(offset_s) // 60
    sign = "-" if offset_s < 0 else "+"
    clock = "{:04d}-{:02d}-{:02d} {:02d}:{:02d}:{:02d}".format(*parts[:6])
    return f"{clock} {sign}{minutes // 60:02d}:{minutes % 60:02d}"


def _parts(seconds: int) -> time.struct_time | None:
    try:
        parts = time.gmtime(seconds)
    except (OverflowError, OSError, ValueError):
        return None
    return parts if 0 <= parts.tm_year <= 9999 else None  # noqa: PLR2004 - four digits of a year
