import json
from typing import Any

import pytest

from stctl.exchange import all_values, first_value
from stctl.traces.model import Gap, Span, Timing, TraceFormat
from trace_help import SAMPLES, START_MS, entries_of, items_of, parted

ROOT = {"traceId": "AB" * 16, "spanId": "11" * 8, "name": "POST"}


def attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    def typed(value: Any) -> dict[str, Any]:
        if isinstance(value, list):
            return {"arrayValue": {"values": [typed(one) for one in value]}}
        return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}

    return [{"key": name, "value": typed(value)} for name, value in values.items()]


def span(values: dict[str, Any], **members: Any) -> dict[str, Any]:
    start = START_MS * 1_000_000
    timed = {"startTimeUnixNano": str(start), "endTimeUnixNano": str(start + 2_500_000)}
    return {**ROOT, "kind": 2, **timed, "attributes": attributes(values), **members}


def document(*spans: dict[str, Any], scopes: str = "scopeSpans") -> str:
    return json.dumps({"resourceSpans": [{"resource": {}, scopes: [{"spans": list(spans)}]}]})


NEW = {
    "http.request.method": "POST",
    "url.scheme": "https",
    "server.address": "api.example.com",
    "server.port": 8443,
    "url.path": "/auth/session/refresh",
    "url.query": "a=1",
    "http.response.status_code": 401,
    "http.request.header.st-auth-mode": ["cookie"],
    "http.response.header.set-cookie": ["a=1", "b=2"],
    "user_agent.original": "Mozilla/5.0",
    "client.address": "10.0.0.9",
}
OLD = {
    "http.method": "POST",
    "http.scheme": "https",
    "http.host": "api.example.com:8443",
    "http.target": "/auth/session/refresh?a=1",
    "http.status_code": 401,
    "http.request.header.st_auth_mode": ["cookie"],
    "http.response.header.set_cookie": ["a=1", "b=2"],
    "http.user_agent": "Mozilla/5.0",
    "http.client_ip": "10.0.0.9",
}


@pytest.mark.parametrize("values", [NEW, OLD], ids=["new names", "old names"])
def test_both_generations_of_names_come_to_the_same(values: dict[str, Any]) -> None:
    (entry,) = entries_of(document(span(values)))
    request, response = entry.exchange.request, entry.exchange.response
    assert entry.url == "https://api.example.com:8443/auth/session/refresh?a=1"
    assert (entry.scheme, entry.host, entry.port) == ("https", "api.example.com", 8443)
    assert (request.method, request.path) == ("POST", "/auth/session/refresh")
    assert request.query == (("a", "1"),)
    assert first_value(request.headers, "st-auth-mode") == "cookie"
    assert first_value(request.headers, "user-agent") == "Mozilla/5.0"
    assert request.remote_address == "10.0.0.9"
    assert response is not None
    assert response.status == 401
    assert all_values(response.headers, "set-cookie") == ["a=1", "b=2"]
    assert (entry.started_at_ms, entry.exchange.duration_ms) == (START_MS, 2.5)
    assert entry.timing is Timing.MEASURED
    assert entry.gaps == set(Gap)
    assert entry.span == Span(trace_id="ab" * 16, span_id="11" * 8, parent_id=None, is_server=True)


def test_a_whole_url_is_taken_as_it_is() -> None:
    for name in ("url.full", "http.url"):
        values = {"http.method": "GET", name: "http://core:3567/apiversion?x=1"}
        (entry,) = entries_of(document(span(values, kind="SPAN_KIND_CLIENT", parentSpanId="22")))
        assert entry.url == "http://core:3567/apiversion?x=1"
        assert entry.span is not None
        assert (entry.span.is_server, entry.span.parent_id) == (False, "22")


def test_spans_that_are_no_exchange_are_passed_over() -> None:
    inner = span(NEW, kind=1)
    no_http = span({"db.system": "x"}, kind=3)
    entries = entries_of(document(inner, no_http, span(NEW), span(OLD)))
    assert [(entry.index, entry.position) for entry in entries] == [
        (0, "spans[2]"),
        (1, "spans[3]"),
    ]


def test_a_call_without_a_status_says_why() -> None:
    failed = {"code": 2, "message": "connect ECONNREFUSED"}
    values = {"http.request.method": "GET", "url.full": "http://a/"}
    (entry,) = entries_of(document(span(values, kind=3, status=failed)))
    assert entry.exchange.response is None
    assert entry.connection == "connect ECONNREFUSED"
    (entry,) = entries_of(document(span({**values, "error.type": "timeout"}, kind=3)))
    assert entry.connection == "timeout"


def test_one_document_a_line_and_the_old_scopes_are_read() -> None:
    text = document(span(NEW)) + "\n" + document(span(OLD), scopes="instrumentationLibrarySpans")
    assert [entry.index for entry in entries_of(text)] == [0, 1]


def test_a_broken_span_costs_itself_alone() -> None:
    spans = [json.dumps(span({**NEW, "url.path": f"/{index}"})) for index in range(5)]
    spans[1] = spans[1].replace('"kind": 2', '"kind": two')
    spans[3] = spans[3][:100]
    text = '{"resourceSpans": [{"scopeSpans": [{"spans": [' + ",".join(spans[:3])
    text += ']},{"spans": [' + ",".join(spans[3:]) + "]}]}]}"
    entries, damage = parted(items_of(text))
    assert [entry.exchange.request.path for entry in entries] == ["/0", "/2", "/4"]
    assert [problem.position for problem in damage] == ["spans[1]", "spans[3]"]
    assert [problem.lost for problem in damage] == [1, 1]


def test_times_that_are_none_are_unknown() -> None:
    for time in ("", "x", "9" * 40, None, -1, "²"):
        values = span(NEW, startTimeUnixNano=time, endTimeUnixNano=time)
        (entry,) = entries_of(document(values))
        assert entry.timing is Timing.UNKNOWN


def test_what_an_instrumented_backend_exports_is_read() -> None:
    entries = entries_of((SAMPLES / "otlp_node.json").read_bytes(), TraceFormat.OTLP)
    assert [entry.exchange.request.path for entry in entries] == [
        "/recipe/session/refresh",
        "/auth/session/refresh",
        "/recipe/session/refresh",
        "/auth/session/refresh",
        "/apiversion",
    ]
    assert entries[1].exchange.request.headers[2] == (
        "cookie",
        "sRefreshToken=abc; sRefreshToken=def",
    )
    assert entries[4].connection == "connect ECONNREFUSED 127.0.0.1:9"
