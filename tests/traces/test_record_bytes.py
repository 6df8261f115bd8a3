"""Whatever two sides say to each other through a recorder arrives as it was sent."""

import gzip
import json
import socket
import struct
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Event

import pytest

from recording_stand import (
    GET,
    LIMIT_S,
    OK,
    connected,
    is_reset,
    read_all,
    read_exactly,
    recording,
    scripted,
    wanted,
)
from stctl.traces.model import Gap

NOT_HTTP = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256))
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

TALKS = {
    "names, order, repeats and blanks of headers": (
        b"GET / HTTP/1.1\r\nhOsT:x\r\nX-A:  1 \r\nx-a:2\r\nX-A:\t3\r\nCookie: a\r\ncookie:\r\n\r\n",
        (
            b"HTTP/1.1 200 Fine with me\r\nSET-cookie: a=1\r\nset-Cookie: a=2\r\n"
            b"Connection: Keep-Alive\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\n"
            b"content-length: 0\r\n\r\n"
        ),
    ),
    "folded headers and bare line feeds": (
        b"GET / HTTP/1.1\nHost: x\nX-Folded: a\n  b\n\n",
        b"HTTP/1.1 200 OK\nX-Folded: a\n\tb\nContent-Length: 1\n\n!",
    ),
    "bytes that are no UTF-8": (
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nX-Bin: \x80\xff\r\n\r\n",
        b"HTTP/1.1 200 \xe9\r\nX-Bin: \xff\r\nContent-Length: 3\r\n\r\n\x00\xff\x80",
    ),
    "chunks with extensions and trailers": (
        CHUNKED + b"1;a=b\r\nx\r\n00A\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding:  CHUNKED \r\n\r\n3\r\nabc\r\n0;q\r\nT: 1\r\n\r\n",
    ),
    "an answer until the connection closes": (GET, b"HTTP/1.0 200 OK\r\n\r\nall the rest"),
    "an answer without a reason or headers": (GET, b"HTTP/1.1 204\r\n\r\n"),
    "interim answers": (
        b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK,
    ),
    "lengths that contradict each other": (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
    ),
    "a length and chunks": (
        CHUNKED.replace(b"\r\nT", b"\r\nContent-Length: 5\r\nT") + b"0\r\n\r\n",
        OK,
    ),
    "an answer to HEAD": (
        b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
    ),
    "chunks that are none": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
        b"HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx",
    ),
    "something that is no HTTP": (NOT_HTTP, NOT_HTTP[::-1]),
    "HTTP/2 by prior knowledge": (
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04",
        b"\x00\x00\x00\x04\x00",
    ),
    "a request line with blanks": (b"GET  /a b  HTTP/1.1\r\nHost: x\r\n\r\n", OK),
    "headers that are none": (b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n: no name\r\n\r\n", OK),
    "forms of targets": (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", OK),
    "a whole URL": (b"GET http://x/y HTTP/1.1\r\nHost: x\r\n\r\n", OK),
    "an endless head": (b"GET / HTTP/1.1\r\nX: " + b"a" * 300_000 + b"\r\n\r\n", OK),
}


@pytest.mark.parametrize("name", TALKS)
@pytest.mark.parametrize("rewrites_host", [False, True])
def test_every_byte_arrives_as_it_was_sent(
    name: str, tmp_path: Path, *, rewrites_host: bool
) -> None:
    sent, answer = TALKS[name]
    got: list[bytes] = []

    def script(server: socket.socket) -> None:
        got.append(read_exactly(server, len(sent)))
        server.sendall(answer)
        server.shutdown(socket.SHUT_WR)
        got.append(read_all(server))

    with (
        scripted(script) as port,
        recording(tmp_path / "t.ndjson", wanted(port), rewrites_host=rewrites_host) as stand,
        connected(stand.port) as client,
    ):
        client.sendall(sent)
        if rewrites_host:
            client.shutdown(socket.SHUT_WR)
        back = read_all(client)
    if not rewrites_host:
        assert got[0] == sent
    assert back == answer


@pytest.mark.parametrize("at_once", [1, 2, 3, 7])
def test_pieces_of_any_size_are_passed_on_and_understood(at_once: int, tmp_path: Path) -> None:
    asked = (
        b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    )
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndefg\r\n0\r\n\r\n"
    got: list[bytes] = []

    def script(server: socket.socket) -> None:
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        got.append(read_exactly(server, len(asked)))
        for at in range(0, len(answer), at_once):
            server.sendall(answer[at : at + at_once])

    with scripted(script) as port, recording(tmp_path / "t.ndjson", wanted(port)) as stand:
        with connected(stand.port) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(0, len(asked), at_once):
                client.sendall(asked[at : at + at_once])
            assert read_all(client) == answer
        assert got == [asked]
        exchange = stand.only().exchange
    assert exchange.request.body == b"abc"
    assert exchange.response is not None
    assert exchange.response.body == b"defg"


def test_pieces_are_passed_on_as_they_come_and_not_gathered(tmp_path: Path) -> None:
    seen = Event()

    def script(server: socket.socket) -> None:
        server.recv(1000)
        server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
        assert seen.wait(LIMIT_S)
        server.sendall(b"rest")

    with (
        scripted(script) as port,
        recording(tmp_path / "t.ndjson", wanted(port)) as stand,
        connected(stand.port) as client,
    ):
        client.sendall(GET)
        read_exactly(client, len(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf"))
        seen.set()
        assert read_exactly(client, 4) == b"rest"


def big(size: int) -> bytes:
    return sha256(b"x").digest() * (size // 32)


def test_large_bodies_pass_both_ways_and_are_left_out_of_the_recording(tmp_path: Path) -> None:
    body = big(8 << 20)
    head = b"POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    answer_head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    got: list[bytes] = []

    def script(server: socket.socket) -> None:
        got.append(read_exactly(server, len(head) + len(body)))
        server.sendall(answer_head + body)

    with scripted(script) as port, recording(tmp_path / "t.ndjson", wanted(port)) as stand:
        with connected(stand.port) as client:
            client.sendall(head + body)
            assert read_all(client) == answer_head + body
        assert got == [head + body]
        entry = stand.only()
    assert entry.gaps == {Gap.REQUEST_BODY, Gap.RESPONSE_BODY}
    assert entry.exchange.request.body == b""
    assert entry.connection is None


def test_a_server_is_not_read_faster_than_its_client_reads(tmp_path: Path) -> None:
    sent = 0
    blocked = Event()

    def script(server: socket.socket) -> None:
        nonlocal sent
        server.recv(1000)
        server.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        server.settimeout(0.3)
        try:
            while sent < 1 << 28:
                sent += server.send(bytes(1 << 16))
        except TimeoutError:
            blocked.set()

    with (
        scripted(script) as port,
        recording(tmp_path / "t.ndjson", wanted(port)) as stand,
        connected(stand.port) as client,
    ):
        client.sendall(GET)
        assert blocked.wait(LIMIT_S)
    assert sent < 1 << 26


def test_an_end_of_sending_is_passed_on_and_the_answer_still_arrives(tmp_path: Path) -> None:
    def script(server: socket.socket) -> None:
        assert read_all(server) == GET
        server.sendall(OK)

    with scripted(script) as port, recording(tmp_path / "t.ndjson", wanted(port)) as stand:
        with connected(stand.port) as client:
            client.sendall(GET)
            client.shutdown(socket.SHUT_WR)
            assert read_all(client) == OK
        assert stand.only().exchange.response is not None


def test_a_reset_of_the_server_reaches_the_client_as_one(tmp_path: Path) -> None:
    def script(server: socket.socket) -> None:
        server.recv(1000)
        server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal")
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with scripted(script) as port, recording(tmp_path / "t.ndjson", wanted(port)) as stand:
        with connected(stand.port) as client:
            client.sendall(GET)
            assert is_reset(client)
        entry = stand.only()
    assert entry.connection == "the server reset the connection before the answer was complete"
    assert entry.gaps == {Gap.RESPONSE_BODY}


def test_an_early_answer_to_an_upload_arrives_although_the_server_hangs_up(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    size = 64 << 20
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size

    def script(server: socket.socket) -> None:
        server.recv(1000)
        server.sendall(answer)  # and closes with much unread, which resets

    with scripted(script) as port, recording(tmp_path / "t.ndjson", wanted(port)) as stand:
        with connected(stand.port) as client:
            client.sendall(head)
            with suppress(ConnectionResetError, BrokenPipeError):
                client.sendall(bytes(size))
            assert read_exactly(client, len(answer)) == answer
        entry = stand.only()
    assert entry.exchange.response is not None
    assert entry.exchange.response.status == 413
    assert entry.gaps == {Gap.REQUEST_BODY}


def test_a_tunnel_is_passed_through_and_recorded_when_it_opens(tmp_path: Path) -> None:
    asked = (
        b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: AAAA\r\n\r\n"
    )
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    frames = bytes(range(256)) * 3

    def script(server: socket.socket) -> None:
        read_exactly(server, len(asked))
        server.sendall(answer + b"\x81\x02hi")
        server.sendall(read_exactly(server, len(frames))[::-1])
        assert read_all(server) == b"bye"
        server.sendall(b"last words")

    with (
        scripted(script) as port,
        recording(tmp_path / "t.ndjson", wanted(port)) as stand,
        connected(stand.port) as client,
    ):
        client.sendall(asked)
        assert read_exactly(client, len(answer) + 4) == answer + b"\x81\x02hi"
        client.sendall(frames)
        assert read_exactly(client, len(frames)) == frames[::-1]
        entry = stand.only()  # although the tunnel is still open
        client.sendall(b"bye")
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == b"last words"
    assert entry.exchange.response is not None
    assert (entry.exchange.response.status, entry.connection) == (101, None)


def test_connect_makes_a_tunnel_too(tmp_path: Path) -> None:
    asked = b"CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n"
    answer = b"HTTP/1.1 200 Connection established\r\n\r\n"

    def script(server: socket.socket) -> None:
        read_exactly(server, len(asked))
        server.sendall(answer)
        server.sendall(read_exactly(server, len(NOT_HTTP)))

    with scripted(script) as port, recording(tmp_path / "t.ndjson", wanted(port)) as stand:
        with connected(stand.port) as client:
            client.sendall(asked)
            assert read_exactly(client, len(answer)) == answer
            client.sendall(NOT_HTTP)
            assert read_all(client) == NOT_HTTP
        assert stand.only().exchange.request.method == "CONNECT"


def test_only_the_host_is_changed_where_that_was_asked_for(tmp_path: Path) -> None:
    asked = (
        b"POST / HTTP/1.1\r\nX-Host: y\r\nhOST:  127.0.0.1:99\r\nOrigin: http://z\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n6\r\nHost: \r\n0\r\n\r\n"
    )
    got: list[bytes] = []

    def script(server: socket.socket) -> None:
        got.append(read_all(server))
        server.sendall(OK)

    with (
        scripted(script) as port,
        recording(tmp_path / "t.ndjson", wanted(port), rewrites_host=True) as stand,
        connected(stand.port) as client,
    ):
        client.sendall(asked * 2 + b"GET / HT")
        client.shutdown(socket.SHUT_WR)
        read_all(client)
    changed = asked.replace(b"hOST:  127.0.0.1:99", b"hOST:  127.0.0.1:%d" % port)
    assert got == [changed * 2 + b"GET / HT"]


def test_compressed_answers_pass_compressed_and_are_recorded_readable(tmp_path: Path) -> None:
    body = gzip.compress(json.dumps({"status": "OK"}).encode())
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    ) + body

    def script(server: socket.socket) -> None:
        server.recv(1000)
        server.sendall(answer)

    with scripted(script) as port, recording(tmp_path / "t.ndjson", wanted(port)) as stand:
        with connected(stand.port) as client:
            client.sendall(GET)
            assert read_all(client) == answer
        response = stand.only().exchange.response
    assert response is not None
    assert json.loads(response.body) == {"status": "OK"}
