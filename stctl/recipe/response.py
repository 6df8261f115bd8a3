"""What the recipe writes on an answer: tokens set, tokens cleared.

Changes are collected as values and written as headers at the end, because a framework may replace
a cookie that is written twice or send both.

Source: SDKs, behaviour notes 1.2, 1.3 and 4.2.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import Final, TypeAlias
from urllib.parse import quote

from stctl.exchange import Pairs
from stctl.recipe.config import AppConfig
from stctl.recipe.front_token import anti_csrf_of, encode_front_token
from stctl.recipe.transfer import (
    ACCESS_COOKIE,
    ACCESS_HEADER,
    ANTI_CSRF_HEADER,
    FRONT_TOKEN_HEADER,
    LEGACY_COOKIE,
    LEGACY_HEADER,
    REFRESH_COOKIE,
    REFRESH_HEADER,
    Place,
)
from stctl.sessions.answers import IssuedToken, NewTokens

EPOCH_MS: Final = 0
_YEAR_MS: Final = 365 * 24 * 3600 * 1000
REMOVE: Final = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCookie:
    """A cookie on the answer; expiring at the epoch means cleared."""

    name: str
    value: str
    expires_at_ms: int
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class SetHeader:
    """A header on the answer that scripts may read; an empty value means cleared."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class DropHeader:
    """A header taken off the answer again."""

    name: str


Change: TypeAlias = SetCookie | SetHeader | DropHeader


def clear_place(place: Place, app: AppConfig) -> list[Change]:
    """Clear the tokens of one transfer method, as sign-out and a changed method do."""
    if app.profile.seed is not None:
        return _clear_seed(app)
    tokens: list[Change]
    if place == "cookie":
        tokens = [clear_cookie(name, app) for name in (ACCESS_COOKIE, REFRESH_COOKIE)]
    else:
        tokens = [SetHeader(ACCESS_HEADER, ""), SetHeader(REFRESH_HEADER, "")]
    return [*tokens, DropHeader(ANTI_CSRF_HEADER), SetHeader(FRONT_TOKEN_HEADER, REMOVE)]


def clear_everything(app: AppConfig) -> list[Change]:
    """Clear the tokens of both transfer methods, whatever the client uses."""
    if app.profile.seed is not None:
        return _clear_seed(app)
    return [*clear_place("cookie", app), *clear_place("header", app)]


def _clear_seed(app: AppConfig) -> list[Change]:
    """Three cookies and the marker header: the seed era knows no other place."""
    names = (ACCESS_COOKIE, REFRESH_COOKIE, LEGACY_COOKIE)
    cookies: list[Change] = [clear_cookie(name, app) for name in names]
    return [*cookies, DropHeader(ANTI_CSRF_HEADER), SetHeader(LEGACY_HEADER, REMOVE)]


def clear_cookie(name: str, app: AppConfig, *, domain: str | None = None) -> SetCookie:
    """Clear one cookie, on the app's own domain unless another is given."""
    wanted = app.cookie_domain if domain is None else domain or None
    return SetCookie(name=name, value="", expires_at_ms=EPOCH_MS, domain=wanted)


def attach_tokens(tokens: NewTokens, place: Place, app: AppConfig) -> list[Change]:
    """Put both tokens of a created or refreshed session on the answer."""
    changes = attach_access_token(tokens.access_token, tokens.session.user_id, place, app)
    refresh = tokens.refresh_token
    if place == "cookie":
        changes.append(
            SetCookie(
                name=REFRESH_COOKIE,
                value=refresh.token,
                expires_at_ms=refresh.expires_at_ms,
                domain=app.cookie_domain,
            )
        )
    else:
        changes.append(SetHeader(REFRESH_HEADER, refresh.token))
    if app.profile.seed is not None:
        changes.extend(_attach_marker(tokens.id_refresh_token or refresh, app))
    return changes


