"""What a recorder does and writes down when an answer does not arrive, or it cannot write."""

import asyncio
import errno
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from loopback import untrusted_tls
from recording_stand import (
    GET,
    LIMIT_S,
    OK,
    POST,
    Script,
    answering,
    connected,
    is_reset,
    read_all,
    read_exactly,
    recording,
    scripted,
    wanted,
)
from stctl.exchange import first_value
from stctl.traces.model import Entry, Gap


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


def test_a_server_that_never_takes_the_connection_holds_up_no_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = Event()

    async def hanging(*_: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("stctl.traces.record.door.Door.connect", hanging)
    with recording(tmp_path / "t", wanted(1)) as stand:
        client = socket.create_connection(("127.0.0.1", stand.port), timeout=LIMIT_S)
        client.sendall(GET)
        assert begun.wait(LIMIT_S)
    assert is_reset(client) or not client.recv(1)
    client.close()
