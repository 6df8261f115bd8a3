"""A backend with supertokens-python and Flask."""

from collections.abc import Callable
from typing import Any

from flask import Flask, g, got_request_exception, request
from supertokens_python.async_to_sync_wrapper import sync
from supertokens_python.framework.flask import Middleware
from supertokens_python.recipe.session.framework.flask import verify_session

from e2e.witnesses.sdk import ROUTES, Answer, Route, log_in, start_sdk
from e2e.witnesses.settings import settings
from e2e.witnesses.wsgi import serve


def login() -> Answer:
    """Create a session."""
    made: Answer = sync(log_in(request, request.args))
    return made


def view(route: Route) -> Callable[[], Answer]:
    """A route of Flask, whose session stands in the context of the request."""

    def answer() -> Answer:
        said: Answer = sync(route.action(g.get("supertokens"), request.args))
        return said

    return answer if route.verify is None else verify_session(**route.verify)(answer)


def main() -> None:
    """Serve until the process is ended."""
    options = settings()
    start_sdk(options, "flask")
    app = Flask("backend")
    Middleware(app)
    app.add_url_rule("/login", "login", login, methods=["POST"])
    for path, route in ROUTES.items():
        app.add_url_rule(path, path, view(route), methods=["GET", "POST"])

    def note(*_: Any, **__: Any) -> None:
        options.note_exception(request.path)

    got_request_exception.connect(note)
    serve(app, options.port)


if __name__ == "__main__":
    main()
