import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stctl.exchange import Exchange, Request, Response
from stctl.traces.model import Entry, Gap, Peer, Timing, TraceFormat
from stctl.traces.readers.parts import read_url
from stctl.traces.recording import entry_line, header_line
from trace_help import START_MS, TRACES, entries_of, har_entry, items_of, parted, recorded_entries


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name)
def test_what_was_read_from_a_har_survives_our_own_recording(path: Any) -> None:
    entries = recorded_entries(path)
    text = "\n".join([header_line(), *map(entry_line, entries)]) + "\n"
    again = entries_of(text)
    assert [entry.position for entry in again[:2]] == ["line 2", "line 3"]
    for one, other in zip(entries, again, strict=True):
        assert other.exchange == one.exchange
        assert (other.peer, other.initiator, other.connection, other.url, other.gaps) == (
            one.peer,
            one.initiator,
            one.connection,
            one.url,
            one.gaps,
        )


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_HEADERS = st.lists(st.tuples(_TEXTS.filter(lambda name: bool(name) and name[0] != ":"), _TEXTS))
_SAFE_HEADERS = _HEADERS.map(
    lambda pairs: tuple((name, value.replace("\n", " ")) for name, value in pairs)
)


@given(_SAFE_HEADERS, st.binary(max_size=40), _SAFE_HEADERS, st.binary(max_size=40))
def test_any_exchange_survives_being_written_and_read(
    sent: tuple[tuple[str, str], ...],
    body: bytes,
    answered: tuple[tuple[str, str], ...],
    answer: bytes,
) -> None:
    address = read_url("https://a.example/x%20y?z=1")
    request = Request(
        method="PUT",
        path=address.path,
        query=address.query,
        headers=sent,
        body=body,
        host=address.host,
    )
    entry = Entry(
        index=0,
        position="line 1",
        exchange=Exchange(
            request=request,
            response=Response(status=418, headers=answered, body=answer),
            started_at_ms=START_MS,
            duration_ms=1.25,
        ),
        url="https://a.example/x%20y?z=1",
        scheme="https",
        port=443,
        peer=Peer.BACKEND_CORE,
        initiator=4,
        gaps=frozenset({Gap.REQUEST_HEADERS}),
    )
    assert entries_of(entry_line(entry)) == [entry]


def test_an_exchange_without_answer_and_time_survives_too() -> None:
    line = json.dumps({"request": {"url": "http://a/"}, "response": None, "connection": "reset"})
    (entry,) = entries_of(line)
    assert entry.exchange.response is None
    assert (entry.connection, entry.timing) == ("reset", Timing.UNKNOWN)
    assert entries_of(entry_line(entry)) == [entry]


def test_headers_by_name_and_json_bodies_of_other_tools_are_read() -> None:
    request = {"url": "http://a/", "headers": {"rid": "session", "x": ["1", "2"]}, "body": {"a": 1}}
    (entry,) = entries_of(json.dumps({"started_at": START_MS, "request": request}))
    assert list(entry.exchange.request.headers) == [("rid", "session"), ("x", "1"), ("x", "2")]
    assert json.loads(entry.exchange.request.body) == {"a": 1}
    assert entry.started_at_ms == START_MS


def test_entries_of_a_har_may_stand_one_a_line() -> None:
    lines = [json.dumps(har_entry(f"http://a/{number}")) for number in range(3)]
    entries = entries_of("\n".join(lines))
    assert [entry.exchange.request.path for entry in entries] == ["/0", "/1", "/2"]
    assert [entry.position for entry in entries] == ["line 1", "line 2", "line 3"]


def test_a_broken_line_costs_itself_and_keeps_its_number() -> None:
    good = json.dumps({"request": {"url": "http://a/"}})
    text = "\n".join([good, good[:12], "", "[]", "null", '{"a":1}', good])
    entries, damage = parted(items_of(text, TraceFormat.NDJSON))
    assert [(entry.index, entry.position) for entry in entries] == [(0, "line 1"), (5, "line 7")]
    assert [problem.position for problem in damage] == ["line 2", "line 4", "line 5", "line 6"]
    assert damage[0].offset == len(good) + 1
    assert "column" in damage[0].reason


def test_the_last_line_needs_no_end_and_windows_ends_are_fine() -> None:
    good = json.dumps({"request": {"url": "http://a/"}})
    assert len(entries_of(f"{good}\r\n{good}\r\n\r\n{good}")) == 3
    assert len(entries_of(f"\x1e{good}\n\x1e{good}\n")) == 2


def test_a_number_too_long_and_json_too_deep_are_damage() -> None:
    deep = '{"request":' + "[" * 100_000
    long = '{"request": ' + "9" * 5_000 + "}"
    _, damage = parted(items_of(f"{deep}\n{long}\n", TraceFormat.NDJSON))
    assert [problem.position for problem in damage] == ["line 1", "line 2"]


def test_the_address_of_a_client_survives_where_it_is_known() -> None:
    (entry,) = entries_of(json.dumps({"request": {"url": "http://a/"}, "response": None}))
    assert entry.exchange.request.remote_address == "127.0.0.1"
    asked = replace(entry.exchange.request, remote_address="10.0.0.7")
    known = replace(entry, exchange=replace(entry.exchange, request=asked))
    (again,) = entries_of(entry_line(known))
    assert again.exchange.request.remote_address == "10.0.0.7"
