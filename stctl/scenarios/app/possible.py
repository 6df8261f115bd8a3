"""Which cases can be played against a real app, and what the others would need."""

from collections.abc import Callable, Iterator
from typing import Final

from stctl.recipe.config import AppConfig
from stctl.scenarios.app.line import AppLine, AppSetUp
from stctl.scenarios.app.routes import USER
from stctl.scenarios.durations import show_duration
from stctl.scenarios.model import (
    AppIs,
    Call,
    Case,
    CoreIs,
    Deed,
    DeleteUser,
    LogIn,
    Needs,
    Revoke,
    SetPayload,
    SignUp,
    Wait,
)
from stctl.scenarios.stage import LONGEST_WAIT_MS, Target, Wishes

_ROUTE_DOCS: Final = {
    "/protected-db": "looks into the database (checkDatabase)",
    "/admin": "wants the role admin",
    "/payload": "changes a claim of its session",
    "/crash": "throws an exception",
    "/logout": "revokes its session",
    "/optional": "takes a session or none",
    "/open": "asks for no session",
}


def why_not_on_app(
    case: Case, wishes: Wishes, target: Target, line: AppLine, offered: frozenset[str]
) -> str | None:
    """Return why a case cannot be played against an app, and what would change that."""
    app = wishes.app_for(case.needs)
    reasons = (
        *_needs(case.needs, wishes, app),
        *(reason for step in case.steps if (reason := _step(step.deed, line.set_up)) is not None),
        *_people(case, line.set_up),
    )
    del target, offered
    return next(iter(reasons), None)


def _needs(needs: Needs, wishes: Wishes, app: AppConfig) -> Iterator[str]:
    if not needs.cdi.holds(wishes.cdi):
        near = needs.cdi.first or needs.cdi.last
        yield f"it needs an app whose SDK speaks {needs.cdi}: --cdi {near} says that it does"
    if needs.anti_csrf not in {None, app.anti_csrf_mode}:
        yield (
            f"it needs an app with anti-CSRF {needs.anti_csrf}: --anti-csrf {needs.anti_csrf} "
            "says that it is set up so"
        )
    if needs.transfer and wishes.transfer not in {None, needs.transfer}:
        yield f"it needs --transfer {needs.transfer}"
    if needs.older_cookie_domain is not None and app.older_cookie_domain is None:
        yield "it needs an app with olderCookieDomain: older_cookie_domain in [app] says so"
    if needs.settings:
        names = ", ".join(needs.settings)
        yield f"it needs a core with the setting {names}, which cannot be set from here"


def _step(deed: Deed, set_up: AppSetUp) -> str | None:
    for kind, find in _FINDERS.items():
        if isinstance(deed, kind):
            return find(deed, set_up)
    return None


def _of_core(deed: Deed, set_up: AppSetUp) -> str | None:
    del deed
    return None if set_up.has_core else "it needs somebody to act at the app's core: --core URL"


def _of_log_in(deed: Deed, set_up: AppSetUp) -> str | None:
    if isinstance(deed, LogIn) and deed.payload and set_up.login is not None:
        return "it needs claims of its own in the access token: --core without --login"
    return None


def _of_call(deed: Deed, set_up: AppSetUp) -> str | None:
    if not isinstance(deed, Call) or set_up.routes.find(deed) is not None:
        return None
    name = deed.path.removeprefix("/")
    if name == "protected":
        method = deed.method
        return f"it needs a protected route that takes {method}: --protected '{method} /path'"
    what = _ROUTE_DOCS.get(deed.path, "does what its name says")
    return f"it needs a route that {what}: --route {name}='{deed.method} /path'"


def _of_wait(deed: Deed, set_up: AppSetUp) -> str | None:
    del set_up
    if isinstance(deed, Wait) and (deed.duration_ms or 0) > LONGEST_WAIT_MS:
        return f"it would really take {show_duration(deed.duration_ms or 0)}"
    return None


def _of_sign_up(deed: Deed, set_up: AppSetUp) -> str | None:
    del deed, set_up
    return "it would make a user in the app's core"


def _between(deed: Deed, set_up: AppSetUp) -> str | None:
    del deed, set_up
    return "what happens between the app and its core cannot be played from outside"


def _restart(deed: Deed, set_up: AppSetUp) -> str | None:
    del deed, set_up
    return "the app would have to be started again"


_Find = Callable[[Deed, AppSetUp], str | None]
_FINDERS: Final[dict[type, _Find]] = {
    CoreIs: _between,
    AppIs: _restart,
    SignUp: _of_sign_up,
    DeleteUser: _of_sign_up,
    Revoke: _of_core,
    SetPayload: _of_core,
    LogIn: _of_log_in,
    Call: _of_call,
    Wait: _of_wait,
}


def _people(case: Case, set_up: AppSetUp) -> Iterator[str]:
    users = {step.deed.user for step in case.steps if isinstance(step.deed, LogIn)}
    if len(users) < 2:  # noqa: PLR2004 - one user can always sign in
        return
    if set_up.login is not None and not set_up.login.names_user:
        yield f"it needs {len(users)} users: {USER} in the login stands for each"
    elif set_up.users and len(set_up.users) < len(users):
        yield f"it needs {len(users)} users: give --user as often"
