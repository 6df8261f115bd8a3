"""What a recorder writes down of what passed."""

import json
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import NOW_MS
from recording_stand import (
    FACTS,
    GET,
    LOOPBACK,
    OK,
    POST,
    answering,
    connected,
    read_all,
    read_exactly,
    recording,
    scripted,
    wanted,
)
from stctl.clock import FrozenClock
from stctl.traces.model import Peer
from stctl.traces.record.door import Wanted
from stctl.traces.record.files import NdjsonFile, open_file
from stctl.traces.record.recorder import Recorder
from stctl.traces.record.target import Target


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
