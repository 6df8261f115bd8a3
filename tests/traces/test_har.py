import base64
import gzip
import json
from typing import Any

import pytest

from stctl.exchange import all_values, first_value
from stctl.traces.model import Damage, Entry, Gap, Peer, Timing, TraceFormat
from trace_help import TRACES, entries_of, har, har_entry, items_of, parted, recorded_entries


def only(entry: dict[str, Any]) -> Entry:
    (found,) = entries_of(har([entry]))
    return found


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name)
def test_a_recorded_har_reads_as_it_was_recorded(path: Any) -> None:
    recorded = json.loads(path.read_text())["log"]["entries"]
    entries = recorded_entries(path)
    assert len(entries) == len(recorded)
    for index, (entry, raw) in enumerate(zip(entries, recorded, strict=True)):
        request, response = entry.exchange.request, entry.exchange.response
        assert (entry.index, entry.position) == (index, f"log.entries[{index}]")
        assert entry.url == raw["request"]["url"]
        assert request.method == raw["request"]["method"]
        sent = [(header["name"], header["value"]) for header in raw["request"]["headers"]]
        assert list(request.headers) == sent
        assert request.body.decode() == raw["request"].get("postData", {}).get("text", "")
        assert (entry.peer, entry.initiator) == (raw["_peer"], raw["_initiator"])
        if raw["response"]["status"]:
            assert response is not None
            got = [(header["name"], header["value"]) for header in raw["response"]["headers"]]
            assert list(response.headers) == got
            assert response.body.decode() == raw["response"]["content"].get("text", "")
        else:
            assert response is None
            assert entry.connection == raw["_connection"]
        assert entry.exchange.duration_ms == raw["time"]


def test_duplicate_headers_and_cookies_stay_duplicate_and_in_order() -> None:
    path = next(path for path in TRACES if path.name.startswith("duplicate-access-cookies"))
    doubled = [
        value
        for entry in recorded_entries(path)
        for value in all_values(entry.exchange.request.headers, "cookie")
        if value.count("sAccessToken=") > 1
    ]
    assert doubled
    cleared = next(path for path in TRACES if path.name.startswith("refresh-garbage"))
    response = recorded_entries(cleared)[0].exchange.response
    assert response is not None
    assert len(all_values(response.headers, "set-cookie")) > 1


@pytest.mark.parametrize("at_once", [1, 7, 64, 100_000])
def test_how_the_bytes_arrive_makes_no_difference(at_once: int) -> None:
    text = har(
        [har_entry(f"https://api.example.com/{index}?ä=%20") for index in range(9)], indent=2
    )
    assert entries_of(text, at_once=at_once) == entries_of(text)


def test_the_url_is_taken_apart() -> None:
    entry = only(har_entry("https://API.example.com/a%20b/c?x=1&y=%C3%A4&z"))
    request = entry.exchange.request
    assert (entry.scheme, entry.host, entry.port) == ("https", "api.example.com", 443)
    assert (request.path, request.query) == ("/a b/c", (("x", "1"), ("y", "ä"), ("z", "")))
    assert only(har_entry("http://[::1]:3001/")).host == "::1"
    assert only(har_entry("wss://a/")).port == 443


def test_a_url_that_is_none_is_kept_as_it_is() -> None:
    entry = only(har_entry("http://[broken:x/protected?a=1"))
    assert entry.url == "http://[broken:x/protected?a=1"
    assert entry.host == "localhost"


def test_base64_bodies_are_decoded() -> None:
    raw = bytes(range(256))
    content = {"size": 256, "encoding": "base64", "text": base64.b64encode(raw).decode()}
    entry = only(har_entry(response={"status": 200, "headers": [], "content": content}))
    assert entry.exchange.response is not None
    assert entry.exchange.response.body == raw


def test_a_body_that_was_not_recorded_is_a_gap_and_not_an_empty_body() -> None:
    left_out = {"status": 401, "headers": [], "content": {"size": 26}}
    assert only(har_entry(response=left_out)).gaps == {Gap.RESPONSE_BODY}
    for content in ({"size": 0}, {"size": 0, "text": ""}, {"text": ""}):
        response = {"status": 401, "headers": [], "content": content}
        assert only(har_entry(response=response)).gaps == frozenset()
    assert only(har_entry(response={"status": 304, "headers": []})).gaps == frozenset()
    sent = {"method": "POST", "url": "http://a/", "headers": [], "bodySize": 12}
    assert only(har_entry(request=sent)).gaps == {Gap.REQUEST_BODY}


def test_form_parameters_make_a_body() -> None:
    post = {"mimeType": "x", "params": [{"name": "a b", "value": "1"}, {"name": "c"}]}
    request = {"method": "post", "url": "http://a/", "headers": [], "postData": post}
    entry = only(har_entry(request=request))
    assert entry.exchange.request.body == b"a+b=1&c="
    assert entry.exchange.request.method == "POST"


