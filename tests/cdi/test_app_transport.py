"""What an app is sent, and what comes back, is neither added to nor tidied up."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from loopback import Answer, Asked, serving, silent, untrusted_tls
from stctl.cdi.addresses import read_addresses
from stctl.cdi.app_transport import AppTransport
from stctl.clock import SystemClock
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Request, all_values


def transport(url: str, timeout_s: float = 5.0) -> AppTransport:
    return AppTransport(read_addresses(url)[0], clock=SystemClock(), timeout_s=timeout_s)


def get(path: str = "/", **more: object) -> Request:
    return Request(method="GET", path=path, **more)  # type: ignore[arg-type] # parts of a request


@contextmanager
def raw(answer: bytes) -> Iterator[str]:
    """A server that writes these bytes whatever it is asked, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = Thread(target=talk, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def test_headers_that_come_twice_stay_two_and_keep_their_case() -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nFront-Token: x\r\n"
        b"Content-Length: 2\r\n\r\nhi"
    )
    with raw(answer) as url, transport(url) as app:
        response = app.send(get()).response
    assert response is not None
    assert all_values(response.headers, "set-cookie") == ["a=1", "b=2"]
    assert ("Front-Token", "x") in response.headers
    assert response.body == b"hi"


def test_no_cookie_is_kept_and_no_redirection_followed() -> None:
    asked: list[Asked] = []

    def answer(one: Asked) -> Answer:
        asked.append(one)
        return Answer(status=302, headers=[("location", "/there"), ("set-cookie", "a=1; Path=/")])

    with serving(answer) as port, transport(f"http://127.0.0.1:{port}") as app:
        statuses = [one.status for _ in range(2) if (one := app.send(get("/here")).response)]
    assert statuses == [302, 302]
    assert [one.path for one in asked] == ["/here", "/here"]
    assert all("cookie" not in one.headers for one in asked)


def test_path_query_headers_and_body_arrive_as_they_are() -> None:
    asked: list[Asked] = []

    def answer(one: Asked) -> Answer:
        asked.append(one)
        return Answer()

    sent = Request(
        method="POST",
        path="/lögin",
        query=[("user", "a b&c"), ("user", "")],
        headers=[("x-one", "1")],
        body=b"{}",
    )
    with serving(answer) as port, transport(f"http://127.0.0.1:{port}/base") as app:
        app.send(sent)
    (one,) = asked
    assert one.path == "/l%C3%B6gin?user=a%20b%26c&user="
    assert (one.method, one.body, one.headers["x-one"]) == ("POST", b"{}", "1")


def test_a_connection_that_breaks_is_an_exchange_without_an_answer() -> None:
    with raw(b"") as url, transport(url) as app:
        assert app.send(get()).response is None


def test_an_app_that_cannot_be_reached_is_an_error() -> None:
    with transport("http://127.0.0.1:9") as app, pytest.raises(StctlError) as caught:
        app.send(get("/me"))
    assert caught.value.kind is ErrorKind.APP_DOWN
    assert caught.value.detail == "GET /me at http://127.0.0.1:9: connection refused"


def test_an_app_that_does_not_answer_in_time_is_an_error() -> None:
    with (
        silent() as port,
        transport(f"http://127.0.0.1:{port}", 0.1) as app,
        pytest.raises(StctlError) as caught,
    ):
        app.send(get())
    assert caught.value.kind is ErrorKind.APP_DOWN
    assert "no whole answer within 0.1 s" in caught.value.detail


def test_a_certificate_that_nobody_trusts_is_an_error_with_its_own_hint(tmp_path: Path) -> None:
    with (
        serving(lambda _: Answer(), untrusted_tls(tmp_path)) as port,
        transport(f"https://localhost:{port}") as app,
        pytest.raises(StctlError) as caught,
    ):
        app.send(get())
    assert caught.value.kind is ErrorKind.APP_DOWN
    assert "certificate is not trusted" in caught.value.detail
    assert "SSL_CERT_FILE" in caught.value.hint


def test_an_app_without_tls_is_an_error_with_its_own_hint() -> None:
    with (
        serving(lambda _: Answer()) as port,
        transport(f"https://localhost:{port}") as app,
        pytest.raises(StctlError) as caught,
    ):
        app.send(get())
    assert caught.value.kind is ErrorKind.APP_DOWN
    assert caught.value.hint == "Where the app does not speak TLS, its address begins with http://."


def test_a_password_in_the_address_is_not_shown() -> None:
    with transport("http://me:secret@127.0.0.1:9") as app:
        assert app.shown == "http://…@127.0.0.1:9"
        with pytest.raises(StctlError) as caught:
            app.send(get())
    assert "secret" not in caught.value.detail


def test_each_request_has_a_connection_of_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken: list[socket.socket] = []

        def answer_once_each() -> None:
            for _ in range(2):
                connection, _ = listening.accept()
                taken.append(connection)
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        thread = Thread(target=answer_once_each, daemon=True)
        thread.start()
        with transport(f"http://127.0.0.1:{listening.getsockname()[1]}") as app:
            assert app.send(get()).response is not None
            assert app.send(get()).response is not None
        thread.join()
    for connection in taken:
        connection.close()
