"""What a key set tells: which key signs, how old each is, and when the next one comes.

Source: core, behaviour notes 4.1, 4.2 and 4.4.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from stctl.jsontypes import JsonObject

OVERLAP_MS = 60_000
"""A dynamic key is published this long before it signs."""
KeyKind = Literal["dynamic", "static"]
Role = Literal["signs", "next", "verifies"]
_MAX_AGE = re.compile(r"max-age=(\d{1,9})")
_DYNAMIC = re.compile(r"d-(\d{1,16})")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedKey:
    """One key of a set."""

    kid: str
    kind: KeyKind
    created_at_ms: int | None
    """None for static keys, whose ids do not tell it."""
    role: Role
    """`next`: published, and not yet used to sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySituation:
    """A key set at one moment; times in milliseconds since the epoch."""

    now_ms: int
    keys: Sequence[PublishedKey]
    max_age_s: int | None
    """How long it may be kept; None where it was not said."""
    interval_ms: int | None
    """How long a dynamic key signs, worked out from `max_age_s`; None where that is unknown."""

    @property
    def signer(self) -> str | None:
        """The dynamic key that signs session tokens now; None where there is none."""
        return next((one.kid for one in self.dynamic if one.role == "signs"), None)

    @property
    def static_signer(self) -> str | None:
        """The static key that signs for those who ask for one."""
        keys = [one for one in self.keys if one.kind == "static"]
        return next((one.kid for one in keys if one.role == "signs"), None)

    @property
    def dynamic(self) -> Sequence[PublishedKey]:
        """The keys that rotate, newest first."""
        return [one for one in self.keys if one.kind == "dynamic"]

    @property
    def next_key_at_ms(self) -> int | None:
        """When the next key is published, by the first use after it."""
        return None if self.max_age_s is None else self.now_ms + self.max_age_s * 1000

    @property
    def is_due(self) -> bool:
        """Whether the next use of the keys makes a new one."""
        return self.max_age_s is not None and self.max_age_s <= 1


def max_age_of(cache_control: str | None) -> int | None:
    """Read how many seconds an answer may be kept; None where the header does not say."""
    found = _MAX_AGE.search(cache_control or "")
    return int(found[1]) if found else None


def read_situation(document: JsonObject, max_age_s: int | None, now_ms: int) -> KeySituation:
    """Tell what a key set says at a moment. Entries without an id are passed over."""
    listed = document.get("keys")
    kids = [
        str(key["kid"])
        for key in (listed if isinstance(listed, list) else [])
        if isinstance(key, dict) and isinstance(key.get("kid"), str)
    ]
    created = {kid: int(found[1]) for kid in kids if (found := _DYNAMIC.fullmatch(kid))}
    dynamic = sorted(created, key=lambda kid: -created[kid])
    static = [kid for kid in kids if kid not in created]
    interval_ms = _interval_ms(created[dynamic[0]], max_age_s, now_ms) if dynamic else None
    signer = _signer([created[kid] for kid in dynamic], interval_ms, now_ms)
    return KeySituation(
        now_ms=now_ms,
        keys=[
            *(
                PublishedKey(
                    kid=kid,
                    kind="dynamic",
                    created_at_ms=created[kid],
                    role=_role(number, signer),
                )
                for number, kid in enumerate(dynamic)
            ),
            *(
                PublishedKey(kid=kid, kind="static", created_at_ms=None, role=_role(number, 0))
                for number, kid in enumerate(static)
            ),
        ],
        max_age_s=max_age_s,
        interval_ms=interval_ms,
    )


def _interval_ms(newest_ms: int, max_age_s: int | None, now_ms: int) -> int | None:
    """Turn the formula of the cache header round; it is cut down to seconds, so this is too.

    An age of one second is also what the core says when the next key is overdue: it tells nothing.
    """
    if max_age_s is None or max_age_s <= 1:
        return None
    exact = max_age_s * 1000 + OVERLAP_MS + now_ms - newest_ms
    # Whoever configures it does so in hours; what is off by a clock or a second is rounded away.
    minutes = round(exact / 60_000)
    return minutes * 60_000


def _signer(created: Sequence[int], interval_ms: int | None, now_ms: int) -> int:
    """The number of the key that signs: the newest, unless it was published too shortly ago."""
    is_fresh = bool(created) and now_ms - created[0] < OVERLAP_MS
    if not is_fresh or len(created) == 1:
        return 0
    is_usable = interval_ms is None or now_ms - created[1] < interval_ms
    return 1 if is_usable else 0


def _role(number: int, signer: int) -> Role:
    if number == signer:
        return "signs"
    return "next" if number < signer else "verifies"
