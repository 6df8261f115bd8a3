import pytest

from conftest import NOW_MS
from staged_facts import access_token, new_tokens
from stctl.exchange import Response, all_values, first_value
from stctl.recipe.config import AppConfig
from stctl.recipe.response import attach_tokens, clear_everything, write_headers
from stctl.recipe.transfer import Place
from stctl.scenarios.browser import Browser, spoil_refresh_token, spoil_signature
from stctl.scenarios.durations import read_duration_ms

APP = AppConfig()
DAY_MS = 86_400_000


def signed_in(place: Place) -> Browser:
    browser = Browser(name="browser", place=place)
    headers = write_headers(attach_tokens(new_tokens("csrf"), place, APP), APP)
    browser.take(Response(status=200, headers=tuple(headers)), NOW_MS)
    return browser


def test_the_refresh_cookie_goes_to_the_refresh_path_only() -> None:
    browser = signed_in("cookie")
    call = browser.request("GET", "/protected", now_ms=NOW_MS)
    refresh = browser.request("POST", APP.refresh_path, now_ms=NOW_MS, is_refresh=True)
    assert "sRefreshToken" not in (first_value(call.headers, "cookie") or "")
    assert "sRefreshToken" in (first_value(refresh.headers, "cookie") or "")
    assert first_value(call.headers, "anti-csrf") == "csrf"


def test_header_tokens_are_bearers_and_the_refresh_takes_the_other_one() -> None:
    browser = signed_in("header")
    call = browser.request("GET", "/protected", now_ms=NOW_MS)
    refresh = browser.request("POST", APP.refresh_path, now_ms=NOW_MS, is_refresh=True)
    assert first_value(call.headers, "authorization") == f"Bearer {browser.access_token}"
    assert first_value(refresh.headers, "authorization") == f"Bearer {browser.refresh_token}"
    assert first_value(call.headers, "cookie") is None
    assert first_value(call.headers, "st-auth-mode") == "header"


def test_the_frontend_sdk_adds_rid_until_it_is_left_out() -> None:
    browser = signed_in("cookie")
    assert first_value(browser.request("GET", "/x", now_ms=NOW_MS).headers, "rid") == "anti-csrf"
    signing_out = browser.request("POST", APP.sign_out_path, now_ms=NOW_MS)
    assert first_value(signing_out.headers, "rid") == "session"
    browser.sends_rid = False
    assert first_value(browser.request("GET", "/x", now_ms=NOW_MS).headers, "rid") is None


@pytest.mark.parametrize("place", ["cookie", "header"])
def test_a_cleared_browser_holds_nothing(place: Place) -> None:
    browser = signed_in(place)
    assert browser.access_token
    headers = write_headers(clear_everything(APP), APP)
    browser.take(Response(status=401, headers=tuple(headers)), NOW_MS)
    assert not browser.access_token
    assert not browser.refresh_token
    assert (browser.front_token, browser.anti_csrf) == (None, None)
    sent = browser.request("POST", APP.refresh_path, now_ms=NOW_MS, is_refresh=True)
    assert all_values(sent.headers, "cookie") == all_values(sent.headers, "authorization") == []


def test_a_cookie_is_not_sent_after_its_expiry() -> None:
    browser = signed_in("cookie")
    later = browser.request("POST", APP.refresh_path, now_ms=NOW_MS + 101 * DAY_MS, is_refresh=True)
    assert "sRefreshToken" not in (first_value(later.headers, "cookie") or "")
    assert "sAccessToken" in (first_value(later.headers, "cookie") or "")


def test_a_thief_holds_what_was_there_at_that_moment() -> None:
    victim = signed_in("cookie")
    thief = victim.copy_for("thief")
    victim.hold_refresh_token("another", APP.refresh_path)
    assert thief.refresh_token == new_tokens().refresh_token.token
    assert victim.refresh_token == "another"
    assert victim.has_frontend_sdk
    assert not thief.has_frontend_sdk


@pytest.mark.parametrize("place", ["cookie", "header"])
def test_a_token_can_be_lost(place: Place) -> None:
    browser = signed_in(place)
    browser.hold_access_token("")
    browser.hold_refresh_token("", APP.refresh_path)
    assert (browser.access_token, browser.refresh_token) == (None, None)


def test_a_spoiled_token_keeps_its_form() -> None:
    token = access_token()
    spoiled = spoil_signature(token)
    assert spoiled != token
    assert spoiled.rpartition(".")[0] == token.rpartition(".")[0]
    refresh = spoil_refresh_token("QUJD.00ff.V2")
    assert refresh != "QUJD.00ff.V2"
    assert refresh.partition(".")[2] == "00ff.V2"
    assert spoil_refresh_token("AAA.0.V2") == "ABA.0.V2"


@pytest.mark.parametrize("text", ["", "31", "s", "-1s", "1 year", "1,5h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        read_duration_ms(text)


def cookie_of(browser: Browser) -> str:
    return first_value(browser.request("GET", "/", now_ms=NOW_MS).headers, "cookie") or ""


def told(browser: Browser, *cookies: str) -> None:
    headers = [("set-cookie", cookie) for cookie in cookies]
    browser.take(Response(status=200, headers=headers), NOW_MS)


def test_a_cookie_is_cleared_by_its_own_domain_and_no_other() -> None:
    browser = Browser(name="browser", place="cookie")
    told(browser, "sAccessToken=one; Domain=.example.com; Path=/")
    told(browser, "sAccessToken=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
    assert cookie_of(browser) == "sAccessToken=one"
    told(browser, "sAccessToken=; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
    assert cookie_of(browser) == ""


def test_max_age_goes_before_expires() -> None:
    browser = Browser(name="browser", place="cookie")
    told(browser, "a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "b=1; Max-Age=0")
    assert cookie_of(browser) == "a=1"
    assert (
        first_value(browser.request("GET", "/", now_ms=NOW_MS + 61_000).headers, "cookie") is None
    )


def test_the_sdk_s_own_apis_are_told_the_interface_versions() -> None:
    browser = signed_in("cookie")
    refresh = browser.request("POST", APP.refresh_path, now_ms=NOW_MS, is_refresh=True)
    sign_out = browser.request("POST", APP.sign_out_path, now_ms=NOW_MS)
    call = browser.request("POST", "/protected", now_ms=NOW_MS)
    assert (first_value(refresh.headers, "fdi-version") or "").startswith("1.16,")
    assert first_value(sign_out.headers, "fdi-version")
    assert first_value(call.headers, "fdi-version") is None


def test_tabs_are_one_client_and_a_thief_is_another() -> None:
    def agent(name: str) -> str | None:
        sent = Browser(name=name, place="cookie").request("GET", "/", now_ms=NOW_MS)
        return first_value(sent.headers, "user-agent")

    assert agent("tab-1") == agent("tab-2") == agent("browser")
    assert len({agent("browser"), agent("thief"), agent("phone"), agent("laptop")}) == 4
