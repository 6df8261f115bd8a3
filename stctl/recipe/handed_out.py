"""The tokens that an answer hands out to a browser, whichever way they travel."""

from dataclasses import dataclass

from stctl.exchange import Pairs, first_value
from stctl.recipe.transfer import (
    ACCESS_COOKIE,
    ACCESS_HEADER,
    ANTI_CSRF_HEADER,
    REFRESH_COOKIE,
    REFRESH_HEADER,
    cookie_pairs,
    decode_cookie,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """Tokens of one answer, decoded, in the order of its headers; a cleared token is none."""

    access: tuple[str, ...]
    refresh: tuple[str, ...]
    anti_csrf: str | None


def handed_out(headers: Pairs) -> HandedOut:
    """Read the tokens in the headers of an answer.

    An app that exposes the access token sends it twice, as a cookie and as a header.
    """
    return HandedOut(
        access=_tokens(headers, ACCESS_COOKIE, ACCESS_HEADER),
        refresh=_tokens(headers, REFRESH_COOKIE, REFRESH_HEADER),
        anti_csrf=first_value(headers, ANTI_CSRF_HEADER) or None,
    )


def _tokens(headers: Pairs, cookie: str, header: str) -> tuple[str, ...]:
    found: list[str] = []
    for name, value in headers:
        lowered = name.lower()
        if lowered == header:
            found.append(value)
        elif lowered == "set-cookie":
            first = next(iter(cookie_pairs(value.split(";", 1)[0])), None)
            if first is not None and first[0] == cookie:
                found.append(decode_cookie(first[1]))
    return tuple(token for token in found if token)
