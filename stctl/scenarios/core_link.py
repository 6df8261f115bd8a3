"""The way from the rehearsed backend to its core, where every call is noted.

The core is always a real one, embedded or not, and what it says is never made up. What can be
made to happen is what happens between: connections that are refused, a wrong key, another server
that answers in the core's place. Such a call is marked as played.
"""

import json
from dataclasses import dataclass, replace
from typing import Final, Protocol

from stctl.cdi.client import CdiClient
from stctl.cdi.replies import Reply
from stctl.cdi.retries import Repeat
from stctl.cdi.transport import Transport
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Pairs
from stctl.scenarios.model import CoreState

WRONG_KEY: Final = "not-the-key-of-this-core"
_HTML: Final = b"<!doctype html><html><head><title>Sign in</title></head><body></body></html>"
_FAILURE: Final = b"the database cannot be reached"


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


class CoreLink:
    """Carries calls, notes them, and plays what is to happen on the way."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.state: CoreState = "up"
        self.calls: list[CoreCall] = []

    @property
    def target(self) -> str:
        """Where the core is, for people."""
        return self._transport.target

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
        call = CoreCall(method=method, path=path)
        if self.state == "down":
            self.calls.append(replace(call, failure="connection refused", played=True))
            raise StctlError(ErrorKind.CORE_DOWN, f"{method} {path}: connection refused")
        if self.state in {"500", "html"}:
            reply = self._play(f"{method} {path}")
            self.calls.append(_noted(call, reply, played=True))
            return reply
        try:
            reply = self._transport.send(
                method,
                path,
                query=query,
                headers=headers,
                body=body,
                timeout_s=timeout_s,
                repeat=repeat,
            )
        except StctlError as error:
            self.calls.append(replace(call, failure=error.detail))
            raise
        self.calls.append(_noted(call, reply, played=False))
        return reply

    def _play(self, call: str) -> Reply:
        if self.state == "500":
            return Reply(call=call, address=self.target, status=500, body=_FAILURE)
        headers = (("content-type", "text/html; charset=utf-8"),)
        return Reply(call=call, address=self.target, status=200, headers=headers, body=_HTML)


def _noted(call: CoreCall, reply: Reply, *, played: bool) -> CoreCall:
    body = reply.body.decode("utf-8", "replace")
    return replace(
        call,
        status=reply.status,
        core_status=_status_of(body),
        played=played,
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
        """The client as the backend has it at this moment."""
        return self._locked_out if self.link.state == "wrong-key" else self._client

    @property
    def rightful_client(self) -> CdiClient:
        """The client of an operator, who has the right key."""
        return self._client

    def client_speaking(self, cdi: str) -> CdiClient:
        """A client of another version."""
        return self._connect(self.link, cdi=cdi)
