from dataclasses import replace

import pytest

from staged_facts import StagedFacts, access_token, answer, new_tokens, request
from stctl.errors import ErrorKind, StctlError
from stctl.recipe.config import AntiCsrf, AppConfig
from stctl.recipe.core_replies import Removed
from stctl.recipe.failures import HandlerName, Unauthorised
from stctl.recipe.handler_table import handler_table
from stctl.recipe.override_history import not_overridable, signature_at
from stctl.recipe.profiles.history import likely_versions, profile_at
from stctl.recipe.profiles.version import SdkVersion, parse_sdk
from stctl.recipe.questions import CustomHandler
from stctl.recipe.response import clear_everything, write_headers
from stctl.recipe.sites import registrable_domain, same_site
from stctl.recipe.situation import HandlerEnd, LoginPlan, RouteThrew
from stctl.sessions.answers import TryRefreshToken

OLD_TOKEN = access_token(version=2, kid=None)


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("node", "node", None),
        ("supertokens-python@0.31.4", "python", (0, 31, 4)),
        ("go@v0.19", "go", (0, 19, 0)),
        ("golang@1", "go", (1, 0, 0)),
    ],
)
def test_an_sdk_is_named_with_or_without_its_version(
    text: str, name: str, version: tuple[int, int, int] | None
) -> None:
    sdk = parse_sdk(text)
    assert (sdk.name, sdk.version) == (name, version)


@pytest.mark.parametrize("text", ["java", "", "node@new", "node@x.1"])
def test_what_is_no_sdk_is_refused(text: str) -> None:
    with pytest.raises(StctlError) as caught:
        parse_sdk(text)
    assert caught.value.kind is ErrorKind.SETTING_INVALID


@pytest.mark.parametrize(
    ("sdk", "seed"),
    [
        ("node@12.1", True),
        ("node@13.0.0", False),
        ("python@0.11.14", True),
        ("python@0.12", False),
        ("go@0.9.1", True),
        ("go", False),
    ],
)
def test_the_seed_era_ends_where_tokens_may_travel_in_headers(sdk: str, seed: bool) -> None:
    assert (profile_at(parse_sdk(sdk)).seed is not None) is seed


def test_only_the_oldest_sdk_asks_the_core_what_it_doubts() -> None:
    oldest, later = profile_at(parse_sdk("node@5.0.1")).seed, profile_at(parse_sdk("node@6.1")).seed
    assert oldest is not None
    assert later is not None
    assert (oldest.core_judges_doubts, later.core_judges_doubts) == (True, False)
    assert (oldest.refresh_without_rid_clears, later.refresh_without_rid_clears) == (True, False)


def test_the_seed_era_clears_three_cookies_and_one_header() -> None:
    app = AppConfig(profile=profile_at(parse_sdk("node@9.3.1")))
    headers = write_headers(clear_everything(app), app)
    names = [value.split("=")[0] for name, value in headers if name == "Set-Cookie"]
    assert names == ["sAccessToken", "sRefreshToken", "sIdRefreshToken"]
    assert ("id-refresh-token", "remove") in headers
    assert not [name for name, _ in headers if name.lower() == "front-token"]


@pytest.mark.parametrize(
    ("sdk", "since", "until"),
    [
        ("node", "18.0.2", "18.0.1"),
        ("python", "0.23.1", "0.23.0"),
        ("go", "0.22.1", "0.22.0"),
    ],
)
def test_a_refresh_without_any_token_clears_since_one_version(
    sdk: str, since: str, until: str
) -> None:
    assert profile_at(parse_sdk(f"{sdk}@{since}")).refresh_without_token_clears
    assert not profile_at(parse_sdk(f"{sdk}@{until}")).refresh_without_token_clears


def test_try_refresh_token_is_fixed_before_17_1() -> None:
    fixed = not_overridable(parse_sdk("node@17.0.9"))
    assert fixed == {
        HandlerName.ON_TRY_REFRESH_TOKEN,
        HandlerName.ON_CLEAR_DUPLICATE_SESSION_COOKIES,
    }
    assert not not_overridable(parse_sdk("node@17.1"))


def test_a_signature_is_the_newest_that_the_version_has() -> None:
    theft = HandlerName.ON_TOKEN_THEFT_DETECTED
    written = [
        signature_at(parse_sdk(f"node@{one}"), theft) for one in ("3.0", "9.3.1", "16.0", "24")
    ]
    assert [one.arguments.count(",") + 1 for one in written if one] == [5, 4, 5, 6]
    assert signature_at(parse_sdk("node@2.9"), theft) is None


def test_the_table_of_handlers_has_the_errors_of_the_version() -> None:
    assert [row.error for row in handler_table(SdkVersion(name="python"))][-1] == "GENERAL_ERROR"
    assert len(handler_table(SdkVersion(name="python"))) == 6
    assert len(handler_table(parse_sdk("node@9.3.1"))) == 4


