import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explained import LABELLED, entries_of
from stctl.render.explain.document import entry_document
from stctl.render.explain.ladder import ladder
from stctl.render.plain import layout
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.logged import explain_log
from stctl.traces.explain.story import TraceStory
from stctl.traces.link import link
from stctl.traces.model import TraceFormat, TraceItem
from stctl.traces.readers.har_entry import read_har_entry
from stctl.traces.readers.parts import Misshapen
from trace_help import SAMPLES, items_of

Document = dict[str, Any]
SOURCES = [path for path in LABELLED if path.stat().st_size < 12_000][:12]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
FUZZED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def explain_all(items: list[TraceItem]) -> list[Explanation]:
    told = TraceStory(KnownApp()).tell(link(items))
    found = [one for one in told if isinstance(one, Explanation)]
    for one in found:
        json.dumps(entry_document(one, reveal=False), allow_nan=False)
    list(layout(ladder(found, 80, reveal=False, opens_all=True)))
    return found


def read(entries: list[Document]) -> list[TraceItem]:
    found: list[TraceItem] = []
    for index, entry in enumerate(entries):
        try:
            found.append(read_har_entry(entry, index, f"[{index}]"))
        except Misshapen:
            continue
    return found


def spoil(entries: list[Document], draw: Callable[..., Any]) -> None:
    """Put anything anywhere: into bodies, headers, statuses, times, peers."""
    for _ in range(draw(st.integers(1, 4))):
        entry = entries[draw(st.integers(0, len(entries) - 1))]
        side = entry[draw(st.sampled_from(["request", "response"]))]
        kind = draw(st.sampled_from(["body", "header", "status", "time", "peer", "drop"]))
        if kind == "body":
            side["content"] = side["postData"] = {"text": json.dumps(draw(JSON))}
        elif kind == "header":
            names = ["cookie", "Set-Cookie", "authorization", "date", "front-token", "st-auth-mode"]
            name = draw(st.sampled_from(names))
            side["headers"].append({"name": name, "value": draw(st.text(max_size=60))})
        elif kind == "status":
            entry["response"]["status"] = draw(st.integers(-1, 999))
        elif kind == "time":
            entry["startedDateTime"] = draw(st.text(max_size=20))
        elif kind == "peer":
            entry["_peer"] = draw(st.sampled_from(["backend-core", "browser-backend", None]))
            entry["_initiator"] = draw(st.none() | st.integers(-1, 40))
        else:
            side["headers"] = []


@FUZZED
@given(data=st.data())
def test_no_spoilt_trace_makes_explaining_fail(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(SOURCES))
    entries = entries_of(source)
    spoil(entries, data.draw)
    explain_all(read(entries))


@FUZZED
@given(data=st.data())
def test_tokens_of_any_claims_are_explained(data: st.DataObject) -> None:
    from explained import answer, entry, request
    from stctl.tokens.codec import encode_base64url

    claims = data.draw(st.dictionaries(st.sampled_from(CLAIMS), JSON))
    header = {"kid": "d-1", "typ": "JWT", "version": data.draw(st.sampled_from(VERSIONS))}
    parts = [encode_base64url(json.dumps(part).encode()) for part in (header, claims)]
    cookies = {"sAccessToken": f"{parts[0]}.{parts[1]}.c2ln"}
    status = data.draw(st.sampled_from([200, 401, 403, 440, 500, 502]))
    item = entry(0, request("/me", cookies=cookies), answer(status, data.draw(JSON)))
    (told,) = explain_all([item])
    assert told.evidence.status == status


@pytest.mark.parametrize("expiry", ["1e307", "-1e308", "1e400", "12345678901234567890123"])
def test_times_beyond_any_date_are_explained(expiry: str) -> None:
    from explained import answer, entry, request
    from stctl.tokens.codec import encode_base64url

    names = ("sub", "sessionHandle", "refreshTokenHash1", "tId", "rsub")
    claims = json.dumps({"iat": 1, **dict.fromkeys(names, "x")})
    payload = f'{{"exp": {expiry}, {claims[1:]}'
    header = '{"kid": "d-1", "typ": "JWT", "version": "5"}'
    token = ".".join(encode_base64url(part.encode()) for part in (header, payload)) + ".c2ln"
    item = entry(0, request("/me", cookies={"sAccessToken": token}), answer(401, {"a": 1}))
    assert len(explain_all([item])) == 1


CLAIMS = ["sub", "exp", "iat", "sessionHandle", "refreshTokenHash1", "tId", "rsub", "stt", "aud"]
VERSIONS = ["3", "4", "5", 5, None, "x"]


@FUZZED
@given(data=st.data())
def test_no_spoilt_debug_log_makes_explaining_fail(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["node", "python", "go"]))
    lines = (SAMPLES / f"debug_{name}.log").read_bytes().splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(lines) - 1))
        if data.draw(st.booleans()):
            lines[place] = data.draw(st.binary(max_size=40)) + b"\n"
        else:
            lines.insert(place, data.draw(st.sampled_from(lines)))
    items = items_of(b"".join(lines), TraceFormat.DEBUG_LOG)
    for one in explain_log(items, KnownApp()):
        if isinstance(one, Explanation):
            json.dumps(entry_document(one, reveal=False), allow_nan=False)


@pytest.mark.parametrize("path", LABELLED[::6], ids=lambda path: path.name.split(".")[0])
def test_every_rung_of_a_ladder_can_be_drawn(path: Any) -> None:
    assert explain_all(read(entries_of(path)))
