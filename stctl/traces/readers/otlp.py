"""Reads HTTP spans from OTLP JSON: one document, or one a line as collectors write them.

Names of attributes are taken from both generations of the semantic conventions. Spans carry the
headers that the instrumentation was told to capture, and hardly ever bodies; what is not there is
told as a gap.

Source: OpenTelemetry, OTLP/JSON mapping 1.x; semantic conventions for HTTP spans 1.4 to 1.30.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from stctl.exchange import Request, Response
from stctl.jsontypes import JsonObject, JsonValue
from stctl.traces.model import Damage, Entry, Gap, Span, TraceItem
from stctl.traces.readers.elements import EACH, Arrived, Aside, Break, Element, Looks, elements
from stctl.traces.readers.parts import (
    clean,
    exchange_of,
    list_or_empty,
    member,
    number,
    read_status,
    read_url,
    text_or_none,
)
from stctl.traces.readers.source import Source

_PATHS: Final = (
    (
        frozenset({"resourceSpans", "resource_spans"}),
        EACH,
        frozenset({"scopeSpans", "instrumentationLibrarySpans", "scope_spans"}),
        EACH,
        frozenset({"spans"}),
        EACH,
    ),
)
_LOOKS: Final = Looks(
    mark=re.compile(r'"spanId"\s*:'),
    fits=lambda value: "spanId" in value and ("name" in value or "kind" in value),
)
_SERVER: Final[frozenset[int | str]] = frozenset({2, "2", "SPAN_KIND_SERVER"})
_CLIENT: Final[frozenset[int | str]] = frozenset({3, "3", "SPAN_KIND_CLIENT"})
_METHOD: Final = ("http.request.method", "http.method")
_STATUS: Final = ("http.response.status_code", "http.status_code")
_URL: Final = ("url.full", "http.url")
_SCHEME: Final = ("url.scheme", "http.scheme")
_HOST: Final = ("server.address", "http.host", "net.host.name", "net.peer.name", "http.server_name")
_PORT: Final = ("server.port", "net.host.port", "net.peer.port")
_AGENT: Final = ("user_agent.original", "http.user_agent")
_CLIENT_ADDRESS: Final = ("client.address", "http.client_ip")
_FAILURE: Final = ("exception.message", "error.type")
_ERROR_CODES: Final[frozenset[int | str]] = frozenset({2, "2", "STATUS_CODE_ERROR"})
_NANOSECONDS_IN_MS: Final = 1_000_000
_LATEST_NS: Final = 253_402_300_799 * 1_000_000_000
_EXCERPT: Final = 200
_DIGITS: Final = re.compile(r"[0-9]{1,20}")

Attributes = Mapping[str, JsonValue]


def read_otlp(source: Source) -> Iterator[TraceItem]:
    """The exchanges that server and client spans tell of, in the order of the file.

    Spans of other kinds, and those without an HTTP method, are passed over.
    """
    index, seen = 0, 0
    for found in elements(source, _PATHS, _LOOKS):
        position = f"spans[{seen}]"
        match found:
            case Element(value, _):
                seen += 1
                entry = _read_span(value, index, position)
                if entry is not None:
                    yield entry
                    index += 1
            case Break(offset, reason, lost):
                seen += lost
                yield Damage(position=position, offset=offset, reason=reason, lost=lost)
            case Aside() | Arrived():
                pass


def _read_span(span: JsonObject, index: int, position: str) -> Entry | None:
    kind = span.get("kind")
    is_server = _one_of(kind, _SERVER)
    if not (is_server or _one_of(kind, _CLIENT)):
        return None
    attributes = read_attributes(span.get("attributes"))
    method = _text(attributes, _METHOD)
    if not method:
        return None
    url = _url(attributes)
    address = read_url(url)
    response, gaps = _response(attributes)
    started_ns, ended_ns = _nanoseconds(span, "start"), _nanoseconds(span, "end")
    exchange, timing = exchange_of(
        Request(
            method=method.upper(),
            path=address.path,
            query=address.query,
            headers=_request_headers(attributes),
            host=address.host,
            remote_address=_text(attributes, _CLIENT_ADDRESS) or "127.0.0.1",
        ),
        response,
        started_ns // _NANOSECONDS_IN_MS if started_ns else None,
        max(ended_ns - started_ns, 0) / _NANOSECONDS_IN_MS if ended_ns else 0.0,
    )
    return Entry(
        index=index,
        position=position,
        exchange=exchange,
        url=url,
        scheme=address.scheme,
        port=address.port,
        connection=None if response else _failure(span, attributes),
        timing=timing,
        gaps=gaps | {Gap.REQUEST_HEADERS, Gap.REQUEST_BODY},
        span=_place(span, is_server=is_server),
    )


def read_attributes(value: JsonValue) -> Attributes:
    """Attributes by name; values as plain JSON, of an array as a list."""
    if isinstance(value, dict):
        return value
    pairs: dict[str, JsonValue] = {}
    for item in list_or_empty(value):
        name = member(item, "key")
        if isinstance(name, str):
            pairs[name] = _plain(member(item, "value"))
    return pairs


def _plain(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict):
        return value
    array = value.get("arrayValue")
    if array is not None:
        return [_scalar(item) for item in list_or_empty(member(array, "values"))]
    return _scalar(value)


def _scalar(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict):
        return value
    return next((value[key] for key in value if key.endswith("Value")), None)


def _one_of(value: JsonValue, wanted: frozenset[int | str]) -> bool:
    return isinstance(value, int | str) and value in wanted


def _text(attributes: Attributes, names: Sequence[str]) -> str | None:
    for name in names:
        value = attributes.get(name)
        if isinstance(value, str) and value:
            return clean(value)
    return None


def _url(attributes: Attributes) -> str:
    whole = _text(attributes, _URL)
    if whole:
        return whole
    scheme = _text(attributes, _SCHEME) or "http"
    host = _text(attributes, _HOST) or "localhost"
    port = next((attributes[name] for name in _PORT if name in attributes), None)
    at = host if ":" in host or port is None else f"{host}:{int(number(port))}"
    return f"{scheme}://{at}{_target(attributes)}"


def _target(attributes: Attributes) -> str:
    target = _text(attributes, ("http.target",))
    if target:
        return target if target.startswith("/") else f"/{target}"
    path = _text(attributes, ("url.path", "http.route")) or "/"
    query = _text(attributes, ("url.query",))
    return f"{path}?{query.removeprefix('?')}" if query else path


def _request_headers(attributes: Attributes) -> Sequence[tuple[str, str]]:
    headers = _headers(attributes, "http.request.header.")
    agent = _text(attributes, _AGENT)
    if agent and all(name != "user-agent" for name, _ in headers):
        return (*headers, ("user-agent", agent))
    return headers


def _headers(attributes: Attributes, prefix: str) -> tuple[tuple[str, str], ...]:
    """Captured headers; the older conventions write a hyphen as an underscore."""
    return tuple(
        (clean(name.removeprefix(prefix).replace("_", "-")), clean(text))
        for name, value in attributes.items()
        if name.startswith(prefix)
        for text in (value if isinstance(value, list) else [value])
        if isinstance(text, str)
    )


def _response(attributes: Attributes) -> tuple[Response | None, frozenset[Gap]]:
    status = next((found for name in _STATUS if (found := read_status(attributes.get(name)))), 0)
    if not status:
        return None, frozenset()
    headers = _headers(attributes, "http.response.header.")
    gaps = frozenset({Gap.RESPONSE_HEADERS, Gap.RESPONSE_BODY})
    return Response(status=status, headers=headers), gaps


def _failure(span: JsonObject, attributes: Attributes) -> str:
    status = span.get("status")
    said = None
    if _one_of(member(status, "code"), _ERROR_CODES):
        said = text_or_none(member(status, "message"))
    return (said or _text(attributes, _FAILURE) or "no answer was recorded")[:_EXCERPT]


def _nanoseconds(span: JsonObject, which: str) -> int:
    """A time of the span; text in OTLP, since no JSON number holds it exactly."""
    value = span.get(f"{which}TimeUnixNano")
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdigit()
        and len(value) <= len("9" * 20)
    ):
        found = int(value)
    else:
        found = int(number(value))
    return found if 0 < found <= _LATEST_NS else 0


def _place(span: JsonObject, *, is_server: bool) -> Span:
    return Span(
        trace_id=(text_or_none(span.get("traceId")) or "").lower(),
        span_id=(text_or_none(span.get("spanId")) or "").lower(),
        parent_id=(text_or_none(span.get("parentSpanId")) or "").lower() or None,
        is_server=is_server,
    )
