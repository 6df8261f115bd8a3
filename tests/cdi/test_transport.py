"""The HTTP transport on a network made of functions: nothing is sent, nothing waits."""

import json
import ssl
from collections.abc import Callable, Iterator

import httpx
import pytest

from conftest import NOW_MS
from stctl.cdi.mount import CoreMount
from stctl.cdi.replies import json_of
from stctl.cdi.retries import Repeat
from stctl.cdi.transport import HttpTransport, InProcessTransport
from stctl.clock import FrozenClock
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Request, Response

Handler = Callable[[httpx.Request], httpx.Response]
A_AND_B = "http://a:1;http://b:2/base"


class Network:
    """Hosts by name; each answers with the next of its answers, the last one for ever."""

    def __init__(self, **hosts: list[httpx.Response | Exception]) -> None:
        self.hosts = hosts
        self.urls: list[str] = []
        self.said: list[str] = []
        self.clock = FrozenClock(NOW_MS)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.urls.append(str(request.url))
        answers = self.hosts[request.url.host]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def transport(self, addresses: str = "http://a:1") -> HttpTransport:
        return HttpTransport(
            addresses,
            clock=self.clock,
            notify=self.said.append,
            mount=httpx.MockTransport(self.answer),
        )


def ok() -> httpx.Response:
    return httpx.Response(200, json={"status": "OK"})


def refused() -> httpx.ConnectError:
    error = httpx.ConnectError("[Errno 111] Connection refused")
    error.__cause__ = ConnectionRefusedError(111, "Connection refused")
    return error


def failure(network: Network, *, addresses: str = "http://a:1", repeat: Repeat) -> StctlError:
    with network.transport(addresses) as transport, pytest.raises(StctlError) as caught:
        transport.send("POST", "/recipe/session", repeat=repeat)
    return caught.value


def test_path_query_headers_and_body_arrive_as_given() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return ok()

    with HttpTransport("http://a:1/base", mount=httpx.MockTransport(answer)) as transport:
        transport.send(
            "PUT",
            "/t1/recipe",
            query=[("userId", "a b+ü&=/%\udcff")],
            headers=[("api-key", "k")],
            body=b"{}",
        )
    (request,) = seen
    assert request.url.raw_path == b"/base/t1/recipe?userId=a%20b%2B%C3%BC%26%3D%2F%25%FF"
    assert request.url.params["userId"].startswith("a b+ü&=/%")
    assert (request.headers["api-key"], request.content) == ("k", b"{}")


@pytest.mark.parametrize("repeat", list(Repeat))
def test_a_host_that_cannot_be_reached_is_passed_over_and_said(repeat: Repeat) -> None:
    network = Network(a=[refused()], b=[ok()])
    with network.transport(A_AND_B) as transport:
        reply = transport.send("POST", "/x", repeat=repeat)
        assert reply.address == "http://b:2/base"
        assert network.said == ["http://a:1: connection refused; trying http://b:2/base now"]
        transport.send("POST", "/y", repeat=repeat)
    assert network.urls == ["http://a:1/x", "http://b:2/base/x", "http://b:2/base/y"]


def test_when_no_host_can_be_reached_each_is_named_once() -> None:
    error = failure(Network(a=[refused()], b=[refused()]), addresses=A_AND_B, repeat=Repeat.SAFE)
    assert error.kind is ErrorKind.CORE_DOWN
    assert error.detail == (
        "POST /recipe/session: http://a:1: connection refused; http://b:2/base: connection refused"
    )


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (httpx.ReadError("[Errno 104] Connection reset by peer"), ErrorKind.CORE_CUT_SHORT),
        (httpx.ReadTimeout("timed out"), ErrorKind.CORE_SLOW),
        (httpx.WriteError("broken pipe"), ErrorKind.CORE_CUT_SHORT),
    ],
)
def test_a_refresh_that_may_have_arrived_is_sent_to_nobody_else(
    trouble: httpx.HTTPError, kind: ErrorKind
) -> None:
    network = Network(a=[trouble], b=[ok()])
    assert failure(network, addresses=A_AND_B, repeat=Repeat.ONCE).kind is kind
    assert network.urls == ["http://a:1/recipe/session"]


def test_a_safe_call_whose_answer_broke_off_goes_to_the_next_host() -> None:
    network = Network(a=[httpx.ReadError("reset")], b=[ok()])
    with network.transport(A_AND_B) as transport:
        assert transport.send("GET", "/x").status == 200
    assert network.clock.now_ms() == NOW_MS


def test_a_safe_call_to_one_host_is_repeated_once_after_a_moment() -> None:
    network = Network(a=[httpx.ReadError("reset"), ok()])
    with network.transport() as transport:
        assert transport.send("GET", "/x").status == 200
    assert network.clock.now_ms() == NOW_MS + 250
    assert network.said == ["http://a:1: the connection broke (reset); trying http://a:1 in 0.25 s"]


def test_a_busy_core_is_waited_for_as_long_as_it_asks_and_then_reported() -> None:
    busy = httpx.Response(429, headers={"retry-after": "10"}, text="slow down")
    network = Network(a=[busy])
    with network.transport() as transport:
        reply = transport.send("GET", "/x")
    assert reply.status == 429
    assert network.clock.now_ms() == NOW_MS + 30_000
    assert network.said == ["http://a:1: HTTP 429; trying http://a:1 in 10 s"] * 3


