"""What a recorder writes down of what passed."""

import errno
import json
import socket
import stat
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from conftest import NOW_MS
from loopback import untrusted_tls
from recording_stand import (
    FACTS,
    LIMIT_S,
    LOOPBACK,
    connected,
    is_reset,
    read_all,
    read_exactly,
    recording,
    scripted,
    wanted,
)
from stctl.clock import FrozenClock
from stctl.exchange import first_value
from stctl.traces.model import Entry, Gap, Peer
from stctl.traces.record.door import Wanted
from stctl.traces.record.files import NdjsonFile, open_file
from stctl.traces.record.recorder import Recorder
from stctl.traces.record.target import Target

GET = b"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
POST = b"POST /recipe/session HTTP/1.1\r\ncdi-version: 5.4\r\nContent-Length: 2\r\n\r\n{}"
Script = Callable[[socket.socket], None]


def answering(*answers: bytes, asked: bytes = GET) -> Script:
    """Answers one request after another, then waits for the end."""

    def script(server: socket.socket) -> None:
        for answer in answers:
            read_exactly(server, len(asked))
            server.sendall(answer)
        read_all(server)

    return script


def test_requests_of_one_connection_are_recorded_one_by_one(tmp_path: Path) -> None:
    answers = [OK.replace(b"ok", b"%02d" % number) for number in range(20)]
    with scripted(answering(*answers)) as port, recording(tmp_path / "t", wanted(port)) as stand:
        with connected(stand.port) as client:
            for number, answer in enumerate(answers):
                client.sendall(GET)
                assert read_exactly(client, len(answer)) == answer
                assert len(stand.entries()) == number + 1
        entries = stand.entries()
    assert [entry.exchange.response and entry.exchange.response.body for entry in entries] == [
        b"%02d" % number for number in range(20)
    ]
    assert {entry.url for entry in entries} == {f"http://127.0.0.1:{port}/a?b=c"}
    assert stand.lines == stand.path.read_text("utf-8").splitlines()[1:]


def test_requests_sent_before_the_answers_find_their_answers(tmp_path: Path) -> None:
    answers = OK + b"HTTP/1.1 204 No Content\r\n\r\n" + OK
    head = b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
    no_body = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"

    def script(server: socket.socket) -> None:
        read_exactly(server, len(GET) * 3 + len(head))
        server.sendall(no_body + answers)

    with scripted(script) as port, recording(tmp_path / "t", wanted(port)) as stand:
        with connected(stand.port) as client:
            client.sendall(head + GET * 3)
            assert read_all(client) == no_body + answers
        statuses = [
            (entry.exchange.request.method, entry.exchange.response.status)
            for entry in stand.entries()
            if entry.exchange.response
        ]
    assert statuses == [("HEAD", 200), ("GET", 200), ("GET", 204), ("GET", 200)]


def test_headers_are_recorded_in_order_with_repeats_and_as_written(tmp_path: Path) -> None:
    asked = b"GET / HTTP/1.1\r\nhOsT:x\r\nX-A:  1 \r\nx-a: 2\r\nCookie: a=1\r\ncookie: b=2\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nSET-cookie: a=1\r\nset-Cookie: a=2\r\nContent-Length: 0\r\n\r\n"
    with (
        scripted(answering(answer, asked=asked)) as port,
        recording(tmp_path / "t", wanted(port)) as stand,
        connected(stand.port) as client,
    ):
        client.sendall(asked)
        read_exactly(client, len(answer))
        exchange = stand.only().exchange
    assert exchange.request.headers == (
        ("hOsT", "x"),
        ("X-A", "1"),
        ("x-a", "2"),
        ("Cookie", "a=1"),
        ("cookie", "b=2"),
    )
    assert exchange.response is not None
    assert exchange.response.headers[:2] == (("SET-cookie", "a=1"), ("set-Cookie", "a=2"))


def test_times_are_those_of_the_clock(tmp_path: Path) -> None:
    clock = FrozenClock(NOW_MS)

    def script(server: socket.socket) -> None:
        read_exactly(server, len(GET))
        clock.wait_ms(1500)
        server.sendall(OK)

    with (
        scripted(script) as port,
        recording(tmp_path / "t", wanted(port), clock=clock) as stand,
        connected(stand.port) as client,
    ):
        client.sendall(GET)
        read_exactly(client, len(OK))
        exchange = stand.only().exchange
    assert (exchange.started_at_ms, exchange.duration_ms) == (NOW_MS, 1500)


def unanswered(tmp_path: Path, script: Script, asked: bytes = GET) -> Entry:
    """The one exchange that is recorded when the client waits for the end."""
    with scripted(script) as port, recording(tmp_path / "t", wanted(port)) as stand:
        with connected(stand.port) as client:
            client.sendall(asked)
            is_reset(client)
        return stand.only()


