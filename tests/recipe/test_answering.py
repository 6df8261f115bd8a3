import pytest

from conftest import NOW_MS
from staged_facts import (
    HANDLE,
    REFRESH_TOKEN,
    REMOVED,
    StagedFacts,
    access_token,
    answer,
    issued,
    request,
    session_facts,
)
from stctl.recipe.config import AppConfig, VerifyOptions
from stctl.recipe.core_replies import CoreTrouble
from stctl.recipe.failures import ErrorName
from stctl.recipe.marks import read_marks
from stctl.recipe.profiles.newest import GO, NODE, PYTHON
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.why_not import why_not
from stctl.sessions import answers

COOKIE = f"sAccessToken={access_token()}"
REFRESH_PATH = "/auth/session/refresh"
OPTIONAL = VerifyOptions(session_required=False)
DATABASE = VerifyOptions(check_database=True)


def test_a_refreshed_token_is_replaced_on_its_first_use() -> None:
    fresh = access_token()
    verified = answers.Verified(
        session=session_facts(), access_token=issued(fresh), payload_update_available=None
    )
    sent = request(cookies=f"sAccessToken={access_token(parent='e' * 64)}")
    response = answer(sent, StagedFacts(verify=verified)).value.response
    assert response is not None
    assert read_marks(response.headers).set == ("cookie:sAccessToken", "header:front-token")


def test_only_a_route_with_a_session_gets_one() -> None:
    with_session = answer(request(cookies=COOKIE)).value.session
    without = answer(request(), StagedFacts(plan=OPTIONAL)).value.session
    assert with_session is not None
    assert (with_session.handle, with_session.user_id) == (HANDLE, "alice")
    assert without is None


def test_a_header_token_wins_over_a_cookie_even_when_it_has_expired() -> None:
    stale = access_token(expires_at_ms=NOW_MS - 1000)
    failure = answer(request(cookies=COOKIE, bearer=stale)).value.failure
    assert failure is not None
    assert failure.error == "TRY_REFRESH_TOKEN"


@pytest.mark.parametrize(
    ("profile", "token", "error"),
    [
        (NODE, access_token(issued_at_ms=NOW_MS + 5000), None),
        (PYTHON, access_token(issued_at_ms=NOW_MS + 5000), "TRY_REFRESH_TOKEN"),
        (GO, access_token(issued_at_ms=NOW_MS + 5000), None),
        (NODE, access_token(claims={"aud": "me"}), None),
        (PYTHON, access_token(claims={"aud": "me"}), "TRY_REFRESH_TOKEN"),
        (NODE, access_token(claims={"stt": 1}), "UNAUTHORISED"),
        (GO, access_token(claims={"stt": 1}), None),
    ],
)
def test_sdks_differ_in_what_they_refuse(profile: Profile, token: str, error: str | None) -> None:
    app = AppConfig(profile=profile)
    failure = answer(request(bearer=token), app=app).value.failure
    assert (failure.error if failure else None) == error


@pytest.mark.parametrize(
    ("profile", "error", "status"),
    [(NODE, "TRY_REFRESH_TOKEN", 401), (PYTHON, "GENERAL_ERROR", 500), (GO, "GENERAL_ERROR", None)],
)
def test_a_web_page_in_place_of_the_core_makes_each_sdk_stumble_its_own_way(
    profile: Profile, error: str, status: int | None
) -> None:
    page = CoreTrouble(kind="unusable", method="POST", path="/recipe/session/verify", status=200)
    app = AppConfig(profile=profile)
    facts = StagedFacts(plan=DATABASE, verify=page)
    answered = answer(request(cookies=COOKIE), facts, app).value
    assert answered.failure is not None
    assert answered.failure.error == error
    assert (answered.response.status if answered.response else None) == status


def test_a_tenant_may_stand_in_the_path_of_an_api() -> None:
    answered = answer(request("POST", "/auth/t1/session/refresh")).value
    assert answered.step == "refresh"
    elsewhere = answer(request("POST", "/auth/a/b/session/refresh")).value
    assert elsewhere.step == "verify"


def test_a_get_on_the_refresh_path_is_the_apps_own() -> None:
    assert answer(request("GET", REFRESH_PATH)).value.step == "verify"


def test_the_reasons_tell_the_way_and_why_it_was_no_other_error() -> None:
    theft = answers.TokenTheftDetected(
        session_handle=HANDLE, user_id="alice", recipe_user_id="alice", reuse_subtype=None
    )
    sent = request("POST", REFRESH_PATH, cookies=f"sRefreshToken={REFRESH_TOKEN}")
    walked = answer(sent, StagedFacts(refresh=theft, remove=REMOVED))
    assert [reason.name for reason in walked.reasons] == [
        "refresh_token",
        "core_refresh",
        "overridden",
        "core_remove",
    ]
    assert {reason.source for reason in walked.reasons} == {"observed"}
    others = why_not(walked)
    assert {str(error) for error in others} == {
        "UNAUTHORISED",
        "TRY_REFRESH_TOKEN",
        "INVALID_CLAIMS",
        "CLEAR_DUPLICATE_SESSION_COOKIES",
        "GENERAL_ERROR",
    }
    assert "had been replaced" in others[ErrorName.UNAUTHORISED]


def test_no_error_needs_no_reasons_against_others() -> None:
    assert why_not(answer(request(cookies=COOKIE))) == {}
