"""The routes of the rehearsed app, beside the SDK's own APIs."""

from collections.abc import Mapping
from typing import Final

from stctl.exchange import Request
from stctl.jsontypes import JsonObject, JsonValue
from stctl.recipe.config import VerifyOptions
from stctl.recipe.failures import ClaimError, General
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.situation import (
    OpenRoute,
    RouteAnswered,
    RouteEnd,
    RoutePlan,
    RouteThrew,
    SessionView,
)
from stctl.recipe.transfer import ACCESS_COOKIE, read_transfer
from stctl.tokens.access import PROTECTED_CLAIMS

LOGIN_PATH: Final = "/login"
ROUTES: Final[Mapping[str, RoutePlan]] = {
    "/protected": VerifyOptions(),
    "/protected-db": VerifyOptions(check_database=True),
    "/optional": VerifyOptions(session_required=False),
    "/crash": VerifyOptions(),
    "/logout": VerifyOptions(),
    "/admin": VerifyOptions(),
    "/payload": VerifyOptions(),
    "/open": OpenRoute(),
}
"""The routes of the rehearsed app, beside `/login`."""

_NEWEST_VERSION: Final = 5
_ROLE_CLAIM: Final = "st-role"
_WANTED_ROLE: Final = "admin"


def run_route(request: Request, session: SessionView | None, profile: Profile) -> RouteEnd:
    """Run a route; `/crash` throws, and breaks the connection where the SDK's language does so."""
    if request.path == "/crash":
        breaks = profile.exceptions_close_connection
        return RouteThrew(failure=General(message="a bug in the app", closes_connection=breaks))
    if request.path not in {LOGIN_PATH, *ROUTES}:
        return RouteAnswered(status=404, body={"message": "no such route"})
    body: dict[str, JsonValue] = {"user": None}
    if session is not None:
        body = {"user": session.user_id, "session": session.handle}
    return RouteAnswered(body=body, revokes_session=request.path == "/logout")


def failing_claims(path: str, session: SessionView) -> tuple[ClaimError, ...]:
    """What the validators of a route say: `/admin` is for those who have the role admin."""
    if path != "/admin":
        return ()
    claim = session.payload.get(_ROLE_CLAIM)
    roles = claim.get("v") if isinstance(claim, dict) else None
    if isinstance(roles, list) and _WANTED_ROLE in roles:
        return ()
    reason: dict[str, JsonValue] = {
        "message": "wrong value",
        "expectedToInclude": _WANTED_ROLE,
        "actualValue": roles,
    }
    return (ClaimError(id=_ROLE_CLAIM, reason=reason),)


def own_token(request: Request, profile: Profile) -> str:
    """The access token that a request came with."""
    transfer = read_transfer(request, profile)
    return transfer.bearer or transfer.cookie(ACCESS_COOKIE) or ""


def merged_payload(session: SessionView) -> JsonObject:
    """The claims of a session with what `/payload` adds, without those that the SDK keeps."""
    kept = PROTECTED_CLAIMS[_NEWEST_VERSION]
    own = {name: value for name, value in session.payload.items() if name not in kept}
    return {**own, "colour": "blue"}
