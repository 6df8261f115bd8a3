"""The way from the rehearsed backend to its core, where every call is noted.

The core is always a real one, embedded or not, and what it says is never made up. What can be
made to happen is what happens between: connections that are refused, a wrong key, another server
that answers in the core's place. Such a call is marked as played.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Final, NoReturn, Protocol

from stctl.cdi.client import CdiClient
from stctl.cdi.replies import Reply
from stctl.cdi.retries import Repeat
from stctl.cdi.transport import Transport
from stctl.clock import Clock
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Exchange, Pairs, Request, Response
from stctl.scenarios.model import CoreState

WRONG_KEY: Final = "not-the-key-of-this-core"
_HTML: Final = b"<!doctype html><html><head><title>Sign in</title></head><body></body></html>"
_FAILURE: Final = b"the database cannot be reached"
_OLD_VERSIONS: Final = b'{"versions":["2.0","2.1"]}\n'
"""Of a core that is older than every SDK."""
_JSON: Final = (("content-type", "application/json"),)
_HTML_TYPE: Final = (("content-type", "text/html; charset=utf-8"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreCall:
    """One call to the core, as it was seen on the way."""

    method: str
    path: str
    """Without the query."""
    status: int | None = None
    """None when no answer came."""
    core_status: str | None = None
    """The member `status` of the answer's JSON."""
    failure: str | None = None
    played: bool = False
    """Whether stctl answered, or refused, in place of the core."""
    body: str = ""
    """Of an answer that is no success, for the error's text."""
    exchange: Exchange | None = field(default=None, repr=False)
    """The whole of it, secrets included; None in examples that stand alone."""


class CoreLink:
    """Carries calls, notes them, and plays what is to happen on the way."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock
        self.state: CoreState = "up"
        self.calls: list[CoreCall] = []

    @property
    def target(self) -> str:
        """Where the core is, for people."""
        return self._transport.target

    def lead_to(self, transport: Transport) -> None:
        """Lead to another core from here on."""
        self._transport = transport

    def close(self) -> None:
        """Close what lies below."""
        self._transport.close()

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
        """Carry one call, or play its end."""
        request = Request(method=method, path=path, query=query, headers=headers, body=body)
        played = self._played(f"{method} {path}")
        try:
            if isinstance(played, StctlError):
                raise played
            reply = played or self._transport.send(
                method,
                path,
                query=query,
                headers=headers,
                body=body,
                timeout_s=timeout_s,
                repeat=repeat,
            )
        except StctlError as error:
            failure = error.detail.removeprefix(f"{method} {path}: ")
            self._note(request, None, failure=failure, played=played is not None)
            raise
        self._note(request, reply, failure=None, played=played is not None)
        return reply

    def offer_nothing_in_common(self) -> NoReturn:
        """Play a core that is too old, when it is asked for its versions; raise CORE_VERSION."""
        call = "GET /apiversion"
        request = Request(method="GET", path="/apiversion")
        reply = Reply(call=call, address=self.target, status=200, headers=_JSON, body=_OLD_VERSIONS)
        self._note(request, reply, failure=None, played=True)
        raise StctlError(ErrorKind.CORE_VERSION, f"{call}: no version in common")

    def _played(self, call: str) -> Reply | StctlError | None:
        """What stctl makes happen in place of the core; None: the core is asked."""
        match self.state:
            case "down":
                return StctlError(ErrorKind.CORE_DOWN, f"{call}: connection refused")
            case "hanging":
                return StctlError(ErrorKind.CORE_SLOW, f"{call}: no answer in time")
            case "500":
                return Reply(call=call, address=self.target, status=500, body=_FAILURE)
            case "html":
                return Reply(
                    call=call, address=self.target, status=200, headers=_HTML_TYPE, body=_HTML
                )
            case _:
                return None

    def _note(
        self, request: Request, reply: Reply | None, *, failure: str | None, played: bool
    ) -> None:
        now_ms = self._clock.now_ms()
        response = None
        if reply is not None:
            response = Response(status=reply.status, headers=reply.headers, body=reply.body)
        exchange = Exchange(request=request, response=response, started_at_ms=now_ms)
        call = CoreCall(
            method=request.method,
            path=request.path,
            failure=failure,
            played=played,
            exchange=exchange,
        )
        self.calls.append(call if reply is None else _noted(call, reply))


def _noted(call: CoreCall, reply: Reply) -> CoreCall:
    body = reply.body.decode("utf-8", "replace")
    return replace(
        call,
        status=reply.status,
        core_status=_status_of(body),
        body="" if reply.status == 200 else body,  # noqa: PLR2004 - the one good status of a core
    )


def _status_of(body: str) -> str | None:
    try:
        document = json.loads(body)
    except ValueError:
        return None
    status = document.get("status") if isinstance(document, dict) else None
    return status if isinstance(status, str) else None


class Connect(Protocol):
    """Makes a client on a transport; what is None is left as the backend has it."""

    def __call__(
        self, transport: Transport, *, key: str | None = None, cdi: str | None = None
    ) -> CdiClient:
        """Return the client."""
        ...


class Core:
    """A core as the rehearsed backend knows it: one link, one version, one key."""

    def __init__(self, link: CoreLink, connect: Connect) -> None:
        self.link = link
        self._connect = connect
        self._client = connect(link)
        self._locked_out = connect(link, key=WRONG_KEY)

    @property
    def client(self) -> CdiClient:
        """The client as the backend has it at this moment.

        Raises CORE_VERSION while the core is too old for it.
        """
        if self.link.state == "too-old":
            self.link.offer_nothing_in_common()
        return self._locked_out if self.link.state == "wrong-key" else self._client

    @property
    def key_client(self) -> CdiClient:
        """The client that fetches public keys, which needs neither a key nor a version."""
        return self._client

    @property
    def rightful_client(self) -> CdiClient:
        """The client of an operator, who has the right key."""
        return self._client

    def client_speaking(self, cdi: str) -> CdiClient:
        """A client of another version."""
        return self._connect(self.link, cdi=cdi)
