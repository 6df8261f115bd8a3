from pathlib import Path

import pytest

from rehearsals import BusyClock, case_of, play, real_target, rehearsal_target, step_of, written
from stctl.errors import ErrorKind, StctlError
from stctl.recipe.config import AntiCsrf
from stctl.recipe.overrides import load_overrides
from stctl.scenarios.model import Case, Scenario
from stctl.scenarios.results import CaseResult, StepResult
from stctl.scenarios.stage import Wishes

REPLAY = """
doc = "The first access token comes back."
[[case]]
name = "replay"
doc = "By name."
[[case.step]]
name = "login"
does = "log-in"
says = "x"
[[case.step]]
name = "renewal"
does = "refresh"
says = "x"
[[case.step]]
name = "back"
does = "refresh"
who = "tab"
refresh_token = "${login.refresh_token}"
says = "x"
expect = { error = "none" }
promise = true
[[case.step]]
name = "bye"
does = "sign-out"
says = "x"
expect = { error = "none", status = 200, clears_session = true }
"""


def handlers(folder: Path, text: str) -> Wishes:
    file = folder / "handlers.py"
    file.write_text(text, encoding="utf-8")
    return Wishes(cdi="5.4", overrides=load_overrides(file))


def test_things_are_told_in_their_order_and_only_once() -> None:
    performance = play("try-refresh-token", chosen=lambda case: case.name == "bad-signature")
    kinds = [type(event) for event in performance.watch()]
    assert kinds == [Scenario, Case, StepResult, StepResult, StepResult, CaseResult]
    assert [*performance.watch()] == []
    assert [case.case.name for case in performance.results[0].cases] == ["bad-signature"]


def test_a_step_may_present_the_token_of_an_earlier_one() -> None:
    result = case_of(play(written(REPLAY)), "replay")
    assert result.outcome == "as_promised"
    asked = step_of(result, "back").asked
    assert asked is not None
    assert [carried.name for carried in asked.carried] == ["R0"]
    assert [generation.parent for generation in result.generations] == [None, "R0", "R0"]


def test_a_promise_that_is_not_kept_stops_the_case_and_says_where() -> None:
    text = REPLAY.replace('error = "none" }\npromise', 'error = "UNAUTHORISED" }\npromise')
    performance = play(written(text))
    result = case_of(performance, "replay")
    assert not performance.is_as_promised
    assert result.reason == "in step 3 (back) it raised no error, not UNAUTHORISED"
    assert len(result.steps) == 3


@pytest.mark.parametrize(
    ("expectation", "reason"),
    [
        ('error = "none", status = 201', "it answered 200, not 201"),
        ("clears_session = true", "it did not clear the session"),
        ('handler = "onUnauthorised"', "no handler fired, not onUnauthorised"),
        ('next = "call_refresh"', "the frontend goes on with refresh_done, not call_refresh"),
        ('side_effect = "revoke_session"', "the handler did not revoke session"),
        ('reuse = "RECENT_PREV"', "the core called the reuse nothing, not RECENT_PREV"),
    ],
)
def test_each_expectation_is_compared(expectation: str, reason: str) -> None:
    text = REPLAY.replace('error = "none" }\npromise', f"{expectation} }}\npromise")
    assert case_of(play(written(text)), "replay").reason == f"in step 3 (back) {reason}"


def test_nothing_played_is_no_success() -> None:
    performance = play("theft", chosen=lambda case: case.name == "recent-prev")
    assert case_of(performance, "recent-prev").outcome == "skipped"
    assert not performance.is_as_promised


def test_a_wish_that_contradicts_a_case_leaves_it_out() -> None:
    wishes = Wishes(cdi="5.4", anti_csrf=AntiCsrf.NONE, transfer="header")
    performance = play("try-refresh-token", wishes)
    assert case_of(performance, "missing-rid").reason == "it needs --anti-csrf VIA_CUSTOM_HEADER"
    wishes = Wishes(cdi="5.4", transfer="header")
    performance = play("try-refresh-token", wishes)
    assert case_of(performance, "missing-rid").reason == "it needs --transfer cookie"


def test_a_persons_own_handler_is_called_and_what_follows_is_not_held_against_it(
    tmp_path: Path,
) -> None:
    text = (
        "def on_token_theft_detected(user_id, response):\n"
        "    response.status, response.body = 423, user_id\n"
    )
    result = case_of(play("theft", handlers(tmp_path, text)), "thief-comes-late")
    promised = result.promised
    assert promised is not None
    assert promised.asked is not None
    assert promised.asked.response is not None
    assert (promised.asked.response.status, promised.asked.response.body) == (423, b"alice")
    assert promised.asked.answered.firing.kind == "custom"
    last = step_of(result, "logged-out")
    assert last.deviations == ("it raised no error, not UNAUTHORISED",)
    assert not last.counts
    assert result.outcome == "as_promised"


