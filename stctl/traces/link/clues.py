"""What an exchange says of tokens, sessions and users: what leads a call to its request."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from json import JSONDecodeError
from typing import Final
from urllib.parse import unquote

from stctl.exchange import Pairs, Request
from stctl.jsontypes import JsonObject, JsonValue
from stctl.tokens.codec import CodecProblem, decode_base64_any, read_json_object
from stctl.traces.model import Entry

_SHORTEST_TOKEN: Final = 20
_LARGEST_BODY: Final = 1 << 20
_PARTS: Final = 3
_TOKEN_HEADERS: Final = frozenset({"st-access-token", "st-refresh-token", "id-refresh-token"})
_TOKEN_COOKIES: Final = frozenset({"sAccessToken", "sRefreshToken"})
_REFRESH_PATH: Final = "/session/refresh"
_CORE_TOKENS: Final = ("accessToken", "refreshToken", "idRefreshToken")
_SESSION_PATH: Final = re.compile(r"/recipe/session(?:/(\w+))?$")

Words = frozenset[str]
_NONE: Final[Words] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What is known of one exchange, on either side of the backend."""

    asks: Words
    """Tokens in the request."""
    gets: Words
    """Tokens in the answer."""
    handles: Words
    users: Words
    call: str
    """For a core's exchange: `refresh`, `verify`, `create`, … or empty; else empty."""
    is_refresh: bool
    """For a browser's exchange: whether it is to the refresh API."""


def browser_clues(entry: Entry) -> Clues:
    """The clues in an exchange of browser and backend."""
    request, response = entry.exchange.request, entry.exchange.response
    asks = frozenset(_request_tokens(request))
    gets = frozenset(_response_tokens(response.headers)) if response else _NONE
    claims = [claims_of(token) for token in (*asks, *gets)]
    return Clues(
        asks=asks,
        gets=gets,
        handles=_words(claims, ("sessionHandle",)),
        users=_words(claims, ("sub", "userId", "rsub")),
        call="",
        is_refresh=request.method == "POST" and request.path.endswith(_REFRESH_PATH),
    )


def core_clues(entry: Entry) -> Clues:
    """The clues in an exchange of backend and core."""
    request, response = entry.exchange.request, entry.exchange.response
    sent = _json(request.body)
    answer = _json(response.body) if response else {}
    session = answer.get("session")
    told = [sent, answer, session if isinstance(session, dict) else {}]
    told.append(dict(request.query))
    return Clues(
        asks=frozenset(_texts(sent.get(name) for name in _CORE_TOKENS)),
        gets=frozenset(_texts(_token_in(answer.get(name)) for name in _CORE_TOKENS)),
        handles=_words(told, ("sessionHandle", "handle", "sessionHandles")),
        users=_words(told, ("userId", "recipeUserId")),
        call=_kind_of(request),
        is_refresh=False,
    )


def _kind_of(request: Request) -> str:
    found = _SESSION_PATH.search(request.path)
    if found is None:
        return ""
    return found.group(1) or ("create" if request.method == "POST" else "")


def _request_tokens(request: Request) -> Iterator[str]:
    for name, value in request.headers:
        lower = name.lower()
        if lower == "cookie":
            for pair in value.split(";"):
                yield from _cookie_token(pair)
        elif lower == "authorization" and value[:7].lower() == "bearer ":
            yield value[7:].strip()


def _response_tokens(headers: Pairs) -> Iterator[str]:
    for name, value in headers:
        lower = name.lower()
        if lower == "set-cookie":
            yield from _cookie_token(value.partition(";")[0])
        elif lower in _TOKEN_HEADERS and len(value) >= _SHORTEST_TOKEN:
            yield value


def _cookie_token(pair: str) -> Iterator[str]:
    """The value of a cookie that may hold a token: SDKs escape it, some quote it."""
    name, _, value = pair.partition("=")
    value = value.strip().removeprefix('"').removesuffix('"')
    # An app may have its own names for the cookies.
    if value and (name.strip() in _TOKEN_COOKIES or len(value) >= _SHORTEST_TOKEN):
        yield unquote(value)


@lru_cache(maxsize=2048)
def claims_of(token: str) -> JsonObject:
    """The payload of a signed token; empty for any other text."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return {}
    try:
        return read_json_object(decode_base64_any(parts[1]))
    except (CodecProblem, ValueError, RecursionError):
        return {}


def _json(body: bytes) -> JsonObject:
    if not body.lstrip().startswith(b"{") or len(body) > _LARGEST_BODY:
        return {}
    try:
        value: JsonValue = json.loads(body)
    except (JSONDecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _token_in(value: JsonValue) -> JsonValue:
    return value.get("token") if isinstance(value, dict) else None


def _texts(values: Iterator[JsonValue]) -> Iterator[str]:
    return (value for value in values if isinstance(value, str) and value)


def _words(objects: list[JsonObject], names: tuple[str, ...]) -> Words:
    """The texts that members of these names have, also those in arrays."""
    found: set[str] = set()
    for told in objects:
        for name in names:
            value = told.get(name)
            if isinstance(value, str) and value:
                found.add(value)
            elif isinstance(value, list):
                found.update(_texts(iter(value)))
    return frozenset(found)
