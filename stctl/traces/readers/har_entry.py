"""One entry of a HAR 1.2 file, as browsers, proxies and test tools write it.

Source: HTTP Archive 1.2; the habits of Chrome, Firefox, Safari, Charles, mitmproxy, Playwright.
"""

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlencode

from stctl.exchange import Pairs, Request, Response, first_value
from stctl.jsontypes import JsonObject, JsonValue
from stctl.traces.model import Entry, Gap, Peer
from stctl.traces.readers.parts import (
    Misshapen,
    base64_bytes,
    body_bytes,
    clean,
    exchange_of,
    list_or_empty,
    member,
    number,
    object_or_empty,
    read_duration,
    read_status,
    read_time,
    read_url,
    text_or_none,
)

_PEERS: Final = {peer.value: peer for peer in Peer}
_WITHOUT_BODY: Final = frozenset({0, 204, 304})
_COOKIE_ATTRIBUTES: Final = ("path", "domain", "expires", "sameSite")
_COOKIE_FLAGS: Final = (("httpOnly", "HttpOnly"), ("secure", "Secure"))


def read_har_entry(entry: JsonObject, index: int, position: str) -> Entry:
    """The exchange of one entry; missing members are tolerated, save for the request's URL.

    Raises `Misshapen` where no exchange can be made of it.
    """
    request = object_or_empty(entry.get("request"))
    url = text_or_none(request.get("url"))
    if not url:
        raise Misshapen("an entry without a request and its URL")
    address = read_url(url)
    body, request_gaps = _request_body(object_or_empty(request.get("postData")), request)
    response, response_gaps = _read_response(object_or_empty(entry.get("response")))
    exchange, timing = exchange_of(
        Request(
            method=(text_or_none(request.get("method")) or "GET").upper(),
            path=address.path,
            query=address.query,
            headers=_with_cookies(read_headers(request.get("headers")), request),
            body=body,
            host=address.host,
        ),
        response,
        read_time(entry.get("startedDateTime")),
        read_duration(entry.get("time")),
    )
    return Entry(
        index=index,
        position=position,
        exchange=exchange,
        url=url,
        scheme=address.scheme,
        port=address.port,
        peer=_PEERS.get(str(entry.get("_peer"))),
        initiator=_read_initiator(entry.get("_initiator")),
        connection=_connection(entry, response),
        timing=timing,
        gaps=request_gaps | response_gaps,
    )


def read_headers(value: JsonValue) -> Pairs:
    """Headers in order, with repeats: from pairs, from objects with name and value, or by name.

    The pseudo headers of HTTP/2 are left out. Several cookies that a recorder joined into one
    Set-Cookie by line feeds are taken apart again.
    """
    if isinstance(value, dict):
        return tuple(_named(value))
    pairs: list[tuple[str, str]] = []
    for item in list_or_empty(value):
        name: JsonValue
        held: JsonValue
        if isinstance(item, dict):
            name, held = item.get("name"), item.get("value")
        elif isinstance(item, list) and len(item) > 1:
            name, held = item[0], item[1]
        else:
            continue
        if not isinstance(name, str) or not name or name[0] == ":":
            continue
        text = _header_text(held)
        if "\n" in text and name.lower() == "set-cookie":
            pairs.extend((name, line.strip()) for line in text.split("\n"))
        else:
            pairs.append((clean(name), text))
    return tuple(pairs)


def _named(value: JsonObject) -> Iterator[tuple[str, str]]:
    for name, held in value.items():
        for one in held if isinstance(held, list) else (held,):
            yield clean(name), _header_text(one)


def _header_text(value: JsonValue) -> str:
    if isinstance(value, str):
        return clean(value)
    return "" if value is None else str(value)


def _with_cookies(headers: Pairs, request: JsonObject) -> Pairs:
    """The cookies array speaks only where the headers have none."""
    cookies = list_or_empty(request.get("cookies"))
    if not cookies or first_value(headers, "cookie") is not None:
        return headers
    texts = [text for text in map(_cookie_text, cookies) if text]
    return (*headers, ("Cookie", "; ".join(texts))) if texts else headers


def _cookie_text(cookie: JsonValue) -> str:
    name = text_or_none(member(cookie, "name"))
    return f"{name}={_header_text(member(cookie, 'value'))}" if name else ""


def _set_cookie_text(cookie: JsonValue) -> str:
    attributes = [
        f"; {name.capitalize() if name != 'sameSite' else 'SameSite'}={value}"
        for name in _COOKIE_ATTRIBUTES
        if (value := text_or_none(member(cookie, name)))
    ]
    flags = [f"; {flag}" for name, flag in _COOKIE_FLAGS if member(cookie, name) is True]
    return "".join((_cookie_text(cookie), *attributes, *flags))


def _with_set_cookies(headers: Pairs, cookies: Sequence[JsonValue]) -> Pairs:
    if not cookies or first_value(headers, "set-cookie") is not None:
        return headers
    given = [cookie for cookie in cookies if _cookie_text(cookie)]
    return (*headers, *(("Set-Cookie", _set_cookie_text(cookie)) for cookie in given))


def _request_body(post: JsonObject, request: JsonObject) -> tuple[bytes, frozenset[Gap]]:
    text = post.get("text")
    if isinstance(text, str):
        encoded = post.get("encoding") == "base64"
        return (base64_bytes(text) if encoded else body_bytes(text)), frozenset()
    params = [
        (name, _header_text(member(param, "value")))
        for param in list_or_empty(post.get("params"))
        if (name := text_or_none(member(param, "name")))
    ]
    if params:
        return urlencode(params).encode(), frozenset()
    is_left_out = bool(post) or number(request.get("bodySize")) > 0
    return b"", frozenset({Gap.REQUEST_BODY}) if is_left_out else frozenset()


def _read_response(response: JsonObject) -> tuple[Response | None, frozenset[Gap]]:
    status = read_status(response.get("status"))
    if not status:
        return None, frozenset()
    content = object_or_empty(response.get("content"))
    text = content.get("text")
    gaps: frozenset[Gap] = frozenset()
    body = b""
    if isinstance(text, str):
        body = base64_bytes(text) if content.get("encoding") == "base64" else body_bytes(text)
    elif status not in _WITHOUT_BODY and number(content.get("size"), -1) != 0:
        gaps = frozenset({Gap.RESPONSE_BODY})
    headers = read_headers(response.get("headers"))
    cookies = list_or_empty(response.get("cookies"))
    headers = _with_set_cookies(headers, cookies)
    return Response(status=status, headers=headers, body=body), gaps


def _read_initiator(value: JsonValue) -> int | None:
    """An index; Chrome has an object of that name, which speaks of scripts."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _connection(entry: JsonObject, response: Response | None) -> str | None:
    said = text_or_none(entry.get("_connection"))
    if said or response is not None:
        return said
    answer = entry.get("response")
    words = text_or_none(member(answer, "_error")) or text_or_none(member(answer, "statusText"))
    return words or "no answer was recorded"
