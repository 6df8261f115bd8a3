"""The version of the interface (CDI) that a request asks for: what its header may say."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from stctl.core.cdi_versions import SUPPORTED as SUPPORTED_TEXTS
from stctl.core.refusals import BadRequest, ServerFailure

_LARGEST_PART: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, order=True)
class CdiVersion:
    """A version that compares by its numbers: 2.10 is above 2.9, and 5.6.0 equals 5.6.

    Membership in `SUPPORTED` goes by the exact text all the same, so 5.6.0 is not supported.
    Source: core, behaviour notes 1.4.
    """

    parts: tuple[int, ...]


def _numbers(text: str) -> tuple[int, ...]:
    parts = [int(part) for part in text.split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


SUPPORTED: Final = {text: CdiVersion(_numbers(text)) for text in SUPPORTED_TEXTS}
"""Every version that the core speaks, oldest first, by its text."""

V2_9: Final = SUPPORTED["2.9"]
V2_21: Final = SUPPORTED["2.21"]
V3_0: Final = SUPPORTED["3.0"]
V4_0: Final = SUPPORTED["4.0"]
V5_0: Final = SUPPORTED["5.0"]
V5_3: Final = SUPPORTED["5.3"]
V5_6: Final = SUPPORTED["5.6"]
"""The first version of the rotation family."""
NEWEST_TEXT: Final = SUPPORTED_TEXTS[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedVersion:
    """The version of one request: its number, and whether it is one of those the core supports."""

    text: str
    version: CdiVersion
    supported: bool


def negotiate(header: str | None, newest: str | None, oldest: str | None) -> AskedVersion:
    """Return the version that a request asks for with its `cdi-version` header.

    `newest` and `oldest` are `supertokens_max_cdi_version` and `supertokens_min_cdi_version`; None
    means no limit of its own. Without a header the newest version is meant, and the oldest limit
    is not applied. Raises `BadRequest` for a malformed header and for one outside the limits, even
    where no version is needed, and `ServerFailure` for a part that no 32-bit integer holds.

    Source: core, behaviour notes 1.4.
    """
    if header is None:
        text = newest or NEWEST_TEXT
        return AskedVersion(text=text, version=SUPPORTED[text], supported=True)
    return _bounded(header, newest, oldest)


@lru_cache(maxsize=256)
def _bounded(header: str, newest: str | None, oldest: str | None) -> AskedVersion:
    version = SUPPORTED.get(header) or _read(header)
    if version > SUPPORTED[newest or NEWEST_TEXT]:
        raise not_supported(header)
    if oldest is not None and version < SUPPORTED[oldest]:
        raise not_supported(header)
    return AskedVersion(text=header, version=version, supported=header in SUPPORTED)


def _read(text: str) -> CdiVersion:
    if not all(part.isascii() and part.isdigit() for part in text.split(".")):
        raise BadRequest("The cdi-version header is not digits separated by dots")
    parts = _numbers(text)
    if any(part > _LARGEST_PART for part in parts):
        raise ServerFailure("A part of the cdi-version header is too large")
    return CdiVersion(parts)


def not_supported(text: str) -> BadRequest:
    """400 for a version that this core does not speak, or was configured not to speak."""
    return BadRequest(f"cdi-version {text} is not supported")


def spoken(newest: str | None) -> list[str]:
    """The versions that `/apiversion` lists: the supported ones up to the configured maximum.

    The configured minimum is not applied. Source: core, behaviour notes 1.9.
    """
    limit = SUPPORTED[newest or NEWEST_TEXT]
    return [text for text, version in SUPPORTED.items() if version <= limit]
