import json
from dataclasses import replace

import pytest

from staged_facts import (
    HANDLE,
    REFRESH_TOKEN,
    REMOVED,
    StagedFacts,
    access_token,
    answer,
    new_tokens,
    request,
)
from stctl.exchange import Response, first_value
from stctl.recipe.config import AppConfig
from stctl.recipe.core_replies import CoreTrouble, Removed
from stctl.recipe.failures import HandlerName, Unauthorised
from stctl.recipe.marks import read_marks
from stctl.recipe.profiles.newest import GO, NODE, PYTHON
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.questions import AppErrorHandler, CustomHandler
from stctl.recipe.situation import HandlerAnswered, HandlerEnd, HandlerFailed, LoginPlan, RouteThrew
from stctl.sessions import answers

THEFT = answers.TokenTheftDetected(
    session_handle=HANDLE, user_id="alice", recipe_user_id="bob", reuse_subtype=None
)
STOLEN = request(
    "POST",
    "/auth/session/refresh",
    cookies=f"sAccessToken={access_token()}; sRefreshToken={REFRESH_TOKEN}",
)
DOWN = CoreTrouble(kind="refused", method="POST", path="/recipe/session/remove")
PROFILES = pytest.mark.parametrize("profile", [NODE, PYTHON, GO], ids=lambda known: known.name)


def body_of(response: Response | None) -> object:
    assert response is not None
    return json.loads(response.body)


def refuse(question: CustomHandler) -> HandlerEnd:
    return HandlerAnswered(
        response=replace(question.response, status=403, body=b'{"message":"no"}')
    )


def fail(_question: CustomHandler) -> HandlerEnd:
    return HandlerFailed(message="my log server is down")


@PROFILES
def test_the_default_theft_handler_revokes_the_session_and_then_answers(profile: Profile) -> None:
    facts = StagedFacts(refresh=THEFT, remove=REMOVED)
    answered = answer(STOLEN, facts, AppConfig(profile=profile)).value
    assert facts.core_questions()[-1] == (HANDLE,)
    assert answered.firing.side_effect == "revoke_session"
    assert body_of(answered.response) == {"message": "token theft detected"}


def test_a_session_that_was_gone_already_is_revoked_all_the_same() -> None:
    answered = answer(STOLEN, StagedFacts(refresh=THEFT, remove=Removed(handles=()))).value
    assert answered.firing.side_effect == "revoke_session"
    assert answered.firing.kind == "default"


def test_a_custom_theft_handler_replaces_the_revocation_but_not_the_clearing() -> None:
    handlers = {HandlerName.ON_TOKEN_THEFT_DETECTED: refuse}
    facts = StagedFacts(refresh=THEFT, handlers=handlers)
    answered = answer(STOLEN, facts).value
    assert answered.firing.kind == "custom"
    assert answered.firing.side_effect is None
    assert answered.response is not None
    assert answered.response.status == 403
    assert read_marks(answered.response.headers).clears_session
    asked = next(asked for asked in facts.asked if isinstance(asked, CustomHandler))
    assert read_marks(asked.response.headers).clears_session


def test_a_custom_handler_that_revokes_is_told_apart() -> None:
    def revoke(question: CustomHandler) -> HandlerEnd:
        return HandlerAnswered(response=question.response, revoked_session=True)

    handlers = {HandlerName.ON_TOKEN_THEFT_DETECTED: revoke}
    answered = answer(STOLEN, StagedFacts(refresh=THEFT, handlers=handlers)).value
    assert answered.firing.side_effect == "revoke_session"


def test_an_override_of_another_handler_changes_nothing() -> None:
    handlers = {HandlerName.ON_UNAUTHORISED: refuse}
    facts = StagedFacts(refresh=THEFT, remove=REMOVED, handlers=handlers)
    assert answer(STOLEN, facts).value.firing.kind == "default"


@pytest.mark.parametrize(
    ("profile", "runs", "clears"), [(NODE, 2, True), (PYTHON, 1, False), (GO, 1, True)]
)
def test_a_handler_that_fails_becomes_a_general_error(
    profile: Profile, runs: int, *, clears: bool
) -> None:
    handlers = {HandlerName.ON_TOKEN_THEFT_DETECTED: fail}
    facts = StagedFacts(refresh=THEFT, handlers=handlers)
    answered = answer(STOLEN, facts, AppConfig(profile=profile)).value
    called = [asked for asked in facts.asked if isinstance(asked, CustomHandler)]
    assert len(called) == answered.firing.runs == runs
    assert answered.failure is not None
    assert answered.failure.error == "TOKEN_THEFT_DETECTED"
    assert answered.firing.handler == "onTokenTheftDetected"
    assert answered.firing.final_handler == "framework_error_response"
    assert answered.firing.final_kind == "framework"
    assert answered.response is not None
    assert answered.response.status == 500
    assert read_marks(answered.response.headers).clears_session is clears