def test_unavailable_is_not_repeated_for_a_refresh() -> None:
    network = Network(a=[httpx.Response(503, headers={"retry-after": "1"})])
    with network.transport() as transport:
        assert transport.send("POST", "/x", repeat=Repeat.ONCE).status == 503
    assert len(network.urls) == 1


def test_redirections_are_not_followed() -> None:
    network = Network(a=[httpx.Response(302, headers={"location": "http://b:2/"})], b=[ok()])
    with network.transport() as transport:
        assert transport.send("GET", "/x").status == 302
    assert network.urls == ["http://a:1/x"]


def certificate_error() -> httpx.ConnectError:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed")
    cause.verify_message = "self-signed certificate"
    error = httpx.ConnectError("…")
    error.__cause__ = cause
    return error


def wrong_version() -> httpx.ConnectError:
    error = httpx.ConnectError("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)")
    error.__cause__ = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
    return error


@pytest.mark.parametrize(
    ("trouble", "kind", "words"),
    [
        (certificate_error(), ErrorKind.CORE_DOWN, "not trusted (self-signed certificate)"),
        (wrong_version(), ErrorKind.CORE_DOWN, "does not speak TLS"),
        (httpx.ConnectTimeout("timed out"), ErrorKind.CORE_DOWN, "no connection within 5 s"),
        (httpx.ReadTimeout("timed out"), ErrorKind.CORE_SLOW, "no whole answer within 30 s"),
        (httpx.ProxyError("403 Forbidden"), ErrorKind.CORE_DOWN, "403 Forbidden"),
        (
            httpx.RemoteProtocolError("illegal status line: bytearray(b'+PONG')"),
            ErrorKind.CORE_NOT_A_CORE,
            "does not speak HTTP",
        ),
        (
            httpx.RemoteProtocolError("Server disconnected without sending a response."),
            ErrorKind.CORE_CUT_SHORT,
            "closed without an answer",
        ),
        (httpx.DecodingError("bad gzip"), ErrorKind.CORE_CUT_SHORT, "cannot be unpacked"),
        (httpx.InvalidURL("Invalid IDNA hostname"), ErrorKind.SETTING_INVALID, "IDNA"),
    ],
)
def test_each_trouble_is_one_kind_of_error(trouble: Exception, kind: ErrorKind, words: str) -> None:
    error = failure(Network(a=[trouble]), repeat=Repeat.ONCE)
    assert error.kind is kind
    assert words in error.detail


class Dripping(httpx.SyncByteStream):
    """A body that never ends; every piece takes a while on the given clock."""

    def __init__(self, clock: FrozenClock, piece: bytes) -> None:
        self.clock = clock
        self.piece = piece

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.clock.wait_ms(1000)
            yield self.piece


def test_an_answer_that_drips_is_given_up_at_the_limit_of_the_whole_call() -> None:
    network = Network(a=[])
    network.hosts["a"] = [httpx.Response(200, stream=Dripping(network.clock, b"x"))]
    error = failure(network, repeat=Repeat.ONCE)
    assert error.kind is ErrorKind.CORE_SLOW
    assert network.clock.now_ms() == NOW_MS + 31_000


def test_an_answer_without_end_is_given_up_before_memory_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stctl.cdi.transport.LONGEST_ANSWER_BYTES", 1024 * 1024)
    network = Network(a=[])
    network.hosts["a"] = [httpx.Response(200, stream=Dripping(network.clock, b"x" * 300_000))]
    error = failure(network, repeat=Repeat.ONCE)
    assert error.kind is ErrorKind.CORE_NOT_A_CORE
    assert "longer than 1 MiB" in error.detail


def test_proxies_of_the_environment_are_for_other_machines_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    transport = HttpTransport("http://localhost:1;http://core.example.io:1")
    near, far = (transport._client(address) for address in transport._addresses)
    assert not near.trust_env
    assert far.trust_env
    transport.close()


def echo(request: Request) -> Response:
    facts = {
        "method": request.method,
        "path": request.path,
        "query": dict(request.query),
        "body": request.body.decode(),
    }
    return Response(
        status=200, headers=[("content-type", "application/json")], body=json.dumps(facts).encode()
    )


@pytest.mark.parametrize("through_httpx", [True, False])
def test_a_core_in_process_is_asked_the_same_way_directly_and_through_httpx(
    *, through_httpx: bool
) -> None:
    transport = (
        HttpTransport("http://core", mount=CoreMount(echo))
        if through_httpx
        else InProcessTransport(echo)
    )
    reply = transport.send("PUT", "/a%20b", query=[("userId", "ü &+")], body=b"{}")
    assert json_of(reply).value == {
        "method": "PUT",
        "path": "/a b",
        "query": {"userId": "ü &+"},
        "body": "{}",
    }
    transport.close()


def test_targets_are_for_people_and_hold_no_password() -> None:
    assert HttpTransport("http://ops:pw@a:1;http://b:2").target == "http://…@a:1, http://b:2"
    assert InProcessTransport(echo, target="the store").target == "the store"