def test_a_server_that_closes_without_an_answer_is_told(tmp_path: Path) -> None:
    entry = unanswered(tmp_path, lambda server: (server.recv(1000), None)[1])
    assert entry.exchange.response is None
    assert entry.connection == "the server closed the connection without an answer"


def test_an_answer_that_breaks_off_has_its_head_and_a_gap(tmp_path: Path) -> None:
    def script(server: socket.socket) -> None:
        server.recv(1000)
        server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nX-A: 1\r\n\r\nhal")

    entry = unanswered(tmp_path, script)
    assert entry.connection == "the server closed the connection before the answer was complete"
    assert entry.exchange.response is not None
    assert first_value(entry.exchange.response.headers, "x-a") == "1"
    assert entry.gaps == {Gap.RESPONSE_BODY}


def test_a_server_that_is_not_there_resets_the_client_and_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with recording(tmp_path / "t", wanted(port)) as stand:
        with connected(stand.port) as client:
            client.sendall(POST)
            assert is_reset(client)
        entry = stand.only()
    assert entry.connection == "connection refused"
    assert entry.exchange.request.body == b"{}"
    assert entry.exchange.response is None


def test_a_host_that_has_no_address_is_told(tmp_path: Path) -> None:
    with recording(tmp_path / "t", wanted(80, host="nowhere.invalid")) as stand:
        with connected(stand.port) as client:
            client.sendall(GET)
            assert is_reset(client)
        assert stand.only().connection == "the server's name is not known"


def test_a_client_that_goes_away_is_told(tmp_path: Path) -> None:
    gone, seen = Event(), Event()

    def script(server: socket.socket) -> None:
        server.recv(1000)
        server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
        assert gone.wait(LIMIT_S)
        assert is_reset(server) or not server.recv(1)
        seen.set()

    with scripted(script) as port, recording(tmp_path / "t", wanted(port)) as stand:
        with connected(stand.port) as client:
            client.sendall(GET)
            client.recv(10)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        gone.set()
        assert seen.wait(LIMIT_S)
        entry = stand.only()
    assert entry.connection == "the client closed the connection before the answer was complete"


def test_exchanges_that_are_open_at_the_end_are_written_down(tmp_path: Path) -> None:
    asked = Event()

    def script(server: socket.socket) -> None:
        read_exactly(server, len(GET))
        asked.set()
        read_all(server)

    path = tmp_path / "t"
    with scripted(script) as port:
        with recording(path, wanted(port)) as stand:
            client = socket.create_connection(("127.0.0.1", stand.port))
            client.sendall(GET)
            assert asked.wait(LIMIT_S)
            assert stand.entries() == []
        client.close()
    assert stand.only().connection == "recording was ended before an answer"


def test_an_answer_that_comes_within_the_farewell_is_recorded_whole(tmp_path: Path) -> None:
    asked, ending = Event(), Event()

    def script(server: socket.socket) -> None:
        read_exactly(server, len(GET))
        asked.set()
        assert ending.wait(LIMIT_S)
        server.sendall(OK)

    with scripted(script) as port, ThreadPoolExecutor(1) as pool:
        with recording(tmp_path / "t", wanted(port)) as stand:
            client = socket.create_connection(("127.0.0.1", stand.port))
            client.sendall(GET)
            assert asked.wait(LIMIT_S)
            pool.submit(ending.set)
        assert read_all(client) == OK
        client.close()
    assert stand.only().connection is None


def test_many_connections_at_once_lose_nothing_and_mix_nothing_up(tmp_path: Path) -> None:
    connections, rounds = 64, 25

    def script(server: socket.socket) -> None:
        while head := read_exactly(server, 40):
            body = head[5:17]
            server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" + body)

    def talk(number: int) -> None:
        with connected(stand.port) as client:
            for turn in range(rounds):
                name = b"%06d%06d" % (number, turn)
                client.sendall(b"GET /%s HTTP/1.1\r\nHost: xx\r\n\r\n" % name)
                assert read_exactly(client, 51)[-12:] == name

    with scripted(script) as port, recording(tmp_path / "t", wanted(port)) as stand:
        with ThreadPoolExecutor(connections) as pool:
            list(pool.map(talk, range(connections)))
        entries = stand.entries()
    pairs = [
        (entry.exchange.request.path[1:].encode(), entry.exchange.response.body)
        for entry in entries
        if entry.exchange.response is not None
    ]
    assert all(asked == answered for asked, answered in pairs)
    assert len({asked for asked, _ in pairs}) == connections * rounds == len(entries)


