"""Whether a token fits into a cookie, and what makes it heavy."""

import json
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

from stctl.jsontypes import JsonValue
from stctl.tokens.access import LAST_BASE64_VERSION, AccessToken
from stctl.tokens.identify.model import Finding

Fit: TypeAlias = Literal["fits", "at-risk", "too-large"]

BROWSER_LIMIT_BYTES: Final = 4096
"""A browser ignores a cookie whose name and value together are longer.

Source: RFC 6265bis section 5.7. Some count the attributes as well (RFC 6265 section 6.1).
"""
_ATTRIBUTES: Final = (
    "; Path=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=None"
)
_PATHS: Final = {"sAccessToken": "/", "sRefreshToken": "/auth/session/refresh"}
_ESCAPED: Final = frozenset("+/=")
_HEAVIEST: Final = 10


class Weight(NamedTuple):
    """A claim with the bytes it adds to the token."""

    claim: str
    size_bytes: int


class CookieSize(NamedTuple):
    """A token as the cookie that an SDK would set."""

    cookie: str
    pair_bytes: int
    """Name and value, the value percent-encoded."""
    whole_bytes: int
    """With the attributes that an SDK sets by default."""
    heaviest: tuple[Weight, ...]
    """Claims, heaviest first; at most ten, none for a refresh token."""

    @property
    def fit(self) -> Fit:
        """`at-risk` where only browsers that count the attributes drop the cookie."""
        if self.pair_bytes > BROWSER_LIMIT_BYTES:
            return "too-large"
        return "at-risk" if self.whole_bytes > BROWSER_LIMIT_BYTES else "fits"


def cookie_size(finding: Finding) -> CookieSize | None:
    """The size of an access or refresh token as a cookie; None for other kinds."""
    body = finding.body
    if isinstance(body, AccessToken):
        return _measure("sAccessToken", finding.text, _weights(body))
    return _measure("sRefreshToken", finding.text, ()) if finding.kind == "refresh-token" else None


def _measure(cookie: str, text: str, heaviest: tuple[Weight, ...]) -> CookieSize:
    pair = len(cookie) + len(text) + 2 * sum(text.count(escaped) for escaped in _ESCAPED)
    return CookieSize(
        cookie=cookie,
        pair_bytes=pair,
        whole_bytes=pair + len("=") + len(_ATTRIBUTES) + len(_PATHS[cookie]),
        heaviest=heaviest,
    )


def _weights(token: AccessToken) -> tuple[Weight, ...]:
    claims: dict[str, JsonValue] = dict(token.structure.payload)
    if token.version <= LAST_BASE64_VERSION:
        claims.pop("userData", None)
        claims.update(token.user_claims)
    return heaviest_of(claims)


def heaviest_of(claims: Mapping[str, JsonValue]) -> tuple[Weight, ...]:
    """Claims by the bytes of base64 that name and value take, heaviest first; at most ten."""
    weights = [Weight(name, _bytes_of(name, value)) for name, value in claims.items()]
    weights.sort(key=lambda weight: -weight.size_bytes)
    return tuple(weights[:_HEAVIEST])


def _bytes_of(name: str, value: JsonValue) -> int:
    # Quotes, colon and comma around name and value; three bytes become four characters.
    if isinstance(value, str) and value.isascii():
        inner = len(value) + 2
    else:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        inner = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    return (inner + len(name) + 4) * 4 // 3
