import pytest

from stctl.exchange import all_values
from stctl.traces.model import Damage, Entry, Gap, Timing, TraceFormat
from trace_help import SAMPLES, entries_of, items_of, parted


def recorded(name: str) -> list[Entry]:
    return entries_of((SAMPLES / f"curl_{name}.txt").read_bytes())


def body_of(entry: Entry) -> bytes:
    assert entry.exchange.response is not None
    return entry.exchange.response.body


def test_a_transfer_has_its_request_answer_and_body() -> None:
    (entry,) = recorded("duplicate_cookies")
    request, response = entry.exchange.request, entry.exchange.response
    assert (entry.url, request.method) == ("http://localhost:3453/protected", "GET")
    assert ("Cookie", "sAccessToken=abc; sAccessToken=def") in request.headers
    assert response is not None
    assert response.status == 401
    assert all_values(response.headers, "set-cookie") == [
        "sAccessToken=; Path=/; HttpOnly",
        "sRefreshToken=; Path=/auth/session/refresh; HttpOnly",
    ]
    assert response.body == b'{"message":"unauthorised"}'
    assert (entry.timing, entry.started_at_ms) == (Timing.DATE_HEADER, 1_795_545_979_000)
    assert entry.gaps == frozenset()
    assert entry.position == "line 5"


def test_http2_over_tls_is_https() -> None:
    (entry,) = recorded("http2")
    assert entry.url == "https://localhost:3452/protected"
    assert ("authorization", "Bearer abc") in entry.exchange.request.headers
    assert body_of(entry) == b'{"message":"unauthorised"}'


def test_transfers_of_one_file_stay_apart() -> None:
    first, second = recorded("two_transfers")
    assert (first.index, second.index) == (0, 1)
    assert body_of(first) == b'{"message":"unauthorised"}'
    assert body_of(second) == b'{"a":1,\n"b":2}'
    assert first.gaps == {Gap.REQUEST_BODY}
    first, second = recorded("redirect")
    assert first.exchange.response is not None
    assert first.exchange.response.status == 302
    assert second.exchange.request.path == "/protected"


def test_an_answer_that_never_came_has_curls_word_for_it() -> None:
    (entry,) = recorded("empty_reply")
    assert entry.exchange.response is None
    assert entry.connection == "Empty reply from server"
    assert entry.timing is Timing.UNKNOWN


def test_a_refused_connection_leaves_no_exchange() -> None:
    assert recorded("refused") == []


def test_times_before_the_marks_are_seen_through() -> None:
    (entry,) = recorded("trace_time")
    assert entry.exchange.request.path == "/ok"
    assert body_of(entry) == b'{"a":1,\n"b":2}'


def test_a_body_that_went_elsewhere_is_a_gap() -> None:
    (entry,) = recorded("body_elsewhere")
    assert entry.gaps == {Gap.RESPONSE_BODY}
    assert body_of(entry) == b""


def test_an_interim_answer_is_not_the_answer() -> None:
    (entry,) = recorded("continue")
    assert entry.exchange.response is not None
    assert entry.exchange.response.status == 401
    assert body_of(entry) == b'{"message":"unauthorised"}'
    assert entry.gaps == {Gap.REQUEST_BODY}


@pytest.mark.parametrize("at_once", [1, 13])
def test_how_the_bytes_arrive_makes_no_difference(at_once: int) -> None:
    raw = (SAMPLES / "curl_two_transfers.txt").read_bytes()
    assert entries_of(raw, at_once=at_once) == entries_of(raw)


HEAD = (
    "> GET /a HTTP/1.1\r\n> Host: api.example.com\r\n> \r\n"
    "< HTTP/1.1 401 Unauthorized\r\n< A: b\r\n< \r\n"
)


def test_a_body_without_a_line_end_shares_its_line_with_a_remark() -> None:
    # As a terminal shows it.
    text = HEAD + '{"message":"x"}* Connection #0 to host api.example.com left intact\n'
    (entry,) = entries_of(text)
    assert body_of(entry) == b'{"message":"x"}'
    assert (entry.url, entry.port) == ("http://api.example.com/a", 80)


def test_newer_curl_is_read_as_well() -> None:
    text = (
        "* Host localhost:3001 was resolved.\n* IPv6: ::1\n*   Trying [::1]:3001...\n"
        "* Connected to localhost (::1) port 3001\n* ALPN: curl offers h2,http/1.1\n"
        "* SSL connection using TLSv1.3 / AEAD-AES128-GCM-SHA256 / X25519\n* using HTTP/2\n"
        "* [HTTP/2] [1] OPENED stream for https://localhost:3001/a\n* [HTTP/2] [1] [:method: GET]\n"
        "> GET /a HTTP/2\n> Host: localhost:3001\n> \n* Request completely sent off\n"
        "< HTTP/2 200 \n< content-length: 0\n< \n* Connection #0 to host localhost left intact\n"
    )
    (entry,) = entries_of(text)
    assert entry.url == "https://localhost:3001/a"
    assert entry.gaps == frozenset()


def test_a_tunnel_through_a_proxy_is_no_exchange() -> None:
    text = (
        "> CONNECT api.example.com:443 HTTP/1.1\n> Host: api.example.com:443\n> \n"
        "< HTTP/1.1 200 Connection established\n< \n* SSL connection using TLSv1.3\n"
        "> GET /a HTTP/1.1\n> Host: api.example.com\n> \n< HTTP/1.1 200 OK\n< A: b\n< \n"
    )
    (entry,) = entries_of(text)
    assert entry.url == "https://api.example.com/a"


def test_output_cut_off_in_the_head_of_an_answer_gives_what_there_is() -> None:
    entries, damage = parted(items_of(HEAD[: HEAD.index("< A")] + "< Front-To"))
    assert len(entries) == 1
    assert entries[0].exchange.response is not None
    assert [type(item) for item in damage] == [Damage, Damage]
    assert "head of an answer" in damage[-1].reason


def test_lines_that_make_no_sense_are_damage_with_their_place() -> None:
    text = "> nonsense\n< HTTP/1.1 200 OK\n" + HEAD.replace("< A: b", "< no header")
    entries, damage = parted(items_of(text, TraceFormat.CURL))
    assert len(entries) == 1
    assert [problem.position for problem in damage] == ["line 1", "line 2", "line 7"]
    assert damage[1].offset == 11