def test_a_handler_that_revokes_really_ends_the_session(tmp_path: Path) -> None:
    text = (
        "def on_token_theft_detected(session_handle, response):\n"
        "    response.revoke_session(session_handle)\n"
    )
    result = case_of(play("theft", handlers(tmp_path, text)), "thief-comes-late")
    promised = result.promised
    assert promised is not None
    assert promised.asked is not None
    assert promised.asked.answered.firing.side_effect == "revoke_session"
    assert promised.asked.calls[-1].path == "/recipe/session/remove"
    assert promised.asked.handler_calls == 1
    assert step_of(result, "logged-out").deviations == ()


def test_a_general_error_reaches_a_persons_own_handler(tmp_path: Path) -> None:
    text = "def on_general_error(message, response):\n    response.body = message\n"
    result = case_of(play("general-error", handlers(tmp_path, text)), "core-down")
    promised = result.promised
    assert promised is not None
    assert promised.asked is not None
    assert promised.asked.answered.firing.handler == "app_error_handler"
    assert promised.asked.response is not None
    assert promised.asked.response.body == b"No SuperTokens core available to query"


def test_on_a_real_core_an_expired_token_is_got_by_asking_for_a_short_one() -> None:
    clock, told = BusyClock(), list[str]()
    performance = play("try-refresh-token", target=real_target(clock, told=told))
    result = case_of(performance, "expired")
    assert result.outcome == "as_promised"
    assert clock.waited_ms == [2000]
    assert told[0] == "Waiting 2 s (expired)"


def test_a_real_core_that_knows_no_short_tokens_is_told_apart() -> None:
    target = real_target(BusyClock(), offers=lambda version: version != "5.6")
    result = case_of(play("try-refresh-token", target=target), "expired")
    assert result.outcome == "skipped"
    assert "offers no CDI 5.6" in (result.reason or "")


def test_on_a_real_core_nobody_waits_for_months_and_nothing_is_set() -> None:
    performance = play("unauthorised", target=real_target(BusyClock()))
    assert case_of(performance, "refresh-expired").reason == "it would really take 101 d there"
    keys = play("general-error", target=real_target(BusyClock()))
    assert "the setting api_keys" in (case_of(keys, "wrong-api-key").reason or "")


def test_on_a_real_core_with_a_key_the_wrong_one_can_be_tried() -> None:
    settings = {"api_keys": "the-right-key-of-the-rehearsal"}
    target = real_target(BusyClock(), settings=settings, api_key=settings["api_keys"])
    result = case_of(play("general-error", target=target), "wrong-api-key")
    assert result.outcome == "as_promised"


def test_on_a_real_core_users_are_made_up_and_sessions_are_removed() -> None:
    told = list[str]()
    performance = play("try-refresh-token", target=real_target(BusyClock(), told=told))
    asked = step_of(case_of(performance, "bad-signature"), "login").asked
    assert asked is not None
    assert asked.answered.session is not None
    assert asked.answered.session.user_id == "stctl-alice"
    assert told[-1] == "Removed what was left of 5 sessions"


def test_the_family_of_5_6_waits_out_the_grace_seconds() -> None:
    clock = BusyClock()
    performance = play("theft", Wishes(cdi="5.6"), real_target(clock))
    assert performance.is_as_promised
    assert clock.waited_ms == [31_000]


def test_a_key_that_a_real_core_refuses_from_the_start_is_stctls_own_failure() -> None:
    target = real_target(BusyClock(), settings={"api_keys": "another-key-of-this-core"})
    with pytest.raises(StctlError) as caught:
        _ = play("theft", target=target).results
    assert caught.value.kind is ErrorKind.CORE_KEY_REFUSED


def test_a_wait_that_nobody_could_foresee_ends_the_case() -> None:
    text = REPLAY.replace(
        'does = "refresh"\nsays', 'does = "wait"\nuntil = "access-token-expiry"\nsays'
    )
    result = case_of(play(written(text), target=real_target(BusyClock())), "replay")
    assert result.outcome == "skipped"
    assert (result.reason or "").startswith("it would really take ")
    assert len(result.steps) == 1
    assert case_of(play(written(text), target=rehearsal_target()), "replay").outcome != "skipped"


def test_a_version_that_a_real_core_does_not_offer_is_stctls_own_failure() -> None:
    target = real_target(BusyClock(), offers=lambda version: version != "5.6")
    with pytest.raises(StctlError, match=r"does not speak CDI 5\.6") as caught:
        _ = play("theft", Wishes(cdi="5.6"), target).results
    assert caught.value.kind is ErrorKind.CORE_VERSION
    assert caught.value.hint.startswith("It offers 2.7, ")
