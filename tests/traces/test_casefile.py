import gzip
from dataclasses import asdict

import pytest

from explained import CLEARED, LIVE, answer, entry, request
from reported import CORE_DOWN, HEALTHY, OWN_401, RACE, THEFT, TRACES, made_case, recorded_case
from stctl.exchange import Request
from stctl.recipe.failures import ErrorName
from stctl.recipe.profiles.version import parse_sdk
from stctl.traces.casefile import settings
from stctl.traces.casefile.case import CaseFile, case_of
from stctl.traces.casefile.seen import Notebook, Origin
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.telling import told_of
from stctl.traces.model import Entry
from stctl.traces.readers import read_trace
from trace_help import Bytes

PASSWORD = "correct-horse-battery"


def values(case: CaseFile, name: str) -> list[str]:
    return [one.value for one in case.setting(name).sightings]


def ok(index: int, path: str = "/ok") -> Entry:
    return entry(index, request(path, cookies=LIVE), answer(200, {}))


def refused(index: int, path: str = "/me") -> Entry:
    return entry(index, request(path), answer(401, {"message": "unauthorised"}, CLEARED))


def test_a_case_knows_whom_it_is_about_and_what_happened_to_them() -> None:
    (one,) = recorded_case(THEFT).affected
    assert one.session.user_id == "victim"
    assert one.errors == [ErrorName.TOKEN_THEFT_DETECTED, ErrorName.UNAUTHORISED]
    assert one.requests == 5


def test_findings_and_families_come_from_the_same_pass() -> None:
    case = recorded_case(RACE)
    assert [one.rule.id for one in case.diagnosis.findings] == ["ST-002"]
    (family,) = case.families
    assert family.theft is not None
    assert family.theft.entry == 8
    assert case.tally.errors[ErrorName.TOKEN_THEFT_DETECTED] == 1


def test_settings_say_where_they_come_from() -> None:
    case = recorded_case(THEFT, known=KnownApp(sdk=parse_sdk("node@24.0.2")))
    (told,) = case.setting(settings.SDK).sightings
    assert (told.value, told.origin, told.entry) == (
        "supertokens-node 24.0.2",
        Origin.TOLD,
        None,
    )
    (seen,) = case.setting(settings.CDI).sightings
    assert (seen.value, seen.origin, seen.entry) == ("5.4", Origin.SEEN, 1)
    (assumed,) = case.setting(settings.EXPIRED_STATUS).sightings
    assert (assumed.value, assumed.origin) == ("401", Origin.ASSUMED)
    assert case.setting(settings.FRONTEND).sightings == ()
    assert case.setting(settings.FRONTEND).hint


def test_settings_of_cookies_are_their_attributes_without_value_and_time() -> None:
    case = recorded_case(THEFT)
    assert values(case, "sAccessToken") == ["Path=/; HttpOnly; SameSite=Lax; with an end"]
    assert values(case, settings.TRANSFER) == ["cookies"]
    assert values(case, settings.SIGNING_KEY) == ["dynamic"]
    assert values(case, settings.TOKEN_VERSION) == ["V5"]


def test_a_setting_has_no_end_of_values() -> None:
    book = Notebook()
    for number in range(20):
        book.note("x", f"{number % 10}")
    assert len(book.setting("x").sightings) == 6
    assert book.setting("x").more > 0
    assert not book.has("y")


def test_a_login_gives_no_password_away_and_an_answer_that_went_well_no_data() -> None:
    asked = Request(
        method="POST", path="/auth/signin", host="api.test", body=f'{{"x":"{PASSWORD}"}}'.encode()
    )
    entries = [
        entry(0, asked, answer(200, {"email": "anna@example.com"})),
        entry(1, asked, answer(400, {"password": PASSWORD, "why": "too old"})),
    ]
    case = made_case(entries)
    told = str([asdict(step) for step in case.steps])
    assert PASSWORD not in told
    assert "anna@example.com" not in told
    assert "too old" in told
    revealed = made_case(entries, reveal=True)
    told = str([asdict(step) for step in revealed.steps])
    assert PASSWORD in told
    assert "anna@example.com" in told


