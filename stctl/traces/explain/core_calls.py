"""Calls to the core as a trace shows them, and what each of them answered."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from stctl.cdi import wire
from stctl.errors import StctlError
from stctl.exchange import Pairs, first_value
from stctl.jsontypes import JsonObject, JsonValue
from stctl.recipe.core_replies import (
    CoreTrouble,
    CreateReply,
    RefreshReply,
    Removed,
    RemoveReply,
    VerifyReply,
)
from stctl.recipe.walk import Source
from stctl.traces.model import Entry, Gap

_OK: Final = 200
_BUSY: Final = 429
_Reply = TypeVar("_Reply")


class CallKind(StrEnum):
    """What a call to a core is for."""

    VERIFY = "verify"
    REFRESH = "refresh"
    CREATE = "create"
    REMOVE = "remove"
    REGENERATE = "regenerate"
    SESSION = "session"
    """Reads or changes a session's facts or data."""
    KEYS = "keys"
    HANDSHAKE = "handshake"
    VERSION = "version"
    USER_ID = "user-id"
    OTHER = "other"


_BY_TAIL: Final = (
    ("POST", "/recipe/session/verify", CallKind.VERIFY),
    ("POST", "/recipe/session/refresh", CallKind.REFRESH),
    ("POST", "/recipe/session/remove", CallKind.REMOVE),
    ("POST", "/recipe/session/regenerate", CallKind.REGENERATE),
    ("POST", "/recipe/session", CallKind.CREATE),
    ("GET", "/recipe/session", CallKind.SESSION),
    ("GET", "/recipe/session/data", CallKind.SESSION),
    ("PUT", "/recipe/session/data", CallKind.SESSION),
    ("PUT", "/recipe/jwt/data", CallKind.SESSION),
    ("POST", "/recipe/handshake", CallKind.HANDSHAKE),
    ("GET", "/.well-known/jwks.json", CallKind.KEYS),
    ("GET", "/recipe/jwt/jwks", CallKind.KEYS),
    ("GET", "/apiversion", CallKind.VERSION),
    ("GET", "/user/id", CallKind.USER_ID),
)
PLUMBING: Final = frozenset({CallKind.KEYS, CallKind.HANDSHAKE, CallKind.VERSION, CallKind.USER_ID})
"""Calls that an SDK makes for its own sake, when it thinks fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreCall:
    """One call from backend to core."""

    index: int | None
    """Place in the trace; None for a call that was concluded and is not recorded."""
    kind: CallKind
    method: str
    path: str
    status: int | None
    """None when no answer is recorded."""
    sent: JsonObject
    answer: JsonObject
    """Empty when the answer is no JSON object."""
    text: str = ""
    cdi: str | None = None
    agent: str | None = None
    """The user agent that called."""
    failure: str | None = None
    """What became of a call without an answer."""
    is_told: bool = True
    """Whether the answer's body was recorded, so that it says what the core said."""
    source: Source = Source.OBSERVED
    """Inferred for a call that must have been made and left no trace."""
    query: Pairs = ()
    started_at_ms: int = 0
    """Milliseconds since the epoch; 0 where unknown."""
    took_ms: float | None = None
    """How long the core took; None for a call that was not recorded."""

    @property
    def core_status(self) -> str | None:
        """The member `status` of the core's answer."""
        value = self.answer.get("status")
        return value if isinstance(value, str) else None


def kind_of(method: str, path: str) -> CallKind:
    """What a call is for, by its method and the end of its path."""
    trimmed = path.rstrip("/")
    for wanted, tail, kind in _BY_TAIL:
        if method == wanted and trimmed.endswith(tail):
            return kind
    return CallKind.OTHER


def read_call(entry: Entry) -> CoreCall:
    """Read a recorded exchange between backend and core."""
    request, response = entry.exchange.request, entry.exchange.response
    answered = response is not None and response.status > 0
    return CoreCall(
        index=entry.index,
        kind=kind_of(request.method, request.path),
        method=request.method,
        path=request.path,
        status=response.status if response and answered else None,
        sent=read_object(request.body),
        answer=read_object(response.body) if response else {},
        text=response.body[:2000].decode("utf-8", "replace") if response else "",
        cdi=first_value(request.headers, "cdi-version"),
        agent=first_value(request.headers, "user-agent"),
        failure=None if answered else entry.connection or "no answer",
        is_told=Gap.RESPONSE_BODY not in entry.gaps or bool(response and response.body),
        query=tuple(request.query),
        started_at_ms=entry.started_at_ms,
        took_ms=entry.exchange.duration_ms,
    )


def read_object(body: bytes) -> JsonObject:
    """The JSON object in a body; empty when there is none."""
    value = read_json(body)
    return value if isinstance(value, dict) else {}


def read_json(body: bytes) -> JsonValue:
    """The JSON value in a body; None when there is none."""
    if not body or len(body) > 1 << 22:
        return None
    try:
        value: JsonValue = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value


def is_busy(call: CoreCall) -> bool:
    """Whether the core asked to come back later, which the SDKs do."""
    return call.status == _BUSY


def trouble_of(call: CoreCall) -> CoreTrouble | None:
    """The trouble that a call ran into; None for an answer in the core's JSON."""
    if call.status is None:
        is_late = call.failure is not None and "time" in call.failure
        return CoreTrouble(
            kind="timeout" if is_late else "refused", method=call.method, path=call.path
        )
    if call.status != _OK:
        return CoreTrouble(
            kind="status", method=call.method, path=call.path, status=call.status, body=call.text
        )
    if call.core_status is None:
        return CoreTrouble(kind="unusable", method=call.method, path=call.path, status=_OK)
    return None


def refused(method: str, path: str) -> CoreTrouble:
    """A call that nobody answered."""
    return CoreTrouble(kind="refused", method=method, path=path)


def _node(call: CoreCall) -> wire.Node:
    return wire.Node(dict(call.answer), path="", where=call.path)


def _unusable(call: CoreCall) -> CoreTrouble:
    return CoreTrouble(kind="unusable", method=call.method, path=call.path, status=call.status)


def verify_reply(call: CoreCall) -> VerifyReply:
    """What the core said of an access token."""

    def read(node: wire.Node) -> VerifyReply:
        match call.core_status:
            case "OK":
                return wire.verified(node)
            case "UNAUTHORISED":
                return wire.unauthorised(node)
            case _:
                return wire.try_refresh_token(node)

    return _reply(call, read)


def refresh_reply(call: CoreCall) -> RefreshReply:
    """What the core made of a refresh token."""

    def read(node: wire.Node) -> RefreshReply:
        match call.core_status:
            case "OK":
                return wire.new_tokens(node)
            case "UNAUTHORISED":
                return wire.unauthorised(node)
            case _:
                return wire.token_theft(node)

    return _reply(call, read)


def create_reply(call: CoreCall) -> CreateReply:
    """What the core said to a new session."""
    return _reply(call, wire.new_tokens)


def _reply(call: CoreCall, read: Callable[[wire.Node], _Reply]) -> _Reply | CoreTrouble:
    """What `read` makes of the answer, or what kept the core from giving one of use."""
    trouble = trouble_of(call)
    if trouble is not None:
        return trouble
    try:
        return read(_node(call))
    except StctlError:
        return _unusable(call)


def remove_reply(call: CoreCall) -> RemoveReply:
    """What the core removed."""
    trouble = trouble_of(call)
    if trouble is not None:
        return trouble
    handles = call.answer.get("sessionHandlesRevoked")
    listed = handles if isinstance(handles, list) else []
    return Removed(handles=tuple(handle for handle in listed if isinstance(handle, str)))
