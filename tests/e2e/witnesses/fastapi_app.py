"""A backend with supertokens-python and FastAPI."""

from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from fastapi import Depends, FastAPI, Request
from supertokens_python.framework.fastapi import get_middleware
from supertokens_python.recipe.session import SessionContainer
from supertokens_python.recipe.session.framework.fastapi import verify_session

from e2e.witnesses.sdk import ROUTES, Answer, Route, log_in, start_sdk
from e2e.witnesses.settings import Settings, listening, settings


async def login(request: Request) -> Answer:
    """Create a session."""
    return await log_in(request, request.query_params)


async def nobody() -> None:
    """No session, where none is looked for."""


def view(route: Route) -> Callable[..., Awaitable[Answer]]:
    """A route of FastAPI, whose session comes as a dependency."""
    verified = nobody if route.verify is None else verify_session(**route.verify)
    session = Depends(verified)

    async def answer(request: Request, found: SessionContainer | None = session) -> Answer:
        return await route.action(found, request.query_params)

    return answer


def noting(app: Any, options: Settings) -> Any:
    """What is around the SDK: a line in the log for an exception, before it is answered."""

    async def noted(scope: Any, receive: Any, send: Any) -> None:
        try:
            await app(scope, receive, send)
        except Exception:
            options.note_exception(scope["path"])
            raise

    return noted


def main() -> None:
    """Serve until the process is ended."""
    options = settings()
    start_sdk(options, "fastapi")
    app = FastAPI()
    app.add_middleware(get_middleware())
    app.add_middleware(noting, options=options)
    app.add_api_route("/login", login, methods=["POST"])
    for path, route in ROUTES.items():
        app.add_api_route(path, view(route), methods=["GET", "POST"])
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    server.run(sockets=[listening(options.port)])


if __name__ == "__main__":
    main()
