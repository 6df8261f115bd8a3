"""Rules for the core: one case each, and one that is in order."""

from copy import deepcopy
from datetime import datetime

import pytest

from diagnosed import Entries, found, ids, known_of, only, played, recorded
from har_edits import (
    answers,
    browser_only,
    core_call,
    is_browser,
    joined,
    later,
    takes,
    told_by_core,
    without_date,
)
from stctl.traces.diagnose.rules.core_failures import (
    CoreError,
    CoreReplaced,
    RateLimited,
    SerialisationFailed,
)
from stctl.traces.diagnose.rules.core_keys import KeysFetchedOften, PayloadBehind
from stctl.traces.diagnose.rules.core_lists import ExpiredListed, SlowByUser, TenantNotAsked
from stctl.traces.diagnose.rules.core_reach import CoreHostDown, CoreUnreachable, RefreshStorm
from stctl.traces.diagnose.rules.core_refusals import CdiGap, InvalidApiKey, NotACore, UnknownApp
from stctl.traces.diagnose.rules.frontend_paths import BasePathMismatch

LOGIN = "login-and-use.express.default.header"
DOWN = "core-down-warm.express.default.cookie"
FAILS = "core-500.express.default.cookie"
LIMITED = "core-rate-limited-forever.go.default.cookie"
UNKNOWN = "core-unknown-app.go.default.cookie"
MINUTE_MS = 60_000


@pytest.mark.parametrize("sdk", ["express", "fastapi", "go"])
def test_a_core_that_refuses_connections_is_found_without_a_recorded_call(sdk: str) -> None:
    name = f"core-down-warm.{sdk}.default.cookie"
    one = only(found(recorded(name), known_of(name), [CoreUnreachable]), "ST-018")
    assert "connection refused" in one.detail
    assert one.count == 3


def test_a_core_that_does_not_answer_in_time_is_unreachable() -> None:
    assert ids(found(played("general-error", "core-hanging"), rules=[CoreUnreachable])) == [
        "ST-018"
    ]


def test_without_the_cores_side_nobody_says_that_it_is_down() -> None:
    assert not found(browser_only(recorded(DOWN)), known_of(DOWN), [CoreUnreachable])


def test_a_core_that_answers_500_is_reachable() -> None:
    assert not found(recorded(FAILS), known_of(FAILS), [CoreUnreachable])


def test_a_dead_host_beside_a_living_one_is_found() -> None:
    name = "core-first-host-down.fastapi.custom.cookie"
    one = only(found(recorded(name), known_of(name), [CoreHostDown]), "ST-117")
    assert one.count >= 2
    assert not found(recorded(DOWN), known_of(DOWN), [CoreHostDown])


def storm(count: int, took_ms: float) -> Entries:
    """The refresh of a core that fails, so many times at once."""
    entries = recorded(FAILS)
    (start,) = (n for n, one in enumerate(entries) if "refresh" in one["request"]["url"] and n < 3)
    refresh, call = entries[start], entries[start + 1]
    for one in (refresh, call):
        takes(one, took_ms)
    call["_initiator"] = 0
    return joined(*(later([refresh, call], 10 * number) for number in range(count)))


def test_refreshes_that_wait_for_the_pool_and_fail_are_a_storm() -> None:
    one = only(found(storm(4, 5_030), known_of(FAILS), [RefreshStorm]), "ST-006")
    assert one.detail.startswith("3 refreshes within a minute")
    assert one.count == 2


def test_two_slow_refreshes_or_many_fast_ones_are_no_storm() -> None:
    assert not found(storm(2, 5_030), known_of(FAILS), [RefreshStorm])
    assert not found(storm(6, 40), known_of(FAILS), [RefreshStorm])


def test_versions_that_do_not_meet_are_found_by_the_cores_list() -> None:
    name = "core-too-old.fastapi.default.cookie"
    one = only(found(recorded(name), known_of(name), [CdiGap]), "ST-007")
    assert one.detail.startswith("The core offers 2.7 to 5.2;")
    assert {proof.request for proof in one.proofs} == {"GET /apiversion"}


def test_a_version_that_the_core_refuses_is_found_by_its_words() -> None:
    entries = recorded(FAILS)
    for call in entries:
        if not is_browser(call):
            answers(call, 400, "cdi-version 5.4 is not supported")
    one = only(found(entries, known_of(FAILS), [CdiGap]), "ST-007")
    assert one.detail == "The core refuses CDI 5.4: cdi-version 5.4 is not supported."


def test_versions_that_meet_are_no_gap() -> None:
    assert not found(played("general-error", "core-answers-500"), rules=[CdiGap])
    assert not found(recorded(LOGIN), rules=[CdiGap])


def test_a_refused_api_key_is_found() -> None:
    found_ = found(played("general-error", "wrong-api-key"), rules=[InvalidApiKey, CoreError])
    assert ids(found_) == ["ST-019"]
    assert not found(recorded(FAILS), rules=[InvalidApiKey])


def test_an_app_that_the_core_does_not_have_is_named() -> None:
    one = only(found(recorded(UNKNOWN), known_of(UNKNOWN), [UnknownApp]), "ST-111")
    assert one.subject == "nope"
    assert not found(recorded(FAILS), rules=[UnknownApp])


def test_a_tenant_that_the_core_does_not_have_is_a_matter_of_paths() -> None:
    entries = recorded(UNKNOWN)
    for call in entries:
        if not is_browser(call):
            text = str(call["response"]["content"]["text"])
            answers(call, 400, text.replace("(, nope, public)", "(, public, auth)"))
    rules = [UnknownApp, BasePathMismatch]
    one = only(found(entries, known_of(UNKNOWN), rules), "ST-020")
    assert one.subject == "auth"


