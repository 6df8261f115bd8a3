"""A copy of an HTTP/1 stream is understood the same however it is cut, and never refused."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stctl.traces.record.conversation import Conversation, Passing
from stctl.traces.record.endings import SERVER_CLOSED
from stctl.traces.record.framing import request_framing, response_framing, target_of
from stctl.traces.record.messages import (
    LONGEST_HEAD,
    REQUEST_START,
    RESPONSE_START,
    Data,
    End,
    Head,
    MessageReader,
    Opaque,
    Piece,
)

TOKEN = st.text("abcXYZ019-!#$%&'*+.^_`|~", min_size=1, max_size=8).map(str.encode)
VALUE = st.binary(max_size=12).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b""))
HEADERS = st.lists(st.tuples(TOKEN, VALUE), max_size=4)
BODY = st.binary(max_size=40)


def lines(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"".join(name + b": " + value + b"\r\n" for name, value in headers)


def chunked(body: bytes, size: int) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"


@st.composite
def requests(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A request as bytes, and its body."""
    first = draw(TOKEN) + b" /" + draw(TOKEN) + b" HTTP/1.1\r\n" + lines(draw(HEADERS))
    body = draw(BODY)
    if draw(st.booleans()):
        return first + b"Content-Length: %d\r\n\r\n" % len(body) + body, body
    sized = chunked(body, draw(st.integers(1, 9)))
    return first + b"Transfer-Encoding: chunked\r\n\r\n" + sized, body


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    marks = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(marks)]


def read(parts: Sequence[bytes], *, answers: bool = False) -> list[Piece]:
    reader = (
        MessageReader(RESPONSE_START, lambda head: response_framing(head, "GET"))
        if answers
        else MessageReader(REQUEST_START, request_framing)
    )
    pieces = [piece for part in parts for piece in reader.feed(part)]
    return [*pieces, *reader.close()]


def content(pieces: Sequence[Piece]) -> list[object]:
    """What was understood: heads, whole bodies, and ends."""
    found: list[object] = []
    for piece in pieces:
        match piece:
            case Head():
                found.append((piece.first_line, piece.headers))
                found.append(b"")
            case Data() if isinstance(found[-1], bytes):
                found[-1] += piece.body
            case End():
                found.append("end")
            case Opaque():
                found.append("opaque")
            case _:
                pass
    return found


CUTS = st.lists(st.integers(0, 1 << 16), max_size=8)


@given(st.lists(requests(), min_size=1, max_size=4), CUTS)
def test_requests_are_found_wherever_the_stream_is_cut(
    asked: list[tuple[bytes, bytes]], places: list[int]
) -> None:
    stream = b"".join(raw for raw, _ in asked)
    found = content(read(cut(stream, places)))
    assert found == content(read([stream]))
    assert [one for one in found if isinstance(one, bytes)] == [body for _, body in asked]
    assert found.count("end") == len(asked)


ANYTHING = st.one_of(st.binary(max_size=200), requests().map(lambda one: one[0]))


@pytest.mark.parametrize("answers", [False, True])
@given(data=ANYTHING, places=CUTS)
def test_any_bytes_come_out_as_they_went_in(
    data: bytes, places: list[int], *, answers: bool
) -> None:
    pieces = read(cut(data, places), answers=answers)
    assert b"".join(piece.raw for piece in pieces) == data


@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.one_of(
                st.binary(max_size=30),
                requests().map(lambda one: one[0]),
                st.sampled_from(
                    [
                        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
                        b"HTTP/1.1 100 Continue\r\n\r\n",
                        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
                        b"HTTP/1.1 204 No Content\r\n\r\n",
                        b"HTTP/1.0 200 OK\r\n\r\nrest",
                        b"\r\n",
                    ]
                ),
            ),
        ),
        max_size=12,
    )
)
def test_every_request_is_given_out_once_whatever_is_said(talk: list[tuple[bool, bytes]]) -> None:
    ended: list[Passing] = []
    conversation = Conversation(1 << 10, ended.append)
    heads = 0
    for is_asked, data in talk:
        if is_asked:
            heads += sum(isinstance(piece, Head) for piece in conversation.asked(data, 5))
        else:
            conversation.answered(data, 7)
    conversation.server_closed(SERVER_CLOSED, 9)
    conversation.end(SERVER_CLOSED, 9)
    assert len(ended) == heads == len({id(one) for one in ended})
    assert all(one.is_answered or one.ending is SERVER_CLOSED for one in ended)
    assert all(one.ended_at_ms >= one.started_at_ms for one in ended)


@pytest.mark.parametrize(
    ("answer", "body", "ends"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", b"ab", True),
        (b"HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n", b"", True),
        (b"HTTP/1.1 304 No\r\nContent-Length: 2\r\n\r\n", b"", True),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nuntil", b"until", True),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: x, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
            b"a",
            True,
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nab", b"ab", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", b"ab", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", b"ab", False),
    ],
)
def test_an_answer_ends_where_its_head_says(answer: bytes, body: bytes, *, ends: bool) -> None:
    found = content(read([answer], answers=True))
    assert found[1] == body
    assert ("end" in found) is ends


def test_a_head_that_never_ends_is_given_up_and_passed_on() -> None:
    data = b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * (LONGEST_HEAD // 6 + 1)
    assert read([data, b"more"]) == [Opaque(data), Opaque(b"more")]


def test_a_target_keeps_its_blanks() -> None:
    assert target_of(Head(b"", "GET  /a b  HTTP/1.1", ())) == "/a b"


def test_folded_headers_are_put_into_one() -> None:
    (head, _) = read([b"GET / HTTP/1.1\r\nX: a\r\n  b\r\n\tc\r\nno colon\r\n\r\n"])
    assert isinstance(head, Head)
    assert head.headers == (("X", "a b c"),)
