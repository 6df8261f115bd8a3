"""Tries a session on an app before anything is played: what is wrong is told at once, by name.

It is a sound session, so that no handler fires unless something is wrong.
"""

from collections.abc import Mapping
from typing import Final

from stctl.cdi.replies import one_line
from stctl.clock import Clock
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Request, Response, first_value
from stctl.recipe.arrival import Reach
from stctl.recipe.config import AppConfig
from stctl.recipe.failures import ErrorName
from stctl.redact import mask_text
from stctl.scenarios.app.line import AppLine
from stctl.scenarios.app.routes import AppRoute
from stctl.scenarios.app.tokens import new_tokens
from stctl.scenarios.browser import Browser
from stctl.traces.explain.explanation import Explanation

_FIRST_GOOD: Final = 200
_FIRST_REDIRECT: Final = 300
_FIRST_REFUSAL: Final = 400
_NOT_FOUND: Final = 404
_LONGEST_WORDS: Final = 120
_HINTS: Final[Mapping[ErrorName, str]] = {
    ErrorName.INVALID_CLAIMS: "--protected names a route that any session may call.",
    ErrorName.GENERAL_ERROR: "Look into the app's log: it failed with a sound session.",
}


def try_session(
    browser: Browser, line: AppLine, app: AppConfig, clock: Clock, core_knows: bool | None
) -> None:
    """Call the protected route and the refresh API with a sound session.

    `core_knows` says whether the core has the session; None where it was not asked. Raises
    APP_UNFIT for whatever does not answer as it should.
    """
    if core_knows is False:
        raise _unfit(
            f"the session that the login at {line.shown} makes is not in the core",
            "--core names another core than the one that the app uses, or another --app-id.",
        )
    route = line.set_up.routes.protected
    if route is not None:
        _try_route(browser, route, line, clock)
    _try_refresh(browser, line, app, clock)


def _try_route(browser: Browser, route: AppRoute, line: AppLine, clock: Clock) -> None:
    now_ms = clock.now_ms()
    plain = browser.request(route.method, route.path, now_ms=now_ms)
    response, told = _asked(plain, route, line)
    where = f"{route} at {line.shown}"
    hint = "--protected 'GET /path' names a route that needs a session."
    answer = _at_the_right_place(where, response, told, hint)
    if told.error is not None:
        raise _unfit(
            f"{where} does not take the session: {_said(answer)}, {told.error}",
            _HINTS.get(told.error) or _refusal_hint(line),
        )
    if not _FIRST_GOOD <= answer.status < _FIRST_REDIRECT:
        raise _unfit(f"{where} answers {_said(answer)} to a sound session", hint)
    browser.take(answer, now_ms)


def _refusal_hint(line: AppLine) -> str:
    if line.set_up.login is None:
        return (
            "The app uses another core, app or tenant than --core, or tokens travel otherwise "
            "there: see --transfer and --anti-csrf."
        )
    return "Tokens may travel otherwise there: see --transfer and --anti-csrf."


def _try_refresh(browser: Browser, line: AppLine, app: AppConfig, clock: Clock) -> None:
    now_ms = clock.now_ms()
    plain = browser.request("POST", app.refresh_path, now_ms=now_ms, is_refresh=True)
    route = AppRoute(method="POST", path=app.refresh_path)
    response, told = _asked(plain, route, line)
    where = f"{route} at {line.shown}"
    hint = "--api-base-path is the apiBasePath of the app."
    answer = _at_the_right_place(where, response, told, hint)
    if new_tokens(answer, app.profile) is not None:
        browser.take(answer, now_ms)
        return
    if told.error is not None and answer.status >= _FIRST_REFUSAL:
        raise _unfit(
            f"{where} does not refresh the session: {_said(answer)}, {told.error}",
            _refusal_hint(line),
        )
    raise _unfit(
        f"{where} brings no new tokens: {_said(answer)}",
        "Is something in front of the app that takes Set-Cookie or st-… headers away?",
    )


def _asked(plain: Request, route: AppRoute, line: AppLine) -> tuple[Response | None, Explanation]:
    from dataclasses import replace

    exchange, told = line.ask(replace(plain, query=route.query))
    return exchange.response, told


def _at_the_right_place(
    where: str, response: Response | None, told: Explanation, hint: str
) -> Response:
    """The answer; raises APP_UNFIT where there is none, no such route, or a redirection."""
    if response is None:
        raise _unfit(f"{where} breaks the connection without an answer", hint)
    if response.status == _NOT_FOUND or told.reach is Reach.NO_ROUTE:
        raise _unfit(f"{where}: the app has no such route (HTTP {response.status})", hint)
    if _FIRST_REDIRECT <= response.status < _FIRST_REFUSAL:
        target = one_line(first_value(response.headers, "location") or "nowhere")
        raise _unfit(f"{where} redirects to {target} (HTTP {response.status})", hint)
    return response


def login_problem(request: Request, response: Response | None, shown: str) -> StctlError:
    """The error of a login that makes no session."""
    return _unfit(
        f"{request.method} {request.path} at {shown} makes no session: {_said(response)}",
        "See --login, --login-body and --login-header. Does the app set its tokens in this very "
        "answer?",
    )


def _said(response: Response | None) -> str:
    """An answer in a few words."""
    if response is None:
        return "no answer"
    text = response.body[:2000].decode("utf-8", "replace").strip()
    words = "a web page" if text.startswith("<") else mask_text(one_line(text)[:_LONGEST_WORDS])
    return f"HTTP {response.status} {words}".rstrip()


def _unfit(detail: str, hint: str) -> StctlError:
    return StctlError(ErrorKind.APP_UNFIT, detail, hint=hint)
