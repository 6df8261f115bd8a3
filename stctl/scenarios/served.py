"""What a case learns of one request: the same of the rehearsed backend and of an app."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stctl.exchange import Request
from stctl.recipe.answering import Answered
from stctl.recipe.failures import ErrorName
from stctl.recipe.walk import Reason, Walked
from stctl.scenarios.core_link import CoreCall
from stctl.sessions.answers import IssuedToken, NewTokens, ReuseSubtype

if TYPE_CHECKING:
    from stctl.traces.explain.explanation import Alternative


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One request as it was seen through."""

    walked: Walked[Answered]
    calls: tuple[CoreCall, ...]
    """None of an app: they are between it and its core."""
    handler_calls: int
    """How many of the calls, the last ones, a handler made."""
    issued: tuple[NewTokens, ...]
    reminted: tuple[IssuedToken, ...]
    """Access tokens that verify put in the place of others."""
    reuse: ReuseSubtype | None
    """How the core classified the reuse of a refresh token, from CDI 5.6 on."""
    reasons: tuple[Reason, ...] | None = None
    """The way that led there in words, where it was concluded and not walked."""
    why_not: Mapping[ErrorName, str] | None = None
    """What ruled out each other error, where that does not follow from the walk alone."""
    alternatives: "tuple[Alternative, ...]" = ()
    """What else an app's answer leaves possible."""
    unreached: str | None = None
    """Why the request never came to an app's own code; None where it did."""


class Counterpart(Protocol):
    """Who answers the requests of a case."""

    def warm_up(self) -> None:
        """Get ready, before the first step."""
        ...

    def serve(self, request: Request, *, short_lived: bool = False) -> Served:
        """Answer one request; `short_lived` asks for an access token that expires soon."""
        ...
