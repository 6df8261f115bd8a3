"""Reads what requests and answers carry, as rules need it: cookies, tokens, lists, addresses."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from stctl.exchange import Pairs, Request, Response, all_values, first_value
from stctl.recipe.handed_out import handed_out
from stctl.recipe.sites import registrable_domain
from stctl.recipe.transfer import cookie_pairs, decode_cookie

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
    return iter(_set_cookies(tuple(response.headers)))


# Many rules look at one exchange.
@lru_cache(maxsize=16)
def _set_cookies(headers: tuple[tuple[str, str], ...]) -> tuple[SetCookie, ...]:
    found = []
    for line in all_values(headers, "set-cookie"):
        first, *rest = line.split(";")
        name, mark, raw = first.strip().partition("=")
        if not mark or not name:
            continue
        pairs = (one.partition("=") for one in rest)
        attributes = {key.strip().lower(): text.strip() for key, _, text in pairs}
        found.append(SetCookie(name=name, raw=raw, attributes=attributes, line=line))
    return tuple(found)


def sent_cookies(request: Request) -> list[tuple[str, str]]:
    """Names and decoded values of the cookies of a request, in order, doubled ones included."""
    return [*_sent_cookies(tuple(request.headers))]


@lru_cache(maxsize=16)
def _sent_cookies(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    text = "; ".join(all_values(headers, "cookie"))
    return tuple((name, decode_cookie(raw)) for name, raw in cookie_pairs(text))


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
    given = handed_out(response.headers)
    access, refresh = (None, *given.access)[-1], (None, *given.refresh)[-1]
    return access, refresh


def listed(response: Response, header: str) -> set[str]:
    """The names in a comma list of one or several headers, in lower case."""
    values = ",".join(all_values(response.headers, header))
    return {one.strip().lower() for one in values.split(",") if one.strip()}


def header_bytes(pairs: Pairs) -> int:
    """About how many bytes headers take on the wire, with separators and line ends."""
    return sum(len(name) + len(value) + 4 for name, value in pairs)


def page_of(request: Request) -> str | None:
    """Origin of the page that sent a request, by Origin or Referer; None where nothing tells."""
    origin = first_value(request.headers, "origin")
    if origin is not None:
        return None if origin in {"", "null"} else origin
    referer = first_value(request.headers, "referer")
    if not referer:
        return None
    parts = _parts(referer)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None


def is_navigation(request: Request) -> bool:
    """Whether the browser's address bar sent it, and no script of a page."""
    mode = first_value(request.headers, "sec-fetch-mode")
    return mode is not None and mode not in {"cors", "no-cors", "same-origin"}


def is_cross_site(request: Request, host: str) -> bool:
    """Whether a page of another site sent it: the browser's own word, else by the names.

    Two addresses, or `localhost` and an address, are two sites to a browser. A page under another
    scheme is not counted: browsers differ.
    """
    said = first_value(request.headers, "sec-fetch-site")
    if said is not None:
        return said == "cross-site"
    page = page_of(request)
    if page is None:
        return False
    other = host_of(page)
    if _is_address(other) or _is_address(host) or "localhost" in {other, host}:
        return other != host
    return registrable_domain(other) != registrable_domain(host)


def is_cross_origin(request: Request) -> bool:
    """Whether a page of another origin sent it, as far as hosts and named ports tell."""
    said = first_value(request.headers, "sec-fetch-site")
    if said is not None:
        return said in {"same-site", "cross-site"}
    page, host = page_of(request), first_value(request.headers, "host")
    if page is None or host is None:
        return False
    return _without_usual_port(_parts(page).netloc) != _without_usual_port(host)


def host_of(address: str) -> str:
    """The host name of an address, in lower case."""
    return (_parts(address).hostname or "").lower()


def is_local(host: str) -> bool:
    """Whether it is a name or address of the machine itself, which browsers trust without TLS."""
    return host in {"localhost", "127.0.0.1", "::1"} or host.endswith(".localhost")


def _parts(address: str) -> SplitResult:
    """The parts of an address; all of them empty where it is none, since anybody may send that."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdecimal()


def _without_usual_port(netloc: str) -> str:
    return netloc.lower().removesuffix(":80").removesuffix(":443")
