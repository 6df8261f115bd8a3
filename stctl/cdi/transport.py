"""How a request reaches a core: over HTTP, or straight into an embedded one.

Transports know nothing of sessions. They return whole answers of any status and raise for what is
no answer at all; `cdi/channel.py` judges the status. httpx is loaded with the first request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import quote, unquote, urlencode

from stctl.cdi.addresses import Address, read_addresses
from stctl.cdi.patience import Notify, Patience, say_nothing
from stctl.cdi.replies import Reply
from stctl.cdi.retries import Attempt, Repeat, Trouble, pause_ms
from stctl.clock import Clock, SystemClock
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Pairs, Request, Response
from stctl.redact import SECRET_HEADERS

if TYPE_CHECKING:
    import httpx

DEFAULT_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 5.0
LONGEST_ANSWER_BYTES = 256 * 1024 * 1024


class Transport(Protocol):
    """Carries one call to a core and brings the answer back."""

    @property
    def target(self) -> str:
        """Where the core is, for people; never with a secret."""
        ...

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Pairs = (),
        headers: Pairs = (),
        body: bytes = b"",
        timeout_s: float | None = None,
        repeat: Repeat = Repeat.SAFE,
    ) -> Reply:
        """Return the answer, whatever its status; `path` is percent-encoded, `query` is not.

        Raises StctlError when there is no whole answer.
        """
        ...

    def close(self) -> None:
        """Give connections back; the transport is not used afterwards."""
        ...


class InProcessTransport:
    """Hands each call to a function, such as the embedded core's: no network, no httpx."""

    def __init__(
        self, answer: Callable[[Request], Response], *, target: str = "the embedded core"
    ) -> None:
        self._answer = answer
        self._target = target

    @property
    def target(self) -> str:
        """What the creator called it."""
        return self._target

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Pairs = (),
        headers: Pairs = (),
        body: bytes = b"",
        timeout_s: float | None = None,  # noqa: ARG002 - the protocol's; nothing waits here
        repeat: Repeat = Repeat.SAFE,  # noqa: ARG002 - the protocol's; nothing gets lost here
    ) -> Reply:
        """Return the function's answer."""
        request = Request(
            method=method, path=unquote(path), query=query, headers=headers, body=body
        )
        response = self._answer(request)
        return Reply(
            call=f"{method} {path}",
            address=self._target,
            status=response.status,
            headers=response.headers,
            body=response.body,
            secrets=_secrets(headers),
        )

    def close(self) -> None:
        """Nothing to give back: the function's owner closes the core."""


