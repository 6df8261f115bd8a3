"""Reads what requests and answers carry, as rules need it: cookies, tokens, lists, addresses."""

from collections.abc import Iterator
from typing import NamedTuple

from stctl.exchange import Request, Response, all_values, first_value
from stctl.recipe.transfer import (
    ACCESS_COOKIE,
    ACCESS_HEADER,
    REFRESH_COOKIE,
    REFRESH_HEADER,
    cookie_pairs,
    decode_cookie,
)

_BEARER = "bearer "


class SetCookie(NamedTuple):
    """A cookie as an answer sets it."""

    name: str
    raw: str
    """Its value as written."""
    attributes: dict[str, str]
    """By names in lower case; a flag has the empty string."""
    line: str
    """The whole header."""

    @property
    def value(self) -> str:
        """Its value, decoded; empty where it is cleared."""
        return decode_cookie(self.raw)


def set_cookies(response: Response) -> Iterator[SetCookie]:
    """The cookies that an answer sets or clears, in order, doubled ones included."""
    for line in all_values(response.headers, "set-cookie"):
        first, *rest = line.split(";")
        name, mark, raw = first.strip().partition("=")
        if not mark or not name:
            continue
        pairs = (one.partition("=") for one in rest)
        attributes = {key.strip().lower(): text.strip() for key, _, text in pairs}
        yield SetCookie(name=name, raw=raw, attributes=attributes, line=line)


def sent_cookies(request: Request) -> list[tuple[str, str]]:
    """Names and decoded values of the cookies of a request, in order, doubled ones included."""
    text = "; ".join(all_values(request.headers, "cookie"))
    return [(name, decode_cookie(raw)) for name, raw in cookie_pairs(text)]


def cookies_of(request: Request) -> dict[str, str]:
    """The cookies of a request by name, the first one where a name is doubled."""
    found: dict[str, str] = {}
    for name, value in sent_cookies(request):
        found.setdefault(name, value)
    return found


def bearer_of(request: Request) -> str | None:
    """What stands behind `Bearer` in the Authorization header; None for nothing."""
    value = first_value(request.headers, "authorization") or ""
    return (
        value[len(_BEARER) :].strip() or None if value[: len(_BEARER)].lower() == _BEARER else None
    )


def tokens_set_by(response: Response) -> tuple[str | None, str | None]:
    """The access token and the refresh token that an answer sets, the last one of each."""
    access = first_value(response.headers, ACCESS_HEADER) or None
    refresh = first_value(response.headers, REFRESH_HEADER) or None
    for cookie in set_cookies(response):
        if cookie.name == ACCESS_COOKIE:
            access = cookie.value or access
        elif cookie.name == REFRESH_COOKIE:
            refresh = cookie.value or refresh
    return access, refresh


def listed(response: Response, header: str) -> set[str]:
    """The names in a comma list of one or several headers, in lower case."""
    values = ",".join(all_values(response.headers, header))
    return {one.strip().lower() for one in values.split(",") if one.strip()}
