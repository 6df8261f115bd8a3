"""The client against real sockets on loopback that misbehave; nothing sleeps."""

import re
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from stctl.cdi.client import CdiClient
from stctl.cdi.transport import HttpTransport
from stctl.errors import ErrorKind, StctlError

JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Act = Callable[[socket.socket], None]


def answer(data: bytes) -> Act:
    return lambda connection: connection.sendall(data)


def reset(connection: socket.socket) -> None:
    """Send half an answer, then break the connection hard."""
    connection.sendall(JSON_HEAD + b"Content-Length: 100\r\n\r\n{")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def whole_request(connection: socket.socket) -> bytes:
    """Read to the end of the body: a close with bytes unread would reset the connection."""
    data = b""
    while piece := connection.recv(65536):
        data += piece
        head, separator, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if separator and len(body) >= (int(length[1]) if length else 0):
            break
    return data


@contextmanager
def server(act: Act) -> Iterator[tuple[str, list[bytes]]]:
    """A server that reads each request, does `act` and closes; its address and what it read."""
    read: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    read.append(whole_request(connection))
                    act(connection)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", read
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def refresh_failure(address: str) -> StctlError:
    client = CdiClient(HttpTransport(address, timeout_s=5), cdi="5.6")
    with pytest.raises(StctlError) as caught:
        client.refresh_session("token")
    client.close()
    return caught.value


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (reset, ErrorKind.CORE_CUT_SHORT),
        (answer(JSON_HEAD + b"Content-Length: 100\r\n\r\n{}"), ErrorKind.CORE_CUT_SHORT),
        (answer(JSON_HEAD + b"\r\n" + b'{"status": "O'), ErrorKind.CORE_CUT_SHORT),
        (answer(JSON_HEAD + b'Content-Length: 14\r\n\r\n{"status": "OK'), ErrorKind.CORE_CUT_SHORT),
        (answer(b""), ErrorKind.CORE_CUT_SHORT),
        (answer(b"-ERR unknown command\r\n\r\n"), ErrorKind.CORE_NOT_A_CORE),
        (answer(JSON_HEAD + b"\r\n<html><title>x</title>"), ErrorKind.CORE_NOT_A_CORE),
        (answer(JSON_HEAD + b'\r\n{"status": 1}'), ErrorKind.CORE_WRONG_SHAPE),
        (answer(b"HTTP/1.1 401 No\r\n\r\nInvalid API key"), ErrorKind.CORE_KEY_REFUSED),
        (answer(b"HTTP/1.1 404 No\r\n\r\nNot found"), ErrorKind.CORE_NOT_FOUND),
        (answer(b"HTTP/1.1 500 No\r\n\r\nStorageQueryException"), ErrorKind.CORE_FAILED),
        (answer(b"HTTP/1.1 503 No\r\n\r\n"), ErrorKind.CORE_FAILED),
    ],
)
def test_every_way_to_misbehave_is_one_clear_error_and_one_single_request(
    act: Act, kind: ErrorKind
) -> None:
    with server(act) as (address, read):
        error = refresh_failure(address)
    assert error.kind is kind
    assert f"POST /recipe/session/refresh at {address}: " in error.detail
    assert len(read) == 1


def test_after_a_refresh_with_unknown_outcome_the_advice_is_not_to_repeat_it() -> None:
    with server(reset) as (address, _):
        assert "Do not send it again blindly" in refresh_failure(address).hint


def test_a_closed_port_is_a_core_that_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    error = refresh_failure(address)
    assert error.kind is ErrorKind.CORE_DOWN
    assert "connection refused" in error.detail
    assert "blindly" not in error.hint


def test_a_host_name_that_does_not_exist_is_said() -> None:
    error = refresh_failure("http://no-such-host.invalid:3567")
    assert error.kind is ErrorKind.CORE_DOWN


def test_a_core_that_accepts_and_never_answers_is_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = CdiClient(HttpTransport(address, timeout_s=0.05), cdi="5.4")
        with pytest.raises(StctlError, match=r"no whole answer within 0\.05 s") as caught:
            client.get_session("h")
        client.close()
    assert caught.value.kind is ErrorKind.CORE_SLOW
