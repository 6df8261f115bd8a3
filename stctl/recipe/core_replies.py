"""What a backend gets when it asks a core, trouble included."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from stctl.sessions.answers import (
    NewTokens,
    TokenTheftDetected,
    TryRefreshToken,
    Unauthorised,
    Verified,
)

TroubleKind = Literal["refused", "timeout", "status", "unusable", "version"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreTrouble:
    """The core could not be reached, refused, or answered what no core answers."""

    kind: TroubleKind
    """`status`: an HTTP status other than 200; `unusable`: 200 without usable JSON;
    `version`: no version of the interface in common."""
    method: str
    path: str
    status: int | None = None
    """None when no answer arrived."""
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """The sessions that a removal really ended."""

    handles: tuple[str, ...]


VerifyReply: TypeAlias = Verified | Unauthorised | TryRefreshToken | CoreTrouble
RefreshReply: TypeAlias = NewTokens | Unauthorised | TokenTheftDetected | CoreTrouble
RemoveReply: TypeAlias = Removed | CoreTrouble
CreateReply: TypeAlias = NewTokens | CoreTrouble


def describe_trouble(trouble: CoreTrouble) -> str:
    """Say in plain words what went wrong between backend and core."""
    match trouble.kind:
        case "refused":
            return "the connection was refused"
        case "timeout":
            return "no answer in time"
        case "unusable":
            return "HTTP 200, but not the JSON of a core"
        case "version":
            return "no version of the interface in common"
        case "status":
            return f"HTTP {trouble.status}"