def test_the_cookies_arrays_speak_only_where_the_headers_are_silent() -> None:
    cookies = [{"name": "sAccessToken", "value": "a"}, {"name": "other", "value": "b"}]
    request = {"method": "GET", "url": "http://a/", "headers": [], "cookies": cookies}
    assert first_value(only(har_entry(request=request)).exchange.request.headers, "cookie") == (
        "sAccessToken=a; other=b"
    )
    with_header = {**request, "headers": [{"name": "cookie", "value": "sAccessToken=z"}]}
    headers = only(har_entry(request=with_header)).exchange.request.headers
    assert all_values(headers, "cookie") == ["sAccessToken=z"]
    set_cookie = {"name": "sAccessToken", "value": "", "path": "/", "httpOnly": True, "domain": "x"}
    answer = {"status": 200, "headers": [], "cookies": [set_cookie], "content": {"size": 0}}
    response = only(har_entry(response=answer)).exchange.response
    assert response is not None
    assert all_values(response.headers, "set-cookie") == [
        "sAccessToken=; Path=/; Domain=x; HttpOnly"
    ]


def test_cookies_that_were_joined_by_line_feeds_are_taken_apart() -> None:
    headers = [
        {"name": "Set-Cookie", "value": "a=1; Path=/\nb=2"},
        {"name": ":status", "value": "2"},
    ]
    answer = {"status": 200, "headers": headers, "content": {"size": 0}}
    response = only(har_entry(response=answer)).exchange.response
    assert response is not None
    assert list(response.headers) == [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2")]


def test_chromes_initiator_of_scripts_is_no_index() -> None:
    entry = only(har_entry(_initiator={"type": "script"}, _peer="proxy"))
    assert (entry.initiator, entry.peer) == (None, None)
    entry = only(har_entry(_initiator=3, _peer="backend-core"))
    assert (entry.initiator, entry.peer) == (3, Peer.BACKEND_CORE)


def test_an_answer_that_never_came_has_the_browsers_word_for_it() -> None:
    failed = {"status": 0, "statusText": "", "headers": [], "_error": "net::ERR_CONNECTION_REFUSED"}
    entry = only(har_entry(response=failed))
    assert entry.exchange.response is None
    assert entry.connection == "net::ERR_CONNECTION_REFUSED"
    assert only(har_entry(response={})).connection == "no answer was recorded"


def test_an_answer_lost_on_its_way_is_there_with_a_note() -> None:
    entry = only(har_entry(_connection="the answer was lost"))
    assert entry.exchange.response is not None
    assert entry.connection == "the answer was lost"


def test_missing_members_are_tolerated() -> None:
    (entry,) = entries_of(har([{"request": {"url": "http://a/b"}, "response": {"status": 200}}]))
    assert entry.exchange.request.method == "GET"
    assert entry.timing is Timing.UNKNOWN
    assert entry.started_at_ms == 0


def test_where_the_time_is_missing_the_date_of_the_answer_serves() -> None:
    headers = [{"name": "date", "value": "Wed, 18 Nov 2026 11:06:40 GMT"}]
    entry = only(har_entry(startedDateTime="never", response={"status": 200, "headers": headers}))
    assert (entry.timing, entry.started_at_ms) == (Timing.DATE_HEADER, 1_795_000_000_000)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-11-18T11:06:40.123Z", 123),
        ("2026-11-18T12:06:40.123+01:00", 123),
        ("2026-11-18T11:06:40.1234567Z", 123),
        ("2026-11-18T11:06:40Z", 0),
        ("2026-11-18T11:06:40.5", 500),
    ],
)
def test_start_times_are_read_in_every_form_that_recorders_write(text: str, ms: int) -> None:
    entry = only(har_entry(startedDateTime=text))
    assert entry.started_at_ms == 1_795_000_000_000 + ms
    assert entry.timing is Timing.MEASURED


@pytest.mark.parametrize("cut", range(20, 1200, 37))
def test_a_har_cut_off_anywhere_gives_what_can_be_read_and_says_so(cut: int) -> None:
    text = har([har_entry(f"http://localhost/{index}") for index in range(4)], indent=1)
    whole = entries_of(text)
    entries, damage = parted(items_of(text[:cut], TraceFormat.HAR))
    assert entries == whole[: len(entries)]
    assert len(damage) == 1 if cut < len(text) else not damage
    if cut < len(text):
        assert damage[0].reason
        assert f"[{len(entries)}]" in damage[0].position or not entries
        assert damage[0].offset is None or damage[0].offset <= cut