def test_a_theft_whose_revocation_fails_ends_as_a_general_error() -> None:
    answered = answer(STOLEN, StagedFacts(refresh=THEFT, remove=DOWN)).value
    assert answered.firing.failed == HandlerFailed(message="No SuperTokens core available to query")
    assert answered.firing.side_effect is None
    assert answered.firing.kind == "default"
    assert answered.response is not None
    assert answered.response.status == 500


def test_express_lets_a_handler_succeed_at_the_second_try() -> None:
    ends: list[HandlerEnd] = [
        HandlerFailed(message="once"),
        HandlerAnswered(response=Response(status=418)),
    ]
    handlers = {HandlerName.ON_TOKEN_THEFT_DETECTED: lambda _: ends.pop(0)}
    answered = answer(STOLEN, StagedFacts(refresh=THEFT, handlers=handlers)).value
    assert answered.response is not None
    assert answered.response.status == 418
    assert answered.firing.failed is None


@PROFILES
def test_a_general_error_is_the_frameworks_unless_the_app_has_a_handler(profile: Profile) -> None:
    app = AppConfig(profile=profile)
    trouble = StagedFacts(refresh=DOWN)
    assert answer(STOLEN, trouble, app).value.firing.kind == "framework"

    def apologise(question: AppErrorHandler) -> HandlerEnd:
        return HandlerAnswered(response=replace(question.response, status=503))

    with_handler = StagedFacts(refresh=DOWN, app_handler=apologise)
    answered = answer(STOLEN, with_handler, app).value
    assert answered.firing.handler == "app_error_handler"
    assert answered.firing.kind == "custom"
    assert answered.response is not None
    assert answered.response.status == 503


@PROFILES
def test_the_errors_own_text_reaches_no_default_answer(profile: Profile) -> None:
    gone = answers.Unauthorised(message="a text of the core")
    answered = answer(STOLEN, StagedFacts(refresh=gone), AppConfig(profile=profile)).value
    assert answered.failure == Unauthorised(message="a text of the core", clear_tokens=True)
    assert body_of(answered.response) == {"message": "unauthorised"}


@pytest.mark.parametrize(
    ("profile", "body"),
    [
        (NODE, "Internal Server Error"),
        (PYTHON, "Internal Server Error"),
        (GO, "no SuperTokens core"),
    ],
)
def test_only_go_shows_the_text_of_a_general_error(profile: Profile, body: str) -> None:
    answered = answer(STOLEN, StagedFacts(refresh=DOWN), AppConfig(profile=profile)).value
    assert answered.response is not None
    assert body in answered.response.body.decode()


def test_the_status_is_the_one_that_the_app_sets_for_expired_sessions() -> None:
    answered = answer(request(), app=AppConfig(session_expired_status=440)).value
    assert answered.response is not None
    assert answered.response.status == 440


@pytest.mark.parametrize(("profile", "doubled"), [(NODE, False), (PYTHON, True), (GO, False)])
def test_a_session_made_and_refused_in_one_request_ends_cleared(
    profile: Profile, *, doubled: bool
) -> None:
    facts = StagedFacts(
        plan=LoginPlan(user_id="alice"),
        create=new_tokens(),
        route_end=RouteThrew(failure=Unauthorised(message="this user is banned")),
    )
    login = request("POST", "/login", st_auth_mode="cookie")
    response = answer(login, facts, AppConfig(profile=profile)).value.response
    assert response is not None
    marks = read_marks(response.headers)
    assert marks.clears_session
    assert ("cookie:sAccessToken" in marks.set) is doubled
    cookies = [value for name, value in response.headers if name == "Set-Cookie"]
    assert "1970" in cookies[-1]


def test_default_answers_are_json() -> None:
    response = answer(request()).value.response
    assert response is not None
    assert first_value(response.headers, "content-type") == "application/json; charset=utf-8"
    assert response.body == b'{"message":"unauthorised"}'