@pytest.mark.parametrize("name", [THEFT, RACE, OWN_401, CORE_DOWN, HEALTHY])
def test_no_token_of_a_recording_is_in_what_is_kept_of_its_requests(name: str) -> None:
    def tokens(case: CaseFile) -> set[str]:
        headers = [
            pair
            for step in case.steps
            for message in (step.request, step.response)
            if message is not None
            for pair in message.headers
        ]
        cookies = (
            piece.partition("=")[2].strip()
            for header, value in headers
            if header.lower() in {"cookie", "set-cookie"}
            for piece in value.split(";")[: None if header.lower() == "cookie" else 1]
        )
        plain = (
            value.rpartition(" ")[2]
            for header, value in headers
            if header.lower() in {"authorization", "st-access-token", "st-refresh-token"}
        )
        return {text for text in (*cookies, *plain) if len(text) > 40}

    whole = tokens(recorded_case(name, reveal=True))
    assert whole
    told = str([asdict(step) for step in recorded_case(name).steps])
    assert [token for token in whole if token in told] == []


def test_of_a_long_trace_errors_and_their_neighbours_are_kept_in_order() -> None:
    entries = [ok(index) for index in range(300)]
    entries[150] = refused(150)
    case = made_case(entries, most_steps=10)
    kept = [step.index for step in case.steps]
    assert kept == sorted(kept)
    assert {149, 150, 151} <= set(kept)
    assert len(kept) == 10
    assert case.left_out == 290
    assert case.tally.requests == 300


def test_what_a_request_left_of_its_place_tells_how_many_are_between() -> None:
    case = made_case([*(ok(index) for index in range(50)), refused(50)], most_steps=2)
    assert [(step.ordinal, step.index) for step in case.steps] == [(49, 49), (50, 50)]


def test_many_errors_of_one_kind_do_not_push_out_the_only_one_of_another() -> None:
    entries = [refused(index) for index in range(200)]
    entries[170] = refused(170, "/other")
    case = made_case(entries, most_steps=5)
    assert 170 in [step.index for step in case.steps]


def test_an_entry_of_the_core_is_found_with_the_request_that_led_to_it() -> None:
    case = recorded_case(THEFT)
    by_call = case.step(5)
    assert by_call is not None
    assert by_call.index == 4
    assert case.step(99) is None


def test_a_trace_without_requests_is_a_case_too() -> None:
    case = made_case([])
    assert (case.tally.requests, case.steps, case.started_at_ms) == (0, (), 0)


def test_the_refresh_that_tells_most_is_the_one_that_failed() -> None:
    refresh = recorded_case(THEFT).telling_refresh
    assert refresh is not None
    assert refresh.error is ErrorName.TOKEN_THEFT_DETECTED
    # A first visit begins with a refresh that fails, and tells nothing.
    refresh = recorded_case(OWN_401).telling_refresh
    assert refresh is not None
    assert refresh.error is None


def test_a_step_says_what_the_core_answered_without_what_users_have_in_their_session() -> None:
    case = recorded_case(THEFT)
    theft = case.step(4)
    assert theft is not None
    told = dict(theft.calls[0].told)
    assert told["status"] == "TOKEN_THEFT_DETECTED"
    assert told["session.userId"] == "victim"
    assert "userDataInJWT" not in str(case.steps)


def test_a_debug_log_names_no_session_and_none_is_made_up() -> None:
    log = gzip.decompress((TRACES.parent / "debug_logs" / "python.default.log.gz").read_bytes())
    case = case_of("py.log", told_of(read_trace(Bytes(log)), KnownApp()), KnownApp())
    assert case.tally.errors[ErrorName.TOKEN_THEFT_DETECTED] == 2
    assert case.has_logs
    assert case.affected == ()
    assert values(case, settings.SDK) == ["supertokens-python 0.31.4"]


@pytest.mark.parametrize("first", [700, 1150, 1199, 4790])
def test_a_token_that_the_end_of_a_body_cuts_through_is_masked(first: int) -> None:
    token = "mOHPmZZhdG/tk2xBuWc8+vnivcxVHa" * 20
    asked = request("/me", cookies={"sRefreshToken": token})
    body = {"pad": "x" * first, "saw": token, "again": token}
    (step,) = made_case([entry(0, asked, answer(401, body))]).steps
    assert step.response is not None
    assert step.response.body
    assert token[:12] not in step.response.body


def test_a_body_too_large_to_be_searched_for_secrets_is_not_shown() -> None:
    large = answer(401, text=f"<p>{'x' * (1 << 20)}</p>")
    (step,) = made_case([entry(0, request("/me"), large)]).steps
    assert step.response is not None
    assert (step.response.body, step.response.body_size) == ("", (1 << 20) + 7)
