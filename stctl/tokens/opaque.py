"""Values that are nothing but an id: session handles, anti-CSRF and id-refresh tokens."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from stctl.tokens.problem import TokenProblem

OpaqueKind: TypeAlias = Literal["session-handle", "anti-csrf-token", "id-refresh-token", "uuid"]

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_FORM = re.compile(
    rf"(?P<uuid>{_UUID})(?:_(?P<tenant>[0-9A-Za-z-]{{1,64}})|;(?P<expiry>\d{{1,16}}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpaqueToken:
    """A UUID with what little it carries."""

    kind: OpaqueKind
    """`uuid` where neither its form nor its place says which of the three it is."""
    text: str
    tenant_id: str | None = None
    """Of a session handle of a tenant other than `public`."""
    expires_at_ms: int | None = None
    """Of the old `id-refresh-token` header: `<id>;<expiry>`."""


def read_opaque(text: str, expected: str | None) -> OpaqueToken:
    """Read a UUID; the form decides its kind, else `expected`. Raises `TokenProblem`.

    Source: core, behaviour notes 2.0 and 3.7; SDKs, session notes 1.2.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise TokenProblem("token", "not a UUID")
    if found["tenant"] is not None:
        return OpaqueToken(kind="session-handle", text=text, tenant_id=found["tenant"])
    if found["expiry"] is not None:
        return OpaqueToken(kind="id-refresh-token", text=text, expires_at_ms=int(found["expiry"]))
    return OpaqueToken(kind=_kind(expected), text=text)


def _kind(expected: str | None) -> OpaqueKind:
    match expected:
        case "session-handle" | "anti-csrf-token" | "id-refresh-token":
            return expected
        case _:
            return "uuid"
