"""Writes exchanges in the form HAR 1.2.

Beside the standard members an entry has `_peer`, `_initiator` and `_connection`, as stctl's readers
know them, where there is something to say. A body that was not recorded has the size -1.
"""

import json
from typing import Final

from stctl.exchange import Exchange, Pairs, Request, Response, first_value
from stctl.jsontypes import JsonObject, JsonValue
from stctl.traces.model import Entry, Gap
from stctl.traces.recording import iso_time

HAR_TAIL: Final = b"\n]}}\n"
"""What ends a file that `har_head` began, behind its last entry."""
_JSON: Final = "application/json"

Members = dict[str, JsonValue]


def har_head(creator: str, facts: JsonObject) -> str:
    """How a file begins, up to its first entry; `facts` are told beside the creator."""
    from stctl import __version__

    log = {
        "version": "1.2",
        "creator": {"name": creator, "version": __version__},
        "_recording": facts,
        "entries": [],
    }
    return json.dumps({"log": log}, ensure_ascii=False).removesuffix("]}}")


def har_entry(entry: Entry) -> Members:
    """One entry with what is known of it beside the exchange."""
    remarks: Members = {
        "_peer": entry.peer,
        "_initiator": entry.initiator,
        "_connection": entry.connection,
    }
    known = {name: value for name, value in remarks.items() if value is not None}
    return {**har_exchange(entry.exchange, entry.url, entry.gaps), **known}


def har_exchange(exchange: Exchange, url: str, gaps: frozenset[Gap] = frozenset()) -> Members:
    """The standard members of an entry. Secrets are in it as they are."""
    return {
        "startedDateTime": iso_time(exchange.started_at_ms),
        "time": exchange.duration_ms,
        "request": _request(exchange.request, url, is_left_out=Gap.REQUEST_BODY in gaps),
        "response": _response(exchange.response, is_left_out=Gap.RESPONSE_BODY in gaps),
        "cache": {},
        "timings": {"send": 0, "wait": exchange.duration_ms, "receive": 0},
    }


def _request(request: Request, url: str, *, is_left_out: bool) -> Members:
    told: Members = {
        "method": request.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "headers": _headers(request.headers),
        "cookies": [],
        "queryString": [{"name": name, "value": value} for name, value in request.query],
        "headersSize": -1,
        "bodySize": -1 if is_left_out else len(request.body),
    }
    mime_type = first_value(request.headers, "content-type") or _JSON
    if request.body:
        told["postData"] = {"mimeType": mime_type, **_text(request.body)}
    elif is_left_out:
        told["postData"] = {"mimeType": mime_type, "comment": "not recorded"}
    return told


def _response(response: Response | None, *, is_left_out: bool) -> Members:
    headers: Pairs = () if response is None else response.headers
    body = b"" if response is None else response.body
    content: Members = {
        "size": -1 if is_left_out else len(body),
        "mimeType": first_value(headers, "content-type") or _JSON,
    }
    if not is_left_out:
        content |= _text(body)
    return {
        "status": 0 if response is None else response.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "headers": _headers(headers),
        "cookies": [],
        "content": content,
        "redirectURL": first_value(headers, "location") or "",
        "headersSize": -1,
        "bodySize": -1 if is_left_out else len(body),
    }


def _headers(pairs: Pairs) -> list[JsonValue]:
    return [{"name": name, "value": value} for name, value in pairs]


def _text(body: bytes) -> Members:
    from base64 import b64encode

    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": b64encode(body).decode("ascii"), "encoding": "base64"}
