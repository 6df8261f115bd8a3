"""What a walk is told about the world, in values: sessions, routes, handlers, signatures."""

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from stctl.exchange import Response
from stctl.jsontypes import JsonObject, JsonValue
from stctl.recipe.config import VerifyOptions
from stctl.recipe.failures import Failure
from stctl.sessions.answers import IssuedToken, SessionFacts


class SignatureVerdict(Enum):
    """What checking a signature against the core's key set comes to."""

    HOLDS = "it holds"
    WRONG = "it does not hold for the key that the token names"
    UNKNOWN_KEY = "the core has no key of that name"
    KEYS_UNREACHABLE = "the core's keys could not be fetched"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """A session as the recipe hands it to the app's route."""

    handle: str
    user_id: str
    recipe_user_id: str
    tenant_id: str
    payload: JsonObject
    header_mode: bool
    """Whether its tokens travel in headers."""


def session_view(facts: SessionFacts, *, header_mode: bool) -> SessionView:
    """The session that a core told of, as the recipe hands it on."""
    return SessionView(
        handle=facts.handle,
        user_id=facts.user_id,
        recipe_user_id=facts.recipe_user_id,
        tenant_id=facts.tenant_id,
        payload=facts.user_data_in_jwt,
        header_mode=header_mode,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPlan:
    """What the app's login route asks of `createNewSession`."""

    user_id: str
    user_data_in_jwt: JsonObject = field(default_factory=dict)
    user_data_in_database: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenRoute:
    """A route that asks for no session."""


RoutePlan: TypeAlias = VerifyOptions | LoginPlan | OpenRoute


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteAnswered:
    """The app's route ran to its end."""

    status: int = 200
    body: JsonValue = None
    revokes_session: bool = False
    """Whether it called `session.revokeSession()` on its way."""
    fresh_access_token: IssuedToken | None = None
    """The access token that it got for a changed payload; None when it changed none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteThrew:
    """The app's route threw: an exception of its own, or one of the SDK's errors."""

    failure: Failure


RouteEnd: TypeAlias = RouteAnswered | RouteThrew


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerAnswered:
    """A handler ran to its end; the answer as it left it."""

    response: Response
    revoked_session: bool = False
    """Whether it ended a session at the core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerFailed:
    """A handler threw."""

    message: str
    place: str | None = None
    """File and line, where known."""


HandlerEnd: TypeAlias = HandlerAnswered | HandlerFailed
