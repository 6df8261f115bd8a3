"""The server of the embedded core, asked over real sockets."""

import json
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest

from served import Started, core_in_foreground, ended, wait_until_free
from stctl.core.serve import _request, free_place, threads_for
from stctl.errors import ErrorKind, StctlError


@pytest.fixture(scope="module")
def core() -> Iterator[Started]:
    with core_in_foreground() as started:
        yield started


def raw(port: int, request: bytes) -> bytes:
    """All that comes back on a connection that the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    return received


def test_a_port_of_zero_takes_a_free_one_that_answers(core: Started) -> None:
    assert core.port > 0
    reply = core.ask("GET", "/hello")
    assert (reply.status, reply.body) == (200, b"Hello\n")
    assert reply.headers["content-type"] == "text/html;charset=UTF-8"


def test_every_answer_says_which_core_it_is_from(core: Started) -> None:
    identity = f"stctl/{core.facts['version']} ({core.facts['instance']})"
    assert core.ask("GET", "/hello").headers["server"] == identity
    assert core.ask("GET", "/nope").headers["server"] == identity


def test_the_process_that_is_told_is_the_core_s_own(core: Started) -> None:
    assert core.ask("GET", f"/config?pid={core.facts['pid']}").json["status"] == "OK"
    assert core.ask("GET", "/config?pid=1").json["status"] == "NOT_ALLOWED"


@pytest.mark.parametrize(
    ("method", "status"),
    [("PUT", 405), ("HEAD", 405), ("OPTIONS", 405), ("PATCH", 405), ("TRACE", 405), ("FOO", 501)],
)
def test_every_method_reaches_the_core(core: Started, method: str, status: int) -> None:
    reply = core.ask(method, "/recipe/session")
    assert reply.status == status
    assert bool(reply.body) == (method != "HEAD")


def test_a_query_is_utf_8_and_keeps_empty_values(core: Started) -> None:
    made = core.create("ü€😀")
    path = "/recipe/session/user?userId=%C3%BC%E2%82%AC%F0%9F%98%80"
    assert core.ask("GET", path).json["sessionHandles"] == [made["session"]["handle"]]
    assert core.ask("GET", "/recipe/session/user?userId=").json["sessionHandles"] == []
    assert core.ask("GET", "/recipe/session/user").status == 400


def test_a_body_of_five_megabytes_comes_back_whole(core: Started) -> None:
    data = {"big": "x" * 5_000_000}
    body = {"userId": "big", "userDataInJWT": {}, "userDataInDatabase": data}
    made = core.ask("POST", "/recipe/session", {**body, "enableAntiCsrf": False})
    handle = made.json["session"]["handle"]
    found = core.ask("GET", f"/recipe/session?sessionHandle={handle}")
    assert found.json["userDataInDatabase"] == data


def test_a_body_may_come_in_chunks_of_unknown_number(core: Started) -> None:
    body = b'{"userId":"c","userDataInJWT":{},"userDataInDatabase":{},"enableAntiCsrf":false}'
    answer = raw(
        core.port,
        b"POST /recipe/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body),
    )
    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("connections", [1, 16, 64])
def test_every_keep_alive_connection_gets_every_answer(core: Started, connections: int) -> None:
    """No refresh fails, however many sessions are refreshed at once."""

    def chain(number: int) -> list[int]:
        token = core.create(f"chain-{number}")["refreshToken"]["token"]
        connection = HTTPConnection("127.0.0.1", core.port, timeout=60)
        statuses = []
        for _ in range(8):
            body = {"refreshToken": token, "enableAntiCsrf": False, "useDynamicSigningKey": True}
            connection.request("POST", "/recipe/session/refresh", json.dumps(body))
            response = connection.getresponse()
            answer = json.loads(response.read())
            statuses.append(response.status if answer["status"] == "OK" else 0)
            token = answer["refreshToken"]["token"]
        connection.close()
        return statuses

    with ThreadPoolExecutor(connections) as pool:
        found = list(pool.map(chain, range(connections)))
    assert found == [[200] * 8] * connections


def test_an_answer_on_a_used_connection_does_not_wait_for_an_acknowledgement(
    core: Started,
) -> None:
    """Forty milliseconds each is what a server without TCP_NODELAY would take."""
    connection = HTTPConnection("127.0.0.1", core.port, timeout=30)
    durations = []
    for _ in range(30):
        began = _now()
        connection.request("GET", "/hello")
        connection.getresponse().read()
        durations.append(_now() - began)
    connection.close()
    assert sorted(durations)[15] < 0.03


def _now() -> float:
    from time import perf_counter

    return perf_counter()


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_core_well_and_frees_its_port(number: signal.Signals) -> None:
    with core_in_foreground() as started:
        idle = HTTPConnection("127.0.0.1", started.port, timeout=30)
        idle.request("GET", "/hello")
        idle.getresponse().read()
        started.process.send_signal(number)
        assert ended(started.process) == 0
        idle.close()
        wait_until_free(started.port)


def test_a_taken_port_is_told() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(StctlError, match=f"Cannot listen on 127.0.0.1 port {port}") as caught:
            free_place("127.0.0.1", port)
    assert caught.value.kind is ErrorKind.CANNOT_LISTEN


def test_an_unknown_host_is_told() -> None:
    with pytest.raises(StctlError, match=r"Cannot listen on no\.such\.host\.invalid"):
        free_place("no.such.host.invalid", 0)


def test_a_name_becomes_a_number_and_ipv4_goes_first() -> None:
    address, port = free_place("localhost", 0)
    assert address == "127.0.0.1"
    assert port > 0


def test_no_more_threads_serve_than_were_allowed() -> None:
    assert threads_for(1) == 1
    assert 2 <= threads_for(1000) < 1000


class _Input:
    def read(self) -> bytes:
        return b"{}"


def test_a_request_keeps_bytes_names_and_order() -> None:
    request = _request(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/t/\xc3\xbc/\xff",
            "QUERY_STRING": "a=1&b=&a=%C3%BC+x&c=%FF",
            "HTTP_HOST": "[::1]:3567",
            "HTTP_API_KEY": "one",
            "CONTENT_TYPE": "text/plain",
            "CONTENT_LENGTH": "2",
            "HTTP_RID": "session",
            "REMOTE_ADDR": "10.1.2.3",
            "wsgi.input": _Input(),
        }
    )
    assert request.path == "/t/ü/\N{REPLACEMENT CHARACTER}"
    assert request.query == [
        ("a", "1"),
        ("b", ""),
        ("a", "ü x"),
        ("c", "\N{REPLACEMENT CHARACTER}"),
    ]
    assert request.headers == [
        ("host", "[::1]:3567"),
        ("api-key", "one"),
        ("content-type", "text/plain"),
        ("content-length", "2"),
        ("rid", "session"),
    ]
    assert (request.host, request.remote_address, request.body) == ("::1", "10.1.2.3", b"{}")