def _attach_marker(token: IssuedToken, app: AppConfig) -> list[Change]:
    """The marker of the seed era: a cookie for the backend, a header for the page."""
    cookie = SetCookie(
        name=LEGACY_COOKIE,
        value=token.token,
        expires_at_ms=token.expires_at_ms,
        domain=app.cookie_domain,
    )
    return [cookie, SetHeader(LEGACY_HEADER, f"{token.token};{token.expires_at_ms}")]


def attach_access_token(
    token: IssuedToken, user_id: str, place: Place, app: AppConfig
) -> list[Change]:
    """Put an access token on the answer, with what scripts need to know of it."""
    front = encode_front_token(token, user_id, app.profile.front_token_order)
    changes: list[Change] = [SetHeader(FRONT_TOKEN_HEADER, front)]
    if place == "cookie":
        changes.append(
            SetCookie(
                name=ACCESS_COOKIE,
                value=token.token,
                expires_at_ms=token.created_at_ms + _YEAR_MS,
                domain=app.cookie_domain,
            )
        )
    if place == "header" or app.expose_access_token:
        changes.append(SetHeader(ACCESS_HEADER, token.token))
    anti_csrf = anti_csrf_of(token)
    if anti_csrf is not None and place == "cookie":
        changes.append(SetHeader(ANTI_CSRF_HEADER, anti_csrf))
    return changes


def clear_legacy_cookie(app: AppConfig) -> list[Change]:
    """Clear the marker cookie of the SDKs before header mode."""
    return [clear_cookie(LEGACY_COOKIE, app)]


def write_headers(changes: Iterable[Change], app: AppConfig) -> Pairs:
    """Headers that the changes come to, in the framework's manner."""
    return _headers(tuple(changes), app)


# Whoever infers what happened clears the same cookies many times.
@lru_cache(maxsize=512)
def _headers(changes: tuple[Change, ...], app: AppConfig) -> Pairs:
    cookies: list[SetCookie] = []
    headers: dict[str, str] = {}
    exposed: list[str] = []
    for change in changes:
        match change:
            case SetCookie():
                if app.profile.cookies.replaces:
                    cookies = [known for known in cookies if not _same_cookie(known, change)]
                cookies.append(change)
            case SetHeader(name, value):
                headers[name] = value
                exposed.append(name)
            case DropHeader(name):
                headers.pop(name, None)
    lines = [("Set-Cookie", _line(cookie, app)) for cookie in cookies]
    return (*_written(headers, exposed, app), *lines)


def _same_cookie(one: SetCookie, other: SetCookie) -> bool:
    return one.name == other.name


def _written(
    headers: dict[str, str], exposed: Sequence[str], app: AppConfig
) -> list[tuple[str, str]]:
    profile = app.profile
    spelled = [(profile.header_case.get(name, name), value) for name, value in headers.items()]
    if exposed:
        names = profile.expose_separator.join(dict.fromkeys(exposed))
        spelled.append(("Access-Control-Expose-Headers", names))
    return spelled


def _line(cookie: SetCookie, app: AppConfig) -> str:
    style = app.profile.cookies
    path = app.refresh_path if cookie.name == REFRESH_COOKIE else "/"
    domain = cookie.domain
    if domain is not None and style.strips_domain_dot:
        domain = domain.removeprefix(".")
    known = {
        "domain": domain,
        "path": path,
        "expires": formatdate(cookie.expires_at_ms / 1000, usegmt=True),
        "httponly": "",
        "secure": "" if app.cookie_secure else None,
        "samesite": style.same_site[app.cookie_same_site],
    }
    tail = [_attribute(name, known[name.lower()]) for name in style.tail]
    return "; ".join([f"{cookie.name}={_value(cookie, app)}", *filter(None, tail)])


def _attribute(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    return f"{name}={value}" if value else name


def _value(cookie: SetCookie, app: AppConfig) -> str:
    style = app.profile.cookies
    if not cookie.value:
        return style.cleared_value
    escaped = quote(cookie.value, safe="/" if style.keeps_slash else "")
    return f'"{escaped}"' if style.quotes and "/" in escaped else escaped
