"""Masks what a trace holds of secrets, for everything that leaves stctl.

Readers and the analysis work on the recording as it is: a call to the core belongs to the request
whose token it carries. At the border to people and files each text goes through `mask_text` with
the secrets of its entry, or a whole item through `masked`, unless `--reveal` was given.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from json import JSONDecodeError
from typing import Final, TypeVar
from urllib.parse import quote, unquote

from stctl.exchange import Pairs, Request, Response
from stctl.jsontypes import JsonValue
from stctl.redact import SECRET_HEADERS, mask_header, mask_text
from stctl.traces.model import Damage, Entry, LogEvent

_SECRET_NAME: Final = re.compile(
    r"token|secret|password|passwd|api_?-?key|anticsrf|linkcode|userinputcode|preauthsessionid",
    re.IGNORECASE,
)
_HASH_NAME: Final = re.compile(r"hash\d*$|^.*tokens?_?(?:type|transfer_?method)$", re.IGNORECASE)
_TALKED_OF: Final = re.compile(
    r"(AntiCsrfToken\.getToken: returning: |Setting sFrontToken: "
    r"|FrontToken\.getTokenInfo: returning up: )(.+)"
)
_UNQUOTED: Final = re.compile(r"[A-Za-z0-9_.~-]*")
_SHORTEST: Final = 4
_SHORTEST_OF_OTHERS: Final = 8
"""In headers that are no part of SuperTokens a shorter value may be a word as common as `true`."""
_LARGEST_BODY: Final = 1 << 20
_DEEPEST: Final = 32

Item = TypeVar("Item", Entry, LogEvent, Damage)


def secrets_of(entry: Entry) -> frozenset[str]:
    """Every secret that is in an exchange, in each of the forms in which it may be written."""
    request, response = entry.exchange.request, entry.exchange.response
    found = set(_in_headers(request.headers))
    found.update(value for name, value in request.query if is_secret_name(name))
    found.update(_in_body(request.body))
    if response is not None:
        found.update(_in_headers(response.headers))
        found.update(_in_body(response.body))
    return frozenset(form for text in found if len(text) >= _SHORTEST for form in _forms(text))


# Tokens come again and again, and most of them look the same in every form.
@lru_cache(maxsize=1024)
def _forms(text: str) -> tuple[str, ...]:
    if _UNQUOTED.fullmatch(text):
        return (text,)
    # JSON may hold half a character, of which no address can be made.
    quoted = quote(text, errors="replace")
    return text, quoted, quoted.replace("/", "%2F")


def masked(item: Item) -> Item:
    """The item without its secrets, for output; its places, times and sizes stay."""
    if isinstance(item, Entry):
        return _masked_entry(item)
    if isinstance(item, LogEvent):
        facts = {name: _masked_talk(text) for name, text in item.facts.items()}
        return replace(item, message=_masked_talk(item.message), facts=facts)
    return item


def _masked_talk(text: str) -> str:
    """A line of a log; browser SDKs write their front and anti-CSRF tokens out."""
    return mask_text(_TALKED_OF.sub(lambda said: said[1] + mask_header("cookie", said[2]), text))


def _masked_entry(entry: Entry) -> Entry:
    secrets = secrets_of(entry)
    exchange = entry.exchange
    request, response = exchange.request, exchange.response
    safe_request: Request = replace(
        request,
        path=mask_text(request.path, secrets),
        query=tuple((name, mask_text(value, secrets)) for name, value in request.query),
        headers=_masked_headers(request.headers, secrets),
        body=_masked_body(request.body, secrets),
    )
    safe_response: Response | None = response and replace(
        response,
        headers=_masked_headers(response.headers, secrets),
        body=_masked_body(response.body, secrets),
    )
    return replace(
        entry,
        url=mask_text(entry.url, secrets),
        exchange=replace(exchange, request=safe_request, response=safe_response),
    )


def _masked_headers(headers: Pairs, secrets: frozenset[str]) -> Pairs:
    return tuple(
        (name, mask_header(name, value))
        if name.lower() in SECRET_HEADERS
        else (name, mask_text(value, secrets))
        for name, value in headers
    )


def _masked_body(body: bytes, secrets: frozenset[str]) -> bytes:
    if not body:
        return body
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return body
    return mask_text(text, secrets).encode("utf-8")


def _in_headers(headers: Pairs) -> Iterator[str]:
    for name, value in headers:
        match name.lower():
            case "cookie":
                for pair in value.split(";"):
                    yield from _cookie_value(pair)
            case "set-cookie":
                yield from _cookie_value(value.partition(";")[0])
            case "authorization" | "proxy-authorization":
                yield value.rpartition(" ")[2]
            case lower if lower in SECRET_HEADERS and value != "remove":
                yield value
            case lower if is_secret_name(lower) and len(value) >= _SHORTEST_OF_OTHERS:
                yield value


def _cookie_value(pair: str) -> Iterator[str]:
    value = pair.partition("=")[2].strip().strip('"')
    yield value
    yield unquote(value)


def _in_body(body: bytes) -> Iterator[str]:
    if len(body) > _LARGEST_BODY or body[:1] not in {b"{", b"["}:
        return
    try:
        value: JsonValue = json.loads(body)
    except (JSONDecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return
    yield from _in_json(value, _DEEPEST, is_secret=False)


def _in_json(value: JsonValue, depth: int, *, is_secret: bool) -> Iterator[str]:
    if depth == 0:
        return
    match value:
        case str():
            if is_secret:
                yield value
        case dict():
            # Sign-up and sign-in send their fields as `{"id": "password", "value": …}`.
            label = value.get("id")
            is_named = isinstance(label, str) and is_secret_name(label)
            yield from _in_json(value.get("value"), depth - 1, is_secret=is_named)
            for name, inner in value.items():
                is_inner_secret = is_secret_name(name) and not isinstance(inner, dict)
                yield from _in_json(inner, depth - 1, is_secret=is_inner_secret)
        case list():
            for inner in value:
                yield from _in_json(inner, depth - 1, is_secret=is_secret)
        case _:
            return


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Whether what has this name, a member or a parameter, is to be kept secret.

    >>> is_secret_name("refreshToken"), is_secret_name("refreshTokenHash1")
    (True, False)
    """
    return bool(_SECRET_NAME.search(name)) and not _HASH_NAME.search(name)