class HttpTransport:
    """Speaks to one core behind one or several hosts.

    Calls start at the host that answered last. The next host is tried when no connection could
    be made, and for calls that may safely be made twice also when the answer broke off. May be
    used by several threads at once.
    """

    def __init__(
        self,
        addresses: str,
        *,
        clock: Clock | None = None,
        notify: Notify = say_nothing,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        patience_s: float = 2.0,
        mount: "httpx.BaseTransport | None" = None,
    ) -> None:
        """`addresses` is a text such as `http://a:3567;http://b:3567/base`.

        `patience_s` is how long a wait stays unmentioned; `mount` replaces the network. Raises
        SETTING_INVALID for a text that names no host.
        """
        self._addresses = read_addresses(addresses)
        self._clock = clock or SystemClock()
        self._notify = notify
        self._timeout_s = timeout_s
        self._patience = Patience(notify, patience_s)
        self._mount = mount
        self._clients: dict[bool, httpx.Client] = {}
        self._lock = Lock()
        self._first = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.close()

    @property
    def target(self) -> str:
        """Every address, without passwords."""
        return ", ".join(address.shown for address in self._addresses)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Pairs = (),
        headers: Pairs = (),
        body: bytes = b"",
        timeout_s: float | None = None,
        repeat: Repeat = Repeat.SAFE,
    ) -> Reply:
        """Return the answer of the first host that gives a whole one."""
        call = _Call(
            method=method,
            path=path,
            query=query,
            headers=headers,
            body=body,
            timeout_s=self._timeout_s if timeout_s is None else timeout_s,
        )
        return self._until_answered(call, repeat)

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    def _until_answered(self, call: "_Call", repeat: Repeat) -> Reply:
        problems: list[str] = []
        waited_ms, number, start = 0, 0, self._first
        while True:
            host = (start + number) % len(self._addresses)
            address = self._addresses[host]
            number += 1
            outcome = self._attempt(address, call)
            attempt = Attempt(
                number=number,
                hosts=len(self._addresses),
                waited_ms=waited_ms,
                repeat=repeat,
                now_ms=self._clock.now_ms(),
            )
            pause = pause_ms(outcome, attempt)
            if pause is None:
                return self._settle(outcome, host, call, problems)
            following = self._addresses[(host + 1) % len(self._addresses)]
            problems.append(f"{address.shown}: {_problem(outcome)}")
            self._notify(_announcement(problems[-1], following, pause))
            self._clock.wait_ms(pause)
            waited_ms += pause

    def _settle(
        self, outcome: Reply | Trouble, host: int, call: "_Call", problems: list[str]
    ) -> Reply:
        address = self._addresses[host]
        if isinstance(outcome, Reply):
            self._first = host
            return outcome
        if len(problems) + 1 >= len(self._addresses) > 1:
            tried = "; ".join(dict.fromkeys([*problems, f"{address.shown}: {outcome.problem}"]))
            raise StctlError(outcome.kind, f"{call.name}: {tried}", hint=outcome.hint)
        raise outcome.as_error(f"{call.name} at {address.shown}")

    def _attempt(self, address: Address, call: "_Call") -> Reply | Trouble:
        import httpx

        from stctl.cdi.trouble import trouble_of

        subject = f"{call.name} at {address.shown}"
        try:
            with self._patience.during(f"waiting up to {call.timeout_s:g} s for {subject}"):
                return self._exchange(address, call)
        except httpx.InvalidURL as error:
            raise StctlError(ErrorKind.SETTING_INVALID, f"{address.shown}: {error}") from error
        except httpx.HTTPError as error:
            return trouble_of(error, timeout_s=_limit(error, call))

    def _exchange(self, address: Address, call: "_Call") -> Reply | Trouble:
        from stctl.cdi.trouble import too_long, too_slow

        started_ms = self._clock.now_ms()
        with self._client(address).stream(
            call.method,
            address.url + call.tail,
            headers=[*call.headers],
            content=call.body or None,
            timeout=call.timeouts(),
        ) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if self._clock.now_ms() - started_ms > call.timeout_s * 1000:
                    return too_slow(call.timeout_s)
                if len(body) > LONGEST_ANSWER_BYTES:
                    return too_long(LONGEST_ANSWER_BYTES)
            return Reply(
                call=call.name,
                address=address.shown,
                status=response.status_code,
                headers=response.headers.multi_items(),
                body=bytes(body),
                secrets=_secrets(call.headers),
            )

    def _client(self, address: Address) -> "httpx.Client":
        """A client per kind of host: proxies of the environment cannot reach this machine."""
        import httpx

        with self._lock:
            client = self._clients.get(address.is_loopback)
            if client is None:
                client = httpx.Client(
                    transport=self._mount,
                    trust_env=not address.is_loopback,
                    follow_redirects=False,
                    # Whoever asks decides how many calls are under way; none waits for a place.
                    limits=httpx.Limits(max_connections=None, max_keepalive_connections=64),
                    headers={"user-agent": "stctl", "accept": "application/json, text/*"},
                )
                self._clients[address.is_loopback] = client
            return client


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """What is sent, the same to every host."""

    method: str
    path: str
    query: Pairs
    headers: Pairs
    body: bytes
    timeout_s: float

    @property
    def name(self) -> str:
        """Method and path, for messages: a query may hold user ids."""
        return f"{self.method} {self.path}"

    @property
    def tail(self) -> str:
        """What follows the address; bytes that were no UTF-8 go as they came."""
        if not self.query:
            return self.path
        text = urlencode(list(self.query), quote_via=quote, errors="surrogateescape", safe="")
        return f"{self.path}?{text}"

    def timeouts(self) -> "httpx.Timeout":
        """Return the limits for connecting and for each read and write."""
        import httpx

        return httpx.Timeout(self.timeout_s, connect=min(self.timeout_s, CONNECT_TIMEOUT_S))


def _limit(error: "httpx.HTTPError", call: _Call) -> float:
    import httpx

    if isinstance(error, httpx.ConnectTimeout):
        return min(call.timeout_s, CONNECT_TIMEOUT_S)
    return call.timeout_s


def _secrets(headers: Pairs) -> tuple[str, ...]:
    return tuple(value for name, value in headers if name.lower() in SECRET_HEADERS)


def _problem(outcome: Reply | Trouble) -> str:
    return f"HTTP {outcome.status}" if isinstance(outcome, Reply) else outcome.problem


def _announcement(problem: str, following: Address, pause: int) -> str:
    when = f"in {pause / 1000:g} s" if pause else "now"
    return f"{problem}; trying {following.shown} {when}"