BREAKS = {
    "a missing quote": lambda text: text.replace('"startedDateTime"', '"startedDateTime', 1),
    "a missing comma": lambda text: text.replace(',"time"', '"time"', 1),
    "a missing brace": lambda text: text.replace("}", "", 1),
    "a bracket too many": lambda text: text.replace("]", "]]", 1),
    "rubbish in it": lambda text: text.replace('"time":', '"time":###', 1),
    "its middle missing": lambda text: text[:80] + text[-40:],
    "its end missing": lambda text: text[: len(text) // 2],
    "its beginning missing": lambda text: text[len(text) // 2 :],
    "zeroes in it": lambda text: text[:60] + "\0" * 50 + text[110:],
}


@pytest.mark.parametrize("how", BREAKS)
def test_a_broken_entry_costs_itself_alone(how: str) -> None:
    texts = [
        json.dumps(har_entry(f"http://localhost/{index}"), separators=(",", ":"))
        for index in range(5)
    ]
    before = '{"log":{"entries":['
    offset = len(before) + len(texts[0]) + len(texts[1]) + 2
    texts[2] = BREAKS[how](texts[2])
    items = items_of(before + ",".join(texts) + "]}}")
    entries, damage = parted(items)
    assert [entry.exchange.request.path for entry in entries] == ["/0", "/1", "/3", "/4"]
    assert len(damage) == 1
    assert damage[0].position == "log.entries[2]"
    assert damage[0].offset is not None
    assert offset <= damage[0].offset <= offset + len(texts[2]) + 40
    assert [type(item) for item in items] == [Entry, Entry, Damage, Entry, Entry]
    if "startedDateTime" in texts[2] and how != "a missing quote":
        assert damage[0].lost == 1
        assert [entry.index for entry in entries] == [0, 1, 3, 4]


def test_a_brace_too_many_costs_only_what_is_behind_it_in_its_entry() -> None:
    texts = [json.dumps(har_entry(f"http://localhost/{index}")) for index in range(3)]
    texts[1] = texts[1].replace("}", "}}", 1)
    entries, damage = parted(items_of('{"log": {"entries": [' + ",".join(texts) + "]}}"))
    assert [entry.exchange.request.path for entry in entries] == ["/0", "/1", "/2"]
    assert entries[1].exchange.response is None
    assert entries[2].index == 2
    assert len(damage) == 1


def test_an_entry_that_is_no_entry_is_told_and_counted() -> None:
    entries, damage = parted(items_of(har([har_entry(), {"request": {}}, har_entry()])))
    assert [entry.index for entry in entries] == [0, 2]
    (problem,) = damage
    assert (problem.position, problem.lost) == ("log.entries[1]", 1)


def test_a_har_without_its_beginning_still_gives_its_entries() -> None:
    text = har([har_entry(f"http://localhost/{index}") for index in range(6)], indent=2)
    entries, damage = parted(items_of(text[700:]))
    assert [entry.exchange.request.path for entry in entries][-4:] == ["/2", "/3", "/4", "/5"]
    assert len(damage) == 1


def test_a_document_without_entries_says_so() -> None:
    (damage,) = items_of('{"log": {"version": "1.2"}}')
    assert isinstance(damage, Damage)
    assert "no such array" in damage.reason
    assert items_of(har([])) == []


def test_a_bare_array_of_entries_reads_like_a_har() -> None:
    entry = har_entry()
    assert entries_of(json.dumps([entry, entry]))[1] == entries_of(har([entry, entry]))[1]


def test_line_feeds_in_strings_and_numbers_that_are_none_do_not_stop_it() -> None:
    text = har([har_entry()]).replace('"test"', '"te\nst"').replace("5.0", "NaN")
    (entry,) = entries_of(text)
    assert entry.exchange.duration_ms == 0.0


def test_a_mark_at_the_front_and_gzip_are_seen_through() -> None:
    text = har([har_entry(), har_entry()])
    whole = entries_of(text)
    assert entries_of(b"\xef\xbb\xbf" + text.encode()) == whole
    assert entries_of(gzip.compress(text.encode())) == whole
    assert entries_of(text.encode("utf-16")) == whole
    assert entries_of(gzip.compress(text.encode()), at_once=1) == whole


def test_gzip_that_breaks_off_gives_what_came_before() -> None:
    packed = gzip.compress(har([har_entry(f"http://a/{n}") for n in range(4000)]).encode(), 1)
    entries, damage = parted(items_of(packed[: len(packed) // 2]))
    assert len(entries) > 100
    assert "gzip" in damage[-1].reason


def test_lone_surrogates_and_bytes_that_are_no_utf8_reach_nobody_as_such() -> None:
    text = har([har_entry("http://a/x")]).replace('"http://a/x"', '"http://a/\\ud800"')
    raw = text.encode().replace(b'"{}"', b'"\xff\xfe"')
    (entry,) = entries_of(raw)
    entry.url.encode()
    assert entry.exchange.response is not None
    assert entry.exchange.response.body == b"\xff\xfe"
