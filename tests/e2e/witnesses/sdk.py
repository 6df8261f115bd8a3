"""What the backends with supertokens-python share: the SDK's set-up, its handlers, the routes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from supertokens_python import InputAppInfo, SupertokensConfig, init
from supertokens_python.framework import BaseRequest
from supertokens_python.recipe import session, userroles
from supertokens_python.recipe.session import SessionContainer, SessionRecipe
from supertokens_python.recipe.session.asyncio import (
    create_new_session,
    get_all_session_handles_for_user,
    revoke_session,
)
from supertokens_python.recipe.userroles import UserRoleClaim
from supertokens_python.recipe.userroles.asyncio import (
    add_role_to_user,
    create_new_role_or_add_permissions,
)
from supertokens_python.types import RecipeUserId

from e2e.witnesses.settings import CUSTOM_ANSWERS, Settings

HANDLERS: Final = {
    "on_unauthorised": ("onUnauthorised", "UNAUTHORISED"),
    "on_try_refresh_token": ("onTryRefreshToken", "TRY_REFRESH_TOKEN"),
    "on_token_theft_detected": ("onTokenTheftDetected", "TOKEN_THEFT_DETECTED"),
    "on_invalid_claim": ("onInvalidClaim", "INVALID_CLAIMS"),
    "on_clear_duplicate_session_cookies": (
        "onClearDuplicateSessionCookies",
        "CLEAR_DUPLICATE_SESSION_COOKIES",
    ),
}
TEN_YEARS_S: Final = 10 * 365 * 86_400

Answer = dict[str, object]
Query = Mapping[str, str]
Handler = Callable[..., Awaitable[Any]]


def start_sdk(settings: Settings, framework: str) -> None:
    """Set the SDK up, with its own handlers or with those of this app."""
    own = {}
    if settings.kind == "custom":
        own = {name: custom(settings, handler) for name, (handler, _) in HANDLERS.items()}
    sessions = session.init(
        anti_csrf=settings.anti_csrf,
        older_cookie_domain=settings.older_cookie_domain,
        error_handlers=session.InputErrorHandlers(**own),
    )
    init(
        app_info=InputAppInfo(
            app_name="stctl", api_domain="http://127.0.0.1", website_domain="http://127.0.0.1"
        ),
        supertokens_config=SupertokensConfig(connection_uri=settings.core),
        framework=framework,
        recipe_list=[sessions, userroles.init()],
        mode="asgi" if framework == "fastapi" else "wsgi",
        telemetry=False,
    )
    in_force = SessionRecipe.get_instance().config.error_handlers
    for name in HANDLERS:
        setattr(in_force, name, noted(settings, name, getattr(in_force, name)))


def custom(settings: Settings, name: str) -> Handler:
    """A handler as an app might write it."""
    answer = CUSTOM_ANSWERS[name]

    async def handler(*arguments: Any) -> Any:
        if name == "onTokenTheftDetected" and settings.handlers != "forgetful":
            _, session_handle, *_ = arguments
            await revoke_session(session_handle)
        response = arguments[-1]
        response.set_status_code(answer["status"])
        response.set_json_content(answer["body"])
        return response

    return handler


def noted(settings: Settings, name: str, handler: Handler) -> Handler:
    """The handler that is in force, with a line in the log for each time it fires."""

    async def fires(*arguments: Any) -> Any:
        request = next(one for one in arguments if isinstance(one, BaseRequest))
        known_as, error = HANDLERS[name]
        settings.note(error, known_as, settings.kind, request.get_path())
        return await handler(*arguments)

    return fires


async def log_in(request: Any, query: Query) -> Answer:
    """Create a session, for a request of the framework."""
    user = RecipeUserId(query["user"])
    made = await create_new_session(request, "public", user, {"plan": query.get("plan", "free")})
    return {"handle": made.get_handle()}


async def who(found: SessionContainer | None, _: Query) -> Answer:
    """Whose session it is, as the access token says."""
    if found is None:
        return {"user": None}
    payload = found.get_access_token_payload()
    return {"user": found.get_user_id(), "session": found.get_handle(), "payload": payload}


async def crash(_: SessionContainer, __: Query) -> Answer:
    """Fail, as code with a bug does."""
    raise RuntimeError("a bug in the app")


async def log_out(found: SessionContainer, _: Query) -> Answer:
    """Revoke the session that calls."""
    await found.revoke_session()
    return {"status": "OK"}


async def change_payload(found: SessionContainer, query: Query) -> Answer:
    """Merge a claim into the access token."""
    colour = query.get("colour", "blue")
    await found.merge_into_access_token_payload({"colour": colour})
    return {"colour": colour}


async def read_data(found: SessionContainer, _: Query) -> Answer:
    """What the core keeps with the session."""
    return {"data": await found.get_session_data_from_database()}


async def change_data(found: SessionContainer, query: Query) -> Answer:
    """Replace what the core keeps with the session."""
    await found.update_session_data_in_database(dict(query))
    return await read_data(found, query)


async def list_sessions(found: SessionContainer, _: Query) -> Answer:
    """The sessions of the user who calls."""
    return {"handles": await get_all_session_handles_for_user(found.get_user_id())}


async def revoke(_: SessionContainer, query: Query) -> Answer:
    """Revoke a session by its handle."""
    return {"revoked": await revoke_session(query["handle"])}


async def give_role(found: SessionContainer, query: Query) -> Answer:
    """Give a role to the user who calls, and write it into the access token."""
    await create_new_role_or_add_permissions(query["role"], [])
    await add_role_to_user("public", found.get_user_id(), query["role"])
    await found.fetch_and_set_claim(UserRoleClaim)
    return {"roles": await found.get_claim_value(UserRoleClaim)}


def role_is_admin(validators: list[Any], _: SessionContainer, __: Any) -> list[Any]:
    """The claim validators of `/admin`: the token alone decides, however old its claim is."""
    return [*validators, UserRoleClaim.validators.includes("admin", TEN_YEARS_S)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What a path does, by GET and by POST, and how its session is verified."""

    action: Callable[[Any, Query], Awaitable[Answer]]
    verify: Mapping[str, Any] | None = field(default_factory=dict)
    """Options of `verify_session`; None where no session is looked for."""


ROUTES: Final[Mapping[str, Route]] = {
    "/protected": Route(action=who),
    "/protected-db": Route(action=who, verify={"check_database": True}),
    "/optional": Route(action=who, verify={"session_required": False}),
    "/admin": Route(action=who, verify={"override_global_claim_validators": role_is_admin}),
    "/open": Route(action=who, verify=None),
    "/crash": Route(action=crash),
    "/logout": Route(action=log_out),
    "/payload": Route(action=change_payload),
    "/data": Route(action=read_data),
    "/new-data": Route(action=change_data),
    "/sessions": Route(action=list_sessions),
    "/revoke": Route(action=revoke),
    "/role": Route(action=give_role),
}
"""Beside `/login`, the same paths in every framework."""
