"""Tells what was taken out of a HAR before it was handed on: cookies and authorization.

Browsers offer to export without what is sensitive, Chrome first of all: `Cookie`, `Set-Cookie` and
`Authorization` are then in no entry. Other tools write a word or stars in the place of a value.
That there is no token says nothing then.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from stctl.exchange import Pairs, first_value
from stctl.jsontypes import JsonValue
from stctl.traces.model import Entry, Gap, Peer, TraceItem

_SENSITIVE: Final = frozenset({"cookie", "set-cookie", "authorization"})
_MASKABLE: Final = _SENSITIVE | {"st-access-token", "st-refresh-token", "front-token"}
_TOKEN_COOKIES: Final = frozenset({"sAccessToken", "sRefreshToken", "sIdRefreshToken"})
_GAPS: Final = frozenset({Gap.REQUEST_HEADERS, Gap.RESPONSE_HEADERS})
_REFRESH_TAIL: Final = "/session/refresh"
_SIGN_OUT_TAIL: Final = "/signout"
_OF_TOKENS: Final = frozenset({"try refresh token", "token theft detected", "invalid claim"})
"""What default handlers say of a token that came."""
_OF_SDK: Final = frozenset({"st-auth-mode", "fdi-version", "rid"})
_OK: Final = 200
_FIRST_ERROR: Final = 400
_LARGEST_ANSWER: Final = 4096
_REMOVED: Final = "remove"
_MOST_HELD: Final = 500
_MOST_BYTES: Final = 1 << 24
_MASK: Final = re.compile(
    r"(?:bearer\s+)?[\W_]*(?:\w+\s)?(?:redacted|masked|removed|filtered|saniti[sz]ed|hidden|x{3,})?"
    r"[\W_]*",
    re.IGNORECASE,
)


def marked(items: Iterable[TraceItem], *, is_of_chrome: bool = False) -> Iterator[TraceItem]:
    """The same items, the entries with gaps for headers where something was taken out of them.

    Holds a bounded number of items until one of them shows a cookie, or an answer that nobody
    could have been given without one. Of Chrome it is enough that a frontend SDK asked, and that
    none of them shows one.
    """
    waiting = map(_unmasked, items)
    held: list[TraceItem] = []
    size, is_cut, is_asked = 0, False, False
    for item in waiting:
        held.append(item)
        if isinstance(item, Entry):
            size += item.size
            is_cut = _lacks_tokens(item)
            is_of_chrome = is_of_chrome and not _shows_secrets(item)
            is_asked |= _is_of_sdk(item)
            if is_cut or _shows_secrets(item):
                break
        if len(held) > _MOST_HELD or size > _MOST_BYTES:
            break
    is_cut = is_cut or (is_of_chrome and is_asked)
    yield from map(_with_gaps, held) if is_cut else held
    yield from map(_with_gaps, waiting) if is_cut else waiting


def _with_gaps(item: TraceItem) -> TraceItem:
    if not isinstance(item, Entry) or item.peer is Peer.BACKEND_CORE or _shows_secrets(item):
        return item
    return replace(item, gaps=item.gaps | _GAPS)


def _shows_secrets(entry: Entry) -> bool:
    headers = (*_asked(entry), *_answered(entry))
    return any(name.lower() in _SENSITIVE for name, _ in headers)


def _lacks_tokens(entry: Entry) -> bool:
    """Whether an answer speaks of tokens that are neither in it nor in the request.

    The front token goes with every access token, every refresh takes a refresh token, a sign-out
    ends a session, and without a token no default handler answers but onUnauthorised.
    """
    if _shows_secrets(entry):
        return False
    path, front = entry.exchange.request.path, first_value(_answered(entry), "front-token")
    if front == _REMOVED and path.endswith(_SIGN_OUT_TAIL) and _status(entry) == _OK:
        return True
    if front is None or front == _REMOVED:
        return _status(entry) >= _FIRST_ERROR and _message(entry) in _OF_TOKENS
    is_refresh = path.endswith(_REFRESH_TAIL)
    return is_refresh or first_value(_answered(entry), "st-access-token") is None


def _is_of_sdk(entry: Entry) -> bool:
    return any(name.lower() in _OF_SDK for name, _ in _asked(entry))


def _status(entry: Entry) -> int:
    response = entry.exchange.response
    return response.status if response is not None else 0


def _message(entry: Entry) -> JsonValue:
    response = entry.exchange.response
    if response is None or len(response.body) > _LARGEST_ANSWER:
        return None
    try:
        value: JsonValue = json.loads(response.body)
    except (ValueError, RecursionError):
        return None
    return value.get("message") if isinstance(value, dict) else None


def _unmasked(item: TraceItem) -> TraceItem:
    """An item without values that are no more than masks, and with gaps in their place."""
    if not isinstance(item, Entry):
        return item
    asked, answered = _asked(item), _answered(item)
    sent, told = tuple(_real(asked)), tuple(_real(answered))
    gaps = item.gaps
    gaps |= {Gap.REQUEST_HEADERS} if sent != asked else set()
    gaps |= {Gap.RESPONSE_HEADERS} if told != answered else set()
    if gaps == item.gaps:
        return item
    exchange = item.exchange
    response = exchange.response and replace(exchange.response, headers=told)
    exchange = replace(exchange, request=replace(exchange.request, headers=sent), response=response)
    return replace(item, exchange=exchange, gaps=gaps)


def _real(headers: Pairs) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        real = value if name.lower() not in _MASKABLE else _without_masks(name.lower(), value)
        if real is not None:
            yield name, real


def _without_masks(name: str, value: str) -> str | None:
    """What is real in a header; None where nothing is."""
    if name == "cookie":
        pairs = value.split(";")
        kept = [pair for pair in pairs if not _is_masked_cookie(pair)]
        real = value if len(kept) == len(pairs) else ";".join(kept).strip()
        return real if kept else None
    if name == "set-cookie":
        return None if _is_masked_cookie(value.partition(";")[0]) else value
    return None if _is_mask(value) else value


def _is_masked_cookie(pair: str) -> bool:
    """Whether a cookie of the recipe has a mask for its value, or all of them one in their place.

    Cookies of others may hold what they like.
    """
    name, equals, value = pair.partition("=")
    if not equals:
        return _is_mask(pair)
    return name.strip() in _TOKEN_COOKIES and _is_mask(value)


def _is_mask(value: str) -> bool:
    # A cookie that is cleared is empty; some SDKs write that in quotes.
    text = value.strip(' "')
    return bool(text) and _MASK.fullmatch(text) is not None


def _asked(entry: Entry) -> Pairs:
    return entry.exchange.request.headers


def _answered(entry: Entry) -> Pairs:
    response = entry.exchange.response
    return response.headers if response is not None else ()