def test_without_a_version_every_era_is_thought_of_the_newest_first() -> None:
    eras = [profile_at(one).seed is not None for one in likely_versions("node")]
    assert eras == [False, True, True]


def test_sites_are_compared_by_protocol_and_registrable_domain() -> None:
    assert same_site("https://api.example.com", "https://www.example.com")
    assert not same_site("http://api.example.com", "https://api.example.com")
    assert not same_site("https://example.com", "https://example.org")
    assert same_site("http://localhost:3001", "http://127.0.0.1:3000")
    assert registrable_domain("a.b.co.uk") == "b.co.uk"


NODE_9 = AppConfig(profile=profile_at(parse_sdk("node@9.3.1")))
NODE_5 = AppConfig(profile=profile_at(parse_sdk("node@5.0.1")))
MARK = "sIdRefreshToken=mark"


def test_without_its_marker_the_seed_era_sees_no_session_and_clears_nothing() -> None:
    told = answer(request(cookies=f"sAccessToken={OLD_TOKEN}"), app=NODE_9).value
    assert told.failure is not None
    assert told.failure.error == "UNAUTHORISED"
    assert told.response is not None
    assert not [name for name, _ in told.response.headers if name == "Set-Cookie"]


def test_a_marker_without_a_token_asks_for_a_refresh_whatever_the_app_wrote() -> None:
    facts = StagedFacts(handlers={HandlerName.ON_TRY_REFRESH_TOKEN: _never})
    told = answer(request(cookies=MARK), facts, NODE_9).value
    assert told.failure is not None
    assert told.failure.error == "TRY_REFRESH_TOKEN"
    assert told.firing.kind == "default"


def _never(question: CustomHandler) -> HandlerEnd:
    raise AssertionError(question)


def test_garbage_is_judged_by_the_core_in_the_oldest_sdk_only() -> None:
    sent = request(cookies=f"{MARK}; sAccessToken=garbage")
    facts = StagedFacts(verify=TryRefreshToken(message="no"))
    for app, calls in ((NODE_5, 1), (NODE_9, 0)):
        facts.asked.clear()
        told = answer(sent, facts, app).value
        assert told.failure is not None
        assert told.failure.error == "TRY_REFRESH_TOKEN"
        assert len(facts.core_questions()) == calls


def test_sign_out_without_a_session_is_a_success_of_the_seed_era() -> None:
    told = answer(request("POST", "/auth/signout"), app=NODE_9).value
    assert told.failure is None
    assert told.response is not None
    assert told.response.status == 200


def test_sign_out_of_a_session_that_was_gone_clears_in_python_only() -> None:
    sent = request("POST", "/auth/signout", cookies=f"{MARK}; sAccessToken={OLD_TOKEN}")
    facts = StagedFacts(remove=Removed(handles=()))
    python = AppConfig(profile=profile_at(parse_sdk("python@0.11.14")))
    for app, count in ((NODE_9, 0), (python, 3)):
        told = answer(sent, facts, app).value
        assert told.response is not None
        cleared = [name for name, _ in told.response.headers if name == "Set-Cookie"]
        assert len(cleared) == count


def test_a_refresh_of_the_seed_era_sets_three_cookies() -> None:
    sent = request("POST", "/auth/session/refresh", cookies=f"{MARK}; sRefreshToken=r")
    told = answer(sent, StagedFacts(refresh=new_tokens()), NODE_9).value
    assert told.response is not None
    cookies = [value.split("=")[0] for name, value in told.response.headers if name == "Set-Cookie"]
    assert sorted(cookies) == ["sAccessToken", "sIdRefreshToken", "sRefreshToken"]


def test_a_missing_rid_at_the_refresh_clears_in_the_oldest_sdk_only() -> None:
    sent = request("POST", "/auth/session/refresh", cookies=f"{MARK}; sRefreshToken=r")
    for app, count in ((NODE_5, 3), (NODE_9, 0)):
        guarded = replace(app, anti_csrf=AntiCsrf.VIA_CUSTOM_HEADER)
        told = answer(sent, app=guarded).value
        assert told.response is not None
        cleared = [name for name, _ in told.response.headers if name == "Set-Cookie"]
        assert len(cleared) == count


def test_flask_writes_a_new_session_after_the_clearing() -> None:
    app = AppConfig(profile=profile_at(parse_sdk("python"), "flask 3.1"))
    refused = RouteThrew(failure=Unauthorised(message="banned"))
    facts = StagedFacts(plan=LoginPlan(user_id="alice"), create=new_tokens(), route_end=refused)
    told = answer(request("POST", "/login", st_auth_mode="cookie"), facts, app).value
    assert told.response is not None
    front = dict(told.response.headers)["front-token"]
    assert front != "remove"
