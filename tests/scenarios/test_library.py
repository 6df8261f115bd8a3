from dataclasses import replace

import pytest

from rehearsals import case_of, play, step_of
from stctl.cdi.versions import SUPPORTED
from stctl.core.settings.table import BY_NAME
from stctl.recipe.failures import ErrorName
from stctl.recipe.profiles.newest import GO, NODE, PYTHON
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.transfer import Place
from stctl.scenarios.load import library_names, load_from_library
from stctl.scenarios.stage import Wishes

CDIS = ("2.7", "2.20", "2.21", "3.0", "3.1", "4.0", "5.0", "5.4", "5.5", "5.6")
PROFILES = pytest.mark.parametrize("profile", [NODE, PYTHON, GO], ids=lambda known: known.name)


NAMED_AFTER_AN_ERROR = {
    "theft": "TOKEN_THEFT_DETECTED",
    "unauthorised": "UNAUTHORISED",
    "try-refresh-token": "TRY_REFRESH_TOKEN",
    "general-error": "GENERAL_ERROR",
}


def test_the_library_begins_with_the_four_errors() -> None:
    assert library_names()[:4] == [*NAMED_AFTER_AN_ERROR]
    assert set(CDIS) <= set(SUPPORTED)


def test_every_error_that_a_recipe_can_raise_is_in_the_library() -> None:
    promised = {
        case.promise.expect.error
        for name in library_names()
        for case in load_from_library(name).cases
        if case.promise.expect is not None
    }
    assert promised == {None, *ErrorName}


@pytest.mark.parametrize("name", library_names())
def test_a_scenario_of_the_library_raises_what_its_name_says(name: str) -> None:
    scenario = load_from_library(name)
    assert scenario.doc.endswith(".")
    for parameter in scenario.parameters:
        assert parameter.doc.endswith(".")
        assert parameter.name not in BY_NAME, "a setting of the core has this name"
    for case in scenario.cases:
        assert case.doc.endswith(".")
        assert case.promise.expect is not None
        softened = "recent_token_reuse_behaviour" in case.needs.settings
        if name in NAMED_AFTER_AN_ERROR and not softened:
            assert case.promise.expect.error == NAMED_AFTER_AN_ERROR[name]
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
    cases = play(name, Wishes(cdi="5.4", profile=profile, transfer=place)).results[0].cases
    ends = {case.case.name: (case.outcome, case.reason) for case in cases}
    assert "otherwise" not in {outcome for outcome, _ in ends.values()}, ends
    only_cookies = {case.case.name for case in cases if case.case.needs.transfer == "cookie"}
    assert place == "cookie" or only_cookies == {
        name for name, (_, reason) in ends.items() if reason == "it needs --transfer cookie"
    }


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
        ("core-hanging", refresh),
        ("core-too-old", "/apiversion"),
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


def test_a_softened_report_is_no_theft_and_the_session_is_gone_all_the_same() -> None:
    performance = play("theft", Wishes(cdi="5.6"))
    for name, reuse in (
        ("recent-prev-softened", "RECENT_PREV"),
        ("orphaned-branch-softened", "ORPHANED_BRANCH"),
    ):
        promised = case_of(performance, name).promised
        assert promised is not None
        assert promised.asked is not None
        assert (promised.asked.error, promised.asked.reuse) == ("UNAUTHORISED", reuse)
    hard = case_of(performance, "stale-lineage-not-softened").promised
    assert hard is not None
    assert hard.asked is not None
    assert hard.asked.error == "TOKEN_THEFT_DETECTED"


@pytest.mark.parametrize(
    ("cdi", "case"), [("5.5", "many-clients"), ("5.6", "many-clients-in-grace")]
)
@pytest.mark.parametrize("tabs", [2, 5])
def test_a_race_may_have_any_number_of_clients(cdi: str, case: str, tabs: int) -> None:
    scenario = load_from_library("race", {"tabs": str(tabs)})
    result = case_of(play(scenario, Wishes(cdi=cdi)), case)
    assert result.outcome == "as_promised", result.reason
    children = [one for one in result.generations if one.parent == "R0"]
    assert len(children) == tabs


def test_an_answer_that_is_lost_leaves_the_browser_as_it_was() -> None:
    result = case_of(play("lost-reply"), "retried-at-once")
    lost, retry = step_of(result, "renewal").asked, step_of(result, "retry").asked
    assert lost is not None
    assert retry is not None
    assert lost.response is not None
    assert lost.next_action is not None
    assert (lost.reply, lost.response.status) == ("lost", 200)
    assert lost.next_action.action == "network_error_to_caller"
    assert [one.name for one in retry.carried] == [one.name for one in lost.carried]


def test_an_answer_that_is_late_overwrites_what_came_before() -> None:
    result = case_of(play("race"), "late-answer")
    assert step_of(result, "first-answer").told == "browser now holds A1 and R1"
    assert step_of(result, "second-answer").told == "browser now holds A2 and R2"
    alarm = step_of(result, "alarm").asked
    assert alarm is not None
    assert "R2" in {one.name for one in alarm.carried}


def test_a_restarted_backend_fetches_the_keys_again() -> None:
    result = case_of(play("try-refresh-token"), "unknown-key")
    call = step_of(result, "call").asked
    assert call is not None
    assert {one.path for one in call.calls} == {"/.well-known/jwks.json"}


def test_a_new_key_is_fetched_once_more() -> None:
    result = case_of(play("key-rotation", Wishes(cdi="5.6")), "new-token")
    call = step_of(result, "call").asked
    assert call is not None
    assert "/.well-known/jwks.json" in [one.path for one in call.calls]


def test_doubled_cookies_are_told_apart_and_cleared() -> None:
    result = case_of(play("duplicate-cookies"), "cleared")
    refused, again = step_of(result, "refresh").asked, step_of(result, "again").asked
    assert refused is not None
    assert again is not None
    twice = [one.split("=")[0] for one in dict(refused.request.headers)["cookie"].split("; ")]
    assert sorted(twice) == ["sAccessToken"] * 2 + ["sRefreshToken"] * 2
    once = [one.split("=")[0] for one in dict(again.request.headers)["cookie"].split("; ")]
    assert sorted(once) == ["sAccessToken", "sRefreshToken"]


def test_a_changed_payload_is_in_the_next_access_token_and_the_refresh_token_stays() -> None:
    result = case_of(play("payload-update"), "by-the-app")
    change, use = step_of(result, "change").asked, step_of(result, "use").asked
    assert change is not None
    assert use is not None
    assert [one.path for one in change.calls] == ["/recipe/session/regenerate"]
    assert change.marks.set == ("cookie:sAccessToken", "header:front-token")
    assert [one.name for one in use.carried] == ["A0'"]
    assert use.answered.session is not None
    assert use.answered.session.payload["colour"] == "blue"
