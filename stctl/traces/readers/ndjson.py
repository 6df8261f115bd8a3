"""Reads exchanges one a line: stctl's own recording, or entries of a HAR file as lines.

The members are told in `stctl.traces.recording`. Headers may also be objects by name, with an array
for a repeated one.
"""

import json
from collections.abc import Iterator
from json import JSONDecodeError
from typing import Final

from stctl.exchange import Request, Response
from stctl.jsontypes import JsonObject, JsonValue
from stctl.traces.model import Damage, Entry, Gap, Peer, TraceItem
from stctl.traces.readers.har_entry import read_har_entry, read_headers
from stctl.traces.readers.parts import (
    Misshapen,
    base64_bytes,
    body_bytes,
    exchange_of,
    list_or_empty,
    object_or_empty,
    read_duration,
    read_status,
    read_time,
    read_url,
    text_or_none,
)
from stctl.traces.readers.source import LONGEST_LINE, Line, Source
from stctl.traces.recording import THIS_MACHINE

_PEERS: Final = {peer.value: peer for peer in Peer}
_GAPS: Final = {gap.value: gap for gap in Gap}
_RECORD_SEPARATOR: Final = b"\x1e"
_DECODER: Final = json.JSONDecoder(strict=False)


def read_ndjson(source: Source) -> Iterator[TraceItem]:
    """The exchanges of a recording and what could not be read; blank lines and headers count not.

    A line that cannot be read counts as one exchange, so that the numbers behind it stay right.
    """
    index = 0
    for line in source.lines():
        data = line.data.removeprefix(_RECORD_SEPARATOR).strip()
        if not data:
            continue
        position = f"line {line.number}"
        try:
            found = _read_line(line, data, index, position)
        except Misshapen as problem:
            yield Damage(position=position, offset=line.offset, reason=str(problem), lost=1)
        else:
            if found is None:
                continue
            yield found
        index += 1


def parse_line(data: bytes) -> JsonValue:
    """The JSON value of one line; `Misshapen` where it is none, with the place in the line."""
    try:
        value: JsonValue = _DECODER.decode(data.decode("utf-8", "surrogateescape"))
    except JSONDecodeError as problem:
        what = f"{problem.msg[0].lower()}{problem.msg[1:]}"
        raise Misshapen(f"not JSON at column {problem.pos + 1}: {what}") from None
    except (RecursionError, ValueError):
        raise Misshapen("JSON that no reader takes: too deep, or a number too long") from None
    return value


def _read_line(line: Line, data: bytes, index: int, position: str) -> Entry | None:
    if line.is_cut:
        raise Misshapen(f"longer than {LONGEST_LINE:,} bytes")
    value = parse_line(data)
    if not isinstance(value, dict):
        raise Misshapen("not an object")
    if "request" not in value and "schema" in value:
        return None
    if "startedDateTime" in value:
        return read_har_entry(value, index, position)
    return _read_exchange(value, index, position)


def _read_exchange(value: JsonObject, index: int, position: str) -> Entry:
    request = object_or_empty(value.get("request"))
    url = text_or_none(request.get("url"))
    if not url:
        raise Misshapen("an exchange without a request and its URL")
    address = read_url(url)
    exchange, timing = exchange_of(
        Request(
            method=(text_or_none(request.get("method")) or "GET").upper(),
            path=address.path,
            query=address.query,
            headers=read_headers(request.get("headers")),
            body=_body(request),
            host=address.host,
            remote_address=text_or_none(value.get("client")) or THIS_MACHINE,
        ),
        _response(object_or_empty(value.get("response"))),
        read_time(value.get("started_at")),
        read_duration(value.get("duration_ms")),
    )
    initiator = value.get("initiator")
    return Entry(
        index=index,
        position=position,
        exchange=exchange,
        url=url,
        scheme=address.scheme,
        port=address.port,
        peer=_PEERS.get(str(value.get("peer"))),
        initiator=initiator if isinstance(initiator, int) and initiator is not True else None,
        connection=text_or_none(value.get("connection")),
        timing=timing,
        gaps=frozenset(_GAPS[str(gap)] for gap in list_or_empty(value.get("gaps")) if gap in _GAPS),
    )


def _response(value: JsonObject) -> Response | None:
    status = read_status(value.get("status"))
    if not status:
        return None
    return Response(status=status, headers=read_headers(value.get("headers")), body=_body(value))


def _body(message: JsonObject) -> bytes:
    encoded, text = message.get("body_base64"), message.get("body")
    if isinstance(encoded, str):
        return base64_bytes(encoded)
    if isinstance(text, str):
        return body_bytes(text)
    # Other tools put JSON bodies in as JSON.
    return b"" if text is None else json.dumps(text).encode("utf-8", "replace")
