"""No input crashes a reader: it is read, or it is damage, or it is an error of its own."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonValue
from stctl.traces.link import LinkedRequest, LoneCall, link
from stctl.traces.model import Damage, Entry, LogEvent, TraceFormat, TraceItem
from stctl.traces.readers import read_trace
from stctl.traces.recording import entry_line
from stctl.traces.secrets import masked
from trace_help import SAMPLES, TRACES, Bytes

SEEDS = [
    path.read_bytes()
    for path in [*SAMPLES.iterdir(), *sorted(TRACES, key=lambda path: path.stat().st_size)[:4]]
    if path.stat().st_size < 60_000
]
FORMS = st.sampled_from(list(TraceFormat))


def use(items: Sequence[TraceItem]) -> None:
    """What is done with items: they are linked, masked, shown."""
    for item in items:
        if isinstance(item, Damage):
            item.sentence().encode()
            assert item.reason
            assert item.offset is None or item.offset >= 0
        elif isinstance(item, LogEvent):
            "".join((masked(item).message, item.source, *item.facts.values())).encode()
        else:
            entry_line(item).encode()
            entry_line(masked(item)).encode()
    linked = list(link(items))
    requests = [item for item in linked if isinstance(item, LinkedRequest)]
    calls = sum(len(item.calls) for item in requests)
    alone = sum(isinstance(item, LoneCall) for item in linked)
    exchanges = sum(isinstance(item, Entry) for item in items)
    assert len(requests) + calls + alone <= exchanges


def read(data: bytes, form: TraceFormat | None, at_once: int = 1 << 30) -> list[TraceItem]:
    return list(read_trace(Bytes(data, at_once), form=form))


def read_or_refuse(data: bytes, form: TraceFormat | None) -> list[TraceItem]:
    try:
        return read(data, form)
    except StctlError as refusal:
        if refusal.kind is not ErrorKind.INPUT_UNREADABLE:
            raise
        return []


@given(st.binary(max_size=400), FORMS)
def test_any_bytes_are_survived(data: bytes, form: TraceFormat) -> None:
    use(read(data, form))


@given(st.binary(max_size=400))
def test_any_bytes_of_unknown_format_are_read_or_refused(data: bytes) -> None:
    use(read_or_refuse(data, None))


@st.composite
def wounded(draw: st.DrawFn) -> bytes:
    """A recorded sample with pieces cut out, doubled, overwritten."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 300))
        piece = draw(
            st.one_of(
                st.just(b""),
                st.binary(max_size=12),
                st.just(data[at : at + length] * 2),
                st.sampled_from([b'"', b"\\", b"{", b"}", b"[", b"]", b",", b"\n", b"\0", b"\xff"]),
            )
        )
        data = data[:at] + piece + data[at + length :]
    return data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(wounded(), st.none() | FORMS)
def test_wounded_recordings_are_survived(data: bytes, form: TraceFormat | None) -> None:
    use(read_or_refuse(data, form))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(wounded(), FORMS, st.integers(1, 5_000))
def test_wounds_look_the_same_however_the_bytes_arrive(
    data: bytes, form: TraceFormat, at_once: int
) -> None:
    assert read(data, form, at_once) == read(data, form)


_WORDS = """
log entries request response url method headers cookies name value status content text encoding
postData params startedDateTime time _peer _initiator _connection size bodySize mimeType
resourceSpans scopeSpans spans traceId spanId parentSpanId kind attributes key stringValue
arrayValue values startTimeUnixNano endTimeUnixNano started_at duration_ms body body_base64
initiator peer gaps schema connection http.method http.url http.status_code code message
"""
_NAMES = st.sampled_from(_WORDS.split()) | st.text(max_size=4)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["http://[", "http://a:99999/", "base64", "=", "backend-core", "\ud800", "2"])
)
_JSON: st.SearchStrategy[JsonValue] = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=20,
)


def _har(values: list[JsonValue]) -> JsonValue:
    return {"log": {"entries": [{"request": value, "response": value} for value in values]}}


def _entry(values: list[JsonValue]) -> JsonValue:
    members = ("method", "url", "headers", "cookies", "postData", "status", "content")
    held: dict[str, JsonValue] = dict(zip(members, values, strict=False))
    held.setdefault("url", "http://a/")
    return {"log": {"entries": [{"request": held, "response": held}]}}


def _otlp(values: list[JsonValue]) -> JsonValue:
    spans: list[JsonValue] = [
        {"spanId": "1", "name": "x", "kind": 2, "attributes": value} for value in values
    ]
    return {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}


_DOCUMENTS = st.lists(_JSON, max_size=7).flatmap(
    lambda values: st.sampled_from([values, _har(values), _entry(values), _otlp(values)])
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(_DOCUMENTS, st.sampled_from([TraceFormat.HAR, TraceFormat.NDJSON, TraceFormat.OTLP]))
@example(
    _har([{"url": "http://a/", "headers": [{"name": "\ud800", "value": "\udcff"}]}]),
    TraceFormat.HAR,
)
def test_any_json_is_survived(document: JsonValue, form: TraceFormat) -> None:
    use(read(json.dumps(document).encode(), form))
    lines = document if isinstance(document, list) else [document]
    use(read("\n".join(map(json.dumps, lines)).encode(), form))


@pytest.mark.parametrize("form", list(TraceFormat))
@pytest.mark.parametrize(
    "data",
    [
        b'{"log":' * 5_000,
        b"[" * 200_000,
        b'{"log":{"entries":[' + b'{"a":[' * 5_000,
        b'{"' * 20_000,
        b'"' + b"x" * 100_000,
        b'{"log":{"entries":[{"startedDateTime":' + b"9" * 10_000 + b"}]}}",
        b"> A B HTTP/1.1\n" * 1_000,
        b'com.supertokens {t: "' * 2_000,
        b'com.supertokens {t: "", message: "' + b'", ' * 20_000,
        b"\x1f\x8b" + b"\0" * 50,
        b"\xff\xfe" + b"x" * 51,
    ],
    ids=range(11),
)
def test_hostile_input_is_survived_in_good_time(form: TraceFormat, data: bytes) -> None:
    use(read(data, form))
