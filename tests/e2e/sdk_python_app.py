"""A small backend with the official Python SDK, for one test: python sdk_python_app.py CORE_URL.

It listens on a free port of the loopback, and prints its address when it does.
"""

import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, Request
from supertokens_python import InputAppInfo, SupertokensConfig, init
from supertokens_python.framework.fastapi import get_middleware
from supertokens_python.recipe import session
from supertokens_python.recipe.session import SessionContainer
from supertokens_python.recipe.session.asyncio import create_new_session
from supertokens_python.recipe.session.framework.fastapi import verify_session
from supertokens_python.types import RecipeUserId

Check = Callable[[Request], Awaitable[SessionContainer]]


def _verified(*, check_database: bool = False) -> Check:
    check = verify_session(check_database=check_database)

    async def verified(request: Request) -> SessionContainer:
        found = await check(request)
        if found is None:
            raise AssertionError("a session that is required is there, or the check raises")
        return found

    return verified


async def login(request: Request, user: str) -> dict[str, str]:
    """Create a session."""
    made = await create_new_session(request, "public", RecipeUserId(user), {"plan": "pro"})
    return {"handle": made.get_handle()}


async def me(found: Annotated[SessionContainer, Depends(_verified())]) -> dict[str, str]:
    """Say whose session it is, as the access token says."""
    return {"user": found.get_user_id(), "plan": found.get_access_token_payload()["plan"]}


async def me_in_database(
    found: Annotated[SessionContainer, Depends(_verified(check_database=True))],
) -> dict[str, str]:
    """Say whose session it is, once the core has looked into its database."""
    return {"user": found.get_user_id()}


async def logout(found: Annotated[SessionContainer, Depends(_verified())]) -> dict[str, str]:
    """Revoke the session."""
    await found.revoke_session()
    return {"status": "OK"}


def application(core_url: str) -> FastAPI:
    """The backend, on the core at `core_url`."""
    init(
        app_info=InputAppInfo(
            app_name="stctl", api_domain="http://127.0.0.1", website_domain="http://127.0.0.1"
        ),
        supertokens_config=SupertokensConfig(connection_uri=core_url),
        framework="fastapi",
        recipe_list=[session.init()],
        mode="asgi",
        telemetry=False,
    )
    app = FastAPI()
    app.add_middleware(get_middleware())
    app.post("/login/{user}")(login)
    app.get("/me")(me)
    app.get("/me-in-database")(me_in_database)
    app.post("/logout")(logout)
    return app


def main(core_url: str) -> None:
    """Serve until the process is ended."""
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(application(core_url), log_level="warning"))
        listening.listen()
        sys.stdout.write(f"http://127.0.0.1:{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        server.run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1])
