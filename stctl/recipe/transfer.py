"""Where tokens travel in a request, and which of them counts.

Source: SDKs, behaviour notes 1.1, 1.4 and 1.5.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import unquote

from stctl.exchange import Request
from stctl.recipe.profiles.profile import Profile

ACCESS_COOKIE: Final = "sAccessToken"
REFRESH_COOKIE: Final = "sRefreshToken"
LEGACY_COOKIE: Final = "sIdRefreshToken"
ACCESS_HEADER: Final = "st-access-token"
REFRESH_HEADER: Final = "st-refresh-token"
FRONT_TOKEN_HEADER: Final = "front-token"  # noqa: S105 - the name of a header
ANTI_CSRF_HEADER: Final = "anti-csrf"
AUTH_MODE_HEADER: Final = "st-auth-mode"
LEGACY_HEADER: Final = "id-refresh-token"
RID_HEADER: Final = "rid"
_BEARER: Final = "Bearer "

Place = Literal["header", "cookie"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """The tokens and marks that a request carries."""

    bearer: str | None
    """What stands behind `Bearer ` in the Authorization header; may be empty."""
    cookies: Mapping[str, tuple[str, ...]]
    """Decoded values by name, in order; more than one where a name is doubled."""
    doubled: frozenset[str]
    """Names that the SDK counts as doubled."""
    auth_mode: str | None
    rid: str | None
    anti_csrf: str | None

    def cookie(self, name: str) -> str | None:
        """The first cookie of a name."""
        values = self.cookies.get(name)
        return values[0] if values else None

    @property
    def has_legacy_cookie(self) -> bool:
        """Whether the marker of the SDKs before header mode came along."""
        return LEGACY_COOKIE in self.cookies


def read_transfer(request: Request, profile: Profile) -> Transfer:
    """Read what a request carries, the way the SDK of `profile` reads it."""
    return _read(tuple(request.headers), plus_is_space=profile.plus_is_space)


# Whoever infers what happened walks one request many times, and looks at a few hundred in turn.
@lru_cache(maxsize=512)
def _read(headers: tuple[tuple[str, str], ...], *, plus_is_space: bool) -> Transfer:
    cookies: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    for header, value in headers:
        lowered = header.lower()
        first.setdefault(lowered, value)
        if lowered == "cookie":
            for name, raw in cookie_pairs(value):
                cookies.setdefault(name, []).append(decode_cookie(raw, plus_is_space=plus_is_space))
    return Transfer(
        bearer=_bearer(first.get("authorization")),
        cookies={name: tuple(values) for name, values in cookies.items()},
        doubled=frozenset(name for name, values in cookies.items() if len(values) > 1),
        auth_mode=first.get(AUTH_MODE_HEADER),
        rid=first.get(RID_HEADER),
        anti_csrf=first.get(ANTI_CSRF_HEADER),
    )


def _bearer(authorization: str | None) -> str | None:
    if authorization is None or not authorization.startswith(_BEARER):
        return None
    return authorization.removeprefix(_BEARER).strip()


def cookie_pairs(text: str) -> Iterator[tuple[str, str]]:
    """Names and raw values of a Cookie header, in order, doubled ones included.

    A value goes to the next semicolon and may hold equal signs itself.
    """
    for piece in text.split(";"):
        name, mark, value = piece.strip().partition("=")
        if mark and name:
            yield name, value


def decode_cookie(raw: str, *, plus_is_space: bool = False) -> str:
    """Value of a cookie: one pair of double quotes stripped, percent signs decoded."""
    if len(raw) > 1 and raw.startswith('"') and raw.endswith('"'):
        raw = raw[1:-1]
    return unquote(raw.replace("+", " ") if plus_is_space else raw)
