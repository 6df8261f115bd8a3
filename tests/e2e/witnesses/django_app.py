"""A backend with supertokens-python and Django."""

import sys
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings as django_settings
from django.core.signals import got_request_exception
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path as url
from supertokens_python.async_to_sync_wrapper import sync
from supertokens_python.recipe.session.framework.django.syncio import verify_session

from e2e.witnesses.sdk import ROUTES, Route, log_in, start_sdk
from e2e.witnesses.settings import settings
from e2e.witnesses.wsgi import serve


def login(request: HttpRequest) -> JsonResponse:
    """Create a session."""
    return JsonResponse(sync(log_in(request, request.GET)))


def view(route: Route) -> Callable[[HttpRequest], JsonResponse]:
    """A view of Django, whose session stands in the request."""

    def answer(request: HttpRequest) -> JsonResponse:
        found = getattr(request, "supertokens", None)
        return JsonResponse(sync(route.action(found, request.GET.dict())))

    return answer if route.verify is None else verify_session(**route.verify)(answer)


urlpatterns = [
    url("login", login),
    *(url(path.removeprefix("/"), view(route)) for path, route in ROUTES.items()),
]


def main() -> None:
    """Serve until the process is ended."""
    options = settings()
    django_settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        LOGGING_CONFIG=None,
        MIDDLEWARE=["supertokens_python.framework.django.django_middleware.middleware"],
        ROOT_URLCONF=sys.modules[__name__],
        SECRET_KEY="of a test",
    )
    django.setup()
    start_sdk(options, "django")

    def note(*_: Any, request: HttpRequest, **__: Any) -> None:
        options.note_exception(request.path)

    got_request_exception.connect(note)
    serve(get_wsgi_application(), options.port)


if __name__ == "__main__":
    main()