def test_a_page_in_the_place_of_a_core_is_found() -> None:
    found_ = found(played("general-error", "core-answers-html"), rules=[NotACore, CoreError])
    assert ids(found_) == ["ST-121"]
    assert not found(recorded(LOGIN), rules=[NotACore])


@pytest.mark.parametrize("sdk", ["express", "fastapi", "go"])
def test_a_core_that_fails_is_quoted(sdk: str) -> None:
    entries = recorded(f"core-500.{sdk}.default.cookie")
    one = only(found(entries, rules=[CoreError, SerialisationFailed]), "ST-109")
    assert "connection is closed" in one.detail
    assert not found(recorded(LIMITED), rules=[CoreError])


def test_concurrent_changes_in_the_database_are_told_from_other_failures() -> None:
    entries = recorded(FAILS)
    for call in entries:
        if not is_browser(call):
            answers(call, 500, "ERROR: could not serialize access due to concurrent update")
    assert ids(found(entries, rules=[CoreError, SerialisationFailed])) == ["ST-035"]
    assert not found(recorded(FAILS), rules=[SerialisationFailed])


def test_a_burst_of_429_is_found_and_a_single_one_is_not() -> None:
    entries = recorded(LIMITED)
    one = only(found(entries, known_of(LIMITED), [RateLimited]), "ST-050")
    assert one.proofs[0].shows == "429, Rate limited"
    assert not found(entries[:3], known_of(LIMITED), [RateLimited])


def test_a_refresh_token_of_another_core_is_found() -> None:
    name = "core-replaced.flask.default.cookie"
    one = only(found(recorded(name), known_of(name), [CoreReplaced]), "ST-119")
    assert "Tag mismatch" in one.detail
    assert ids(found(played("unauthorised", "other-apps-token"), rules=[CoreReplaced])) == [
        "ST-119"
    ]


def test_a_revoked_session_and_garbage_are_not_of_another_core() -> None:
    for name in ("refresh-revoked.go.default.cookie", "refresh-garbage.go.default.cookie"):
        assert not found(recorded(name), known_of(name), [CoreReplaced])


def fetches(count: int, every_ms: int) -> Entries:
    """The key set, fetched so often, by a backend whose browsers were not recorded."""
    call = core_call(recorded("exception-handler-only.fastapi.default.cookie"), "/jwks.json")
    call["_initiator"] = None
    one: Entries = without_date([call])
    return joined(*(later(one, every_ms * number) for number in range(count)))


def test_keys_that_are_fetched_every_minute_are_found() -> None:
    one = only(found(fetches(12, MINUTE_MS), rules=[KeysFetchedOften]), "ST-051")
    assert one.detail == "The keys are fetched 10 times in 9 min."


def test_many_backends_that_start_at_once_fetch_the_keys_rightly() -> None:
    assert not found(fetches(30, 100), rules=[KeysFetchedOften])
    assert not found(fetches(12, 20 * MINUTE_MS), rules=[KeysFetchedOften])


def test_a_payload_that_an_operator_changed_is_found_in_the_old_token() -> None:
    one = only(found(played("payload-update", "by-an-operator"), rules=[PayloadBehind]), "ST-048")
    assert one.subject == "plan"
    assert not found(played("payload-update", "by-the-app"), rules=[PayloadBehind])


def removal(tenant: str) -> Entries:
    """A login, and a removal by user that ends nothing; the session is of that tenant."""
    entries = played("revoked-but-valid", "without-a-look")
    made, removed = core_call(entries, "/recipe/session"), core_call(entries, "/session/remove")
    told = told_by_core(made)
    session = told["session"]
    assert isinstance(session, dict)
    if tenant != "public":
        session["handle"] = f"{session['handle']}_{tenant}"
    answers(made, 200, told)
    answers(removed, 200, {"status": "OK", "sessionHandlesRevoked": []})
    return entries


def test_sessions_of_a_tenant_that_was_not_asked_are_missed() -> None:
    one = only(found(removal("t1"), rules=[TenantNotAsked]), "ST-031")
    assert one.detail.startswith("The call asks tenant public")
    assert not found(removal("public"), rules=[TenantNotAsked])


def facts(expires_in_ms: int) -> Entries:
    """A look at a session that expires so long after the call."""
    entries = played("revoked-but-valid", "without-a-look")
    call = deepcopy(core_call(entries, "/session/remove"))
    call["request"].update(method="GET", url="http://localhost:3567/recipe/session?sessionHandle=x")
    call["request"].pop("postData", None)
    at_ms = round(datetime.fromisoformat(call["startedDateTime"]).timestamp() * 1000)
    answers(call, 200, {"status": "OK", "sessionHandle": "x", "expiry": at_ms + expires_in_ms})
    return [*entries, call]


def test_an_expired_session_that_the_core_tells_of_is_found() -> None:
    one = only(found(facts(-3 * MINUTE_MS), rules=[ExpiredListed]), "ST-032")
    assert one.detail == "The core tells of a session that expired 3 min before."
    assert not found(facts(MINUTE_MS), rules=[ExpiredListed])


def removals(took_ms: float, count: int = 3) -> Entries:
    """Removals by user, each of which takes so long."""
    call = core_call(played("revoked-but-valid", "without-a-look"), "/session/remove")
    takes(call, took_ms)
    one: Entries = without_date([call])
    return joined(*(later(one, 10_000 * number) for number in range(count)))


def test_slow_calls_by_user_are_found_when_they_come_again() -> None:
    assert ids(found(removals(4_000), rules=[SlowByUser])) == ["ST-033"]
    assert not found(removals(4_000, count=2), rules=[SlowByUser])
    assert not found(removals(30), rules=[SlowByUser])
