from dataclasses import replace

import pytest

from rehearsals import case_of, play, step_of
from stctl.cdi.versions import SUPPORTED
from stctl.recipe.failures import ErrorName
from stctl.recipe.profiles.newest import GO, NODE, PYTHON
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.transfer import Place
from stctl.scenarios.load import library_names, load_from_library
from stctl.scenarios.stage import Wishes

CDIS = ("2.7", "2.20", "2.21", "3.0", "3.1", "4.0", "5.0", "5.4", "5.5", "5.6")
PROFILES = pytest.mark.parametrize("profile", [NODE, PYTHON, GO], ids=lambda known: known.name)


def test_the_library_tells_of_the_four_errors() -> None:
    assert library_names() == ["theft", "unauthorised", "try-refresh-token", "general-error"]
    assert set(CDIS) <= set(SUPPORTED)


@pytest.mark.parametrize("name", library_names())
def test_a_scenario_of_the_library_raises_what_its_name_says(name: str) -> None:
    scenario = load_from_library(name)
    assert scenario.doc.endswith(".")
    wanted = {"theft": "TOKEN_THEFT_DETECTED"}.get(name, name.upper().replace("-", "_"))
    for case in scenario.cases:
        assert case.doc.endswith(".")
        assert case.promise.expect is not None
        assert case.promise.expect.error == wanted
        for step in case.steps:
            assert step.says.endswith("."), step.name


@pytest.mark.parametrize("cdi", CDIS)
@pytest.mark.parametrize("name", library_names())
def test_every_case_ends_as_promised_at_every_kind_of_interface(name: str, cdi: str) -> None:
    performance = play(name, Wishes(cdi=cdi))
    ends = {case.case.name: case.reason for case in performance.results[0].cases}
    assert performance.is_as_promised, ends


@PROFILES
@pytest.mark.parametrize("place", ["cookie", "header"])
@pytest.mark.parametrize("name", library_names())
def test_every_case_ends_as_promised_with_every_sdk(
    name: str, place: Place, profile: Profile
) -> None:
    performance = play(name, Wishes(cdi="5.4", profile=profile, transfer=place))
    ends = {case.case.name: case.reason for case in performance.results[0].cases}
    assert performance.is_as_promised, ends


def test_up_to_5_5_theft_is_a_parent_that_comes_after_its_child() -> None:
    result = case_of(play("theft"), "thief-comes-late")
    replay = step_of(result, "replay").asked
    assert replay is not None
    assert [(call.path, call.core_status) for call in replay.calls] == [
        ("/recipe/session/refresh", "TOKEN_THEFT_DETECTED"),
        ("/recipe/session/remove", "OK"),
    ]
    assert replay.handler_calls == 1
    assert replay.reuse is None
    first, second = result.generations
    assert (first.name, first.parent) == ("R0", None)
    assert (second.name, second.parent) == ("R1", "R0")
    assert second.proof == "named by its access token"
    assert [(use.who, use.outcome) for use in first.uses] == [
        ("browser", "OK"),
        ("thief", "TOKEN_THEFT_DETECTED"),
    ]


@pytest.mark.parametrize(
    ("case", "reuse"),
    [
        ("recent-prev", "RECENT_PREV"),
        ("orphaned-branch", "ORPHANED_BRANCH"),
        ("stale-lineage", "STALE_LINEAGE"),
    ],
)
def test_from_5_6_on_the_core_calls_the_reuse_by_name_and_ends_the_session_itself(
    case: str, reuse: str
) -> None:
    result = case_of(play("theft", Wishes(cdi="5.6")), case)
    promised = result.promised
    assert promised is not None
    assert promised.asked is not None
    assert promised.asked.reuse == reuse
    assert {generation.proof for generation in result.generations} == {None, "presented for it"}


def test_cases_of_the_other_family_are_left_out_and_named() -> None:
    legacy = {case.case.name: case.reason for case in play("theft").results[0].cases}
    assert legacy["recent-prev"] == "it needs CDI 5.6 or newer: --cdi 5.6"
    assert legacy["thief-comes-late"] is None
    rotation = play("theft", Wishes(cdi="5.6"))
    assert case_of(rotation, "thief-comes-late").reason == "it needs CDI 5.5 or older: --cdi 5.5"


def test_a_softened_core_breaks_the_promise_of_theft() -> None:
    wishes = Wishes(cdi="5.6", settings={"recent_token_reuse_behaviour": "UNAUTHORISED"})
    performance = play("theft", wishes)
    assert not performance.is_as_promised
    softened = case_of(performance, "recent-prev")
    assert softened.outcome == "otherwise"
    assert softened.reason == (
        "in step 5 (replay) it raised UNAUTHORISED, not TOKEN_THEFT_DETECTED"
    )
    asked = step_of(softened, "replay").asked
    assert asked is not None
    assert "recent_token_reuse_behaviour" in asked.why_not[ErrorName.TOKEN_THEFT_DETECTED]
    assert [step.step.name for step in softened.steps][-1] == "replay"
    assert case_of(performance, "stale-lineage").outcome == "as_promised"


def test_a_session_that_is_robbed_stays_open_until_its_access_token_runs_out() -> None:
    result = case_of(play("theft"), "thief-comes-late")
    asked = step_of(result, "still-open").asked
    assert asked is not None
    assert asked.error is None
    assert asked.calls == ()


def test_a_core_that_is_down_clears_nothing_and_the_token_stays_good() -> None:
    result = case_of(play("general-error"), "core-down")
    refused = step_of(result, "refresh").asked
    assert refused is not None
    assert [(call.failure, call.played) for call in refused.calls] == [("connection refused", True)]
    assert refused.marks.cleared == ()
    again = step_of(result, "refresh-again").asked
    assert again is not None
    assert again.error is None


def test_only_what_is_played_is_marked_as_played() -> None:
    performance = play("general-error")
    played = {
        (result.case.name, call.path)
        for scenario in performance.results
        for result in scenario.cases
        for step in result.steps
        if step.asked is not None
        for call in step.asked.calls
        if call.played
    }
    refresh = "/recipe/session/refresh"
    assert played == {
        ("core-down", refresh),
        ("core-answers-500", refresh),
        ("core-answers-html", refresh),
    }


def test_a_wrong_key_is_refused_by_the_core_itself() -> None:
    asked = step_of(case_of(play("general-error"), "wrong-api-key"), "refresh").asked
    assert asked is not None
    assert [(call.status, call.played) for call in asked.calls] == [(401, False)]
    assert asked.response is not None
    assert asked.response.status == 500


def test_go_breaks_the_connection_where_node_answers_500() -> None:
    wishes = Wishes(cdi="5.4")
    ends = {}
    for profile in (NODE, GO):
        performance = play("general-error", replace(wishes, profile=profile))
        asked = step_of(case_of(performance, "app-exception"), "crash").asked
        assert asked is not None
        ends[profile.name] = asked.response.status if asked.response else None
    assert ends == {"node": 500, "go": None}


def test_the_frontend_refreshes_by_itself_after_try_refresh_token() -> None:
    result = case_of(play("try-refresh-token"), "expired")
    actions = [
        step.asked.next_action.action
        for step in result.steps
        if step.asked is not None and step.asked.next_action is not None
    ]
    assert actions == [
        "return_response",
        "call_refresh",
        "retry_original_request",
        "return_response",
    ]


def test_a_thief_has_no_frontend_sdk() -> None:
    asked = step_of(case_of(play("theft"), "thief-comes-late"), "replay").asked
    assert asked is not None
    assert asked.next_action is None
    assert asked.state_before is None