class FullDisk:
    """A file that takes one exchange and no more."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def write(self, entry: Entry, line: str) -> None:
        del entry
        if self.taken:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.taken.append(line)

    def close(self) -> None:
        pass


def test_a_full_disk_ends_the_recording_and_not_the_traffic(tmp_path: Path) -> None:
    with (
        scripted(answering(OK, OK, OK)) as port,
        recording(tmp_path / "t", wanted(port), file=FullDisk()) as stand,
        connected(stand.port) as client,
    ):
        for _ in range(3):
            client.sendall(GET)
            assert read_exactly(client, len(OK)) == OK
    count = stand.recorder.count
    assert (count.exchanges, count.lost) == (1, 2)
    assert len(stand.told) == 1
    assert "No space left on device" in stand.told[0]


def test_a_fault_in_what_looks_at_the_copy_stops_no_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("stctl.traces.record.recorder.entry_of", broken)
    with (
        scripted(answering(OK, OK)) as port,
        recording(tmp_path / "t", wanted(port)) as stand,
        connected(stand.port) as client,
    ):
        for _ in range(2):
            client.sendall(GET)
            assert read_exactly(client, len(OK)) == OK
    assert "planted" in stand.told[0]


def passed(stand_port: int, asked: bytes) -> None:
    with connected(stand_port) as client:
        client.sendall(asked)
        read_exactly(client, len(OK))


def test_two_sides_are_recorded_into_one_file_and_told_apart(tmp_path: Path) -> None:
    with (
        scripted(answering(OK)) as app,
        scripted(answering(OK, asked=POST)) as core,
        recording(tmp_path / "t", wanted(app), wanted(core)) as stand,
    ):
        for door, asked in zip(stand.recorder.doors, (GET, POST), strict=True):
            passed(door.place.port, asked)
        entries = stand.entries()
    assert [entry.peer for entry in entries] == [Peer.BROWSER_BACKEND, Peer.BACKEND_CORE]
    assert [entry.port for entry in entries] == [app, core]


@pytest.mark.parametrize(
    ("said", "written"),
    [(None, None), (Peer.BROWSER_BACKEND, None), (Peer.BACKEND_CORE, Peer.BACKEND_CORE)],
)
def test_one_side_alone_never_claims_that_the_other_was_recorded(
    said: Peer | None, written: Peer | None, tmp_path: Path
) -> None:
    with scripted(answering(OK)) as port:
        target = Target(scheme="http", host="127.0.0.1", port=port, path="")
        door = Wanted(target=target, place=LOOPBACK, peer=said)
        with recording(tmp_path / "t", door) as stand:
            passed(stand.port, GET)
            assert stand.only().peer is written


def tls_script(folder: Path) -> Script:
    context = untrusted_tls(folder)

    def script(server: socket.socket) -> None:
        with context.wrap_socket(server, server_side=True) as secure:
            read_exactly(secure, len(GET))
            secure.sendall(OK)

    return script


def test_a_certificate_that_nobody_trusts_is_refused_and_told(tmp_path: Path) -> None:
    with (
        scripted(tls_script(tmp_path)) as port,
        recording(tmp_path / "t", wanted(port, "https", "localhost")) as stand,
    ):
        with connected(stand.port) as client:
            client.sendall(GET)
            assert is_reset(client)
        assert "self-signed" in str(stand.only().connection)


def test_the_way_to_the_server_may_be_encrypted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tls_script(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with (
        scripted(script) as port,
        recording(tmp_path / "t", wanted(port, "https", "localhost")) as stand,
    ):
        with connected(stand.port) as client:
            client.sendall(GET)
            assert read_all(client) == OK
        entry = stand.only()
    assert entry.url == f"https://localhost:{port}/a?b=c"
    assert entry.connection is None


def test_a_recording_is_for_its_owner_alone(tmp_path: Path) -> None:
    for name in ("t.ndjson", "t.har"):
        path = tmp_path / name
        path.write_text("old")
        path.chmod(0o644)
        open_file(path, force=True, append=False, facts=FACTS).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "old" not in path.read_text()


def test_appending_behind_a_line_that_broke_off_loses_that_line_only(tmp_path: Path) -> None:
    path = tmp_path / "t.ndjson"
    path.write_text('{"schema": "stctl.recording/1"}\n{"request": {"me')
    file = open_file(path, force=False, append=True, facts=FACTS)
    assert isinstance(file, NdjsonFile)
    file.close()
    lines = path.read_text().splitlines()
    assert lines[1] == '{"request": {"me'
    assert json.loads(lines[2]) == {"schema": "stctl.recording/1", "secrets": "raw"}


def test_a_recorder_tells_where_to_send_requests(tmp_path: Path) -> None:
    target = Target(scheme="http", host="core", port=3567, path="/base")
    door = Wanted(target=target, place=LOOPBACK)
    with recording(tmp_path / "t", door) as stand:
        assert isinstance(stand.recorder, Recorder)
        assert stand.recorder.doors[0].address == f"http://127.0.0.1:{stand.port}/base"
