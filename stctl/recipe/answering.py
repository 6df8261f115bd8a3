"""A whole request, from the SDK's router to the answer: the trunk of the tree."""

import json
from dataclasses import dataclass
from typing import Final

from stctl.exchange import Request, Response
from stctl.jsontypes import JsonValue
from stctl.recipe import seed
from stctl.recipe.config import AppConfig, VerifyOptions
from stctl.recipe.core_replies import CoreTrouble
from stctl.recipe.create import create
from stctl.recipe.failures import Failure
from stctl.recipe.handlers import JSON_TYPE, NOBODY, Firing, answer_failure, json_bytes
from stctl.recipe.questions import CoreRemove, PlanOfRoute, Route
from stctl.recipe.refresh import refresh
from stctl.recipe.response import Change, attach_access_token, clear_place, write_headers
from stctl.recipe.sign_out import sign_out
from stctl.recipe.situation import LoginPlan, RoutePlan, RouteThrew, SessionView
from stctl.recipe.step_end import Failed, Passed, StepEnd, StepName
from stctl.recipe.transfer import Place
from stctl.recipe.trouble import failure_of
from stctl.recipe.verify import verify
from stctl.recipe.walk import Tree, ask
from stctl.sessions.answers import IssuedToken

_UNCHECKED_METHODS: Final = frozenset({"OPTIONS", "TRACE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of one request."""

    step: StepName
    session: SessionView | None
    failure: Failure | None
    firing: Firing
    response: Response | None
    """None when the connection broke without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ran:
    end: StepEnd
    step: StepName
    status: int = 200
    body: str = ""
    content_type: str = JSON_TYPE


def answer_request(request: Request, app: AppConfig) -> Tree[Answered]:
    """Walk a request through the SDK: its own APIs, or a route of the app.

    Source: SDKs, behaviour notes 0, 2.1, 3 and 7.
    """
    ran = yield from _run(request, app)
    if isinstance(ran.end, Failed):
        failure = ran.end.failure
        outcome = yield from answer_failure(failure, request, app, ran.end.changes)
        return Answered(
            step=ran.step,
            session=None,
            failure=failure,
            firing=outcome.firing,
            response=outcome.response,
        )
    headers = (*write_headers(ran.end.changes, app), ("Content-Type", ran.content_type))
    return Answered(
        step=ran.step,
        session=ran.end.session,
        failure=None,
        firing=NOBODY,
        response=Response(status=ran.status, headers=headers, body=json_bytes(ran.body)),
    )


def _run(request: Request, app: AppConfig) -> Tree[_Ran]:
    if request.method == "POST" and _is_api(request.path, "/session/refresh", app):
        end = yield from _refresh(request, app)
        return _Ran(end=end, step=StepName.REFRESH, body=app.profile.refresh_body)
    if request.method == "POST" and is_sign_out_path(request.path, app):
        end = yield from _sign_out(request, app)
        return _Ran(end=end, step=StepName.SIGN_OUT, body=_text({"status": "OK"}))
    plan = yield from ask(PlanOfRoute(request))
    return (yield from _run_route(request, plan, app))


def _refresh(request: Request, app: AppConfig) -> Tree[StepEnd]:
    rules = app.profile.seed
    return (
        yield from refresh(request, app) if rules is None else seed.refresh(request, app, rules)
    )


def _sign_out(request: Request, app: AppConfig) -> Tree[StepEnd]:
    rules = app.profile.seed
    walk = sign_out(request, app) if rules is None else seed.sign_out(request, app, rules)
    return (yield from walk)


def _verify(request: Request, plan: VerifyOptions, app: AppConfig) -> Tree[StepEnd]:
    rules = app.profile.seed
    walk = verify(request, plan, app) if rules is None else seed.verify(request, plan, app, rules)
    return (yield from walk)


def is_sign_out_path(path: str, app: AppConfig) -> bool:
    """Whether a path is that of the sign-out API."""
    return _is_api(path, "/signout", app)


def _is_api(path: str, tail: str, app: AppConfig) -> bool:
    """Whether a path is an SDK's own: a tenant may stand between base path and name."""
    base = app.api_base_path
    if not path.startswith(base) or not path.endswith(tail):
        return False
    between = path[len(base) : len(path) - len(tail)]
    return between == "" or (between.startswith("/") and between.count("/") == 1)


def _run_route(request: Request, plan: RoutePlan, app: AppConfig) -> Tree[_Ran]:
    end: StepEnd = Passed(session=None)
    step = StepName.NONE
    if isinstance(plan, LoginPlan):
        step = StepName.CREATE
        end = yield from create(request, plan, app)
    elif isinstance(plan, VerifyOptions) and request.method not in _UNCHECKED_METHODS:
        step = StepName.VERIFY
        end = yield from _verify(request, plan, app)
    if isinstance(end, Failed):
        return _Ran(end=end, step=step)
    return (yield from _run_app_code(request, end, step, app))


def _run_app_code(request: Request, passed: Passed, step: StepName, app: AppConfig) -> Tree[_Ran]:
    answer = yield from ask(Route(request, passed.session))
    if isinstance(answer, RouteThrew):
        end: StepEnd = Failed(failure=answer.failure, changes=passed.changes)
        return _Ran(end=end, step=step)
    end = _with_changed_payload(passed, answer.fresh_access_token, app)
    if answer.revokes_session and passed.session is not None:
        end = yield from _revoke(passed.session, passed.changes, app)
    return _Ran(end=end, step=step, status=answer.status, body=_text(answer.body))


def _with_changed_payload(passed: Passed, fresh: IssuedToken | None, app: AppConfig) -> Passed:
    """A route that changes the payload answers with a new access token; refresh tokens stay."""
    session = passed.session
    if fresh is None or session is None:
        return passed
    place: Place = "header" if session.header_mode else "cookie"
    changes = attach_access_token(fresh, session.user_id, place, app)
    return Passed(session=session, changes=(*passed.changes, *changes))


def _revoke(session: SessionView, changes: tuple[Change, ...], app: AppConfig) -> Tree[StepEnd]:
    reply = yield from ask(CoreRemove((session.handle,)))
    if isinstance(reply, CoreTrouble):
        return Failed(failure=failure_of(reply, app), changes=changes)
    rules = app.profile.seed
    place: Place = "header" if session.header_mode else "cookie"
    cleared = clear_place(place, app) if rules is None else seed.cleared_by(reply, app, rules)
    return Passed(session=session, changes=(*changes, *cleared))


def _text(body: JsonValue) -> str:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)
