"""Rules of diagnose for cookies; each on a recorded case, and on one that is as it should be."""

import pytest

from diagnosed import (
    Entries,
    at_path,
    change_header,
    found,
    ids,
    known_of,
    only,
    played,
    recorded,
    with_header,
    without_header,
)
from stctl.traces.diagnose.rules.cookies_kept import (
    ForeignDomain,
    SecureOverHttp,
    SiteMismatch,
    ThirdPartyCookies,
)
from stctl.traces.diagnose.rules.cookies_sent import DoubledCookies, LegacyCookie
from stctl.traces.diagnose.rules.cookies_set import NoExpiry, RefreshPath

ACROSS = "samesite-lax-cross-site.express.default.cookie"
RETURNED = "csrf-default-cross-site.express.default.cookie"
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Safari/605.1.15"
)


def test_two_access_cookies_in_one_request_are_found_with_what_came_of_them() -> None:
    entries = recorded("duplicate-access-cookies.go.default.cookie")
    one = only(found(entries, rules=[DoubledCookies]), "ST-003")
    assert one.count == 2
    assert [proof.entry for proof in one.proofs] == [0, 1]
    assert (
        one.proofs[0].shows == "it holds sAccessToken 2 times; the answer is 401, TRY_REFRESH_TOKEN"
    )
    assert "sRefreshToken 2 times; the answer is 500" in one.proofs[1].shows


def test_doubled_cookies_that_the_sdk_clears_are_said_to_be_cleared() -> None:
    name = "duplicate-cookies-older-domain.express.custom.cookie"
    one = only(found(recorded(name), known_of(name), [DoubledCookies]), "ST-003")
    assert "clears those of the older domain" in one.proofs[-1].shows


def test_each_session_cookie_once_is_no_doubled_cookie() -> None:
    assert not found(recorded("login-and-use.express.default.header"), rules=[DoubledCookies])
    assert not found(recorded(RETURNED), rules=[DoubledCookies])


def test_lax_cookies_across_sites_are_found_once_the_next_request_lacks_them() -> None:
    one = only(found(recorded(ACROSS), known_of(ACROSS), [SiteMismatch]), "ST-004")
    assert one.detail == (
        "https://app.example.org calls api.example.com, which is another site, and gets "
        "SameSite=lax."
    )
    assert [proof.entry for proof in one.proofs] == [0, 3, 4]
    assert "SameSite=Lax" in one.proofs[0].shows


def test_a_login_alone_proves_it_only_where_the_browser_says_cross_site() -> None:
    login = recorded(ACROSS)[:3]
    assert not found(login, rules=[SiteMismatch])
    with_header(login[0], "request", "Sec-Fetch-Site", "cross-site")
    assert ids(found(login, rules=[SiteMismatch])) == ["ST-004"]


def test_the_browsers_word_that_it_is_one_site_counts_more_than_names() -> None:
    entries = recorded(ACROSS)
    for entry in entries:
        if entry["_peer"] == "browser-backend":
            with_header(entry, "request", "Sec-Fetch-Site", "same-site")
    assert not found(entries, rules=[SiteMismatch])


def test_localhost_and_its_address_are_two_sites() -> None:
    entries = recorded("secure-cookie-on-http.express.default.cookie")
    for entry in entries:
        if entry["_peer"] == "browser-backend":
            with_header(entry, "request", "Origin", "http://localhost:3000")
            url = entry["request"]["url"].replace("api.example.com", "127.0.0.1:3001")
            entry["request"]["url"] = url
            with_header(entry, "request", "Host", "127.0.0.1:3001")
    assert ids(found(entries, rules=[SiteMismatch])) == ["ST-004"]


@pytest.mark.parametrize("rule", [SiteMismatch, ThirdPartyCookies, SecureOverHttp, ForeignDomain])
def test_cookies_that_come_back_raise_nothing_whatever_their_attributes(
    rule: type[SiteMismatch],
) -> None:
    entries = recorded(RETURNED)
    assert not found(entries, known_of(RETURNED), [rule])
    for entry in entries:
        if entry["request"]["url"].endswith("/login"):
            change_header(entry, "response", "Set-Cookie", lambda value: f"{value}; Domain=x.test")
    assert not found(entries, known_of(RETURNED), [rule])


def across_with_none() -> Entries:
    """Cookies set as they should be across sites, and all the same not sent back."""
    entries = recorded(ACROSS)
    change_header(
        entries[0], "response", "Set-Cookie", lambda value: value.replace("=Lax", "=None")
    )
    return entries


def test_third_party_cookies_that_do_not_come_back_are_found() -> None:
    entries = across_with_none()
    for entry in entries:
        if entry["_peer"] == "browser-backend":
            with_header(entry, "request", "User-Agent", SAFARI)
    one = only(found(entries, rules=[ThirdPartyCookies]), "ST-008")
    assert one.detail == "Safari sends no cookies from https://app.example.org to api.example.com."
    assert not found(entries, rules=[SiteMismatch])


def test_third_party_cookies_are_not_blamed_where_nothing_was_asked_after_the_login() -> None:
    assert not found(across_with_none()[:3], rules=[ThirdPartyCookies])


def test_cookies_lost_within_one_site_are_no_matter_of_sites() -> None:
    entries = recorded("secure-cookie-on-http.express.default.cookie")
    assert not found(entries, rules=[SiteMismatch, ThirdPartyCookies])


def test_secure_cookies_over_http_are_found() -> None:
    name = "secure-cookie-on-http.express.default.cookie"
    one = only(found(recorded(name), known_of(name), [SecureOverHttp]), "ST-042")
    assert one.detail == "sAccessToken is Secure, and api.example.com is called over http."


def test_a_gateway_that_ends_tls_is_no_plain_http() -> None:
    entries = recorded("secure-cookie-on-http.express.default.cookie")
    for entry in entries:
        if entry["_peer"] == "browser-backend":
            with_header(entry, "request", "Origin", "https://www.example.com")
    assert not found(entries, rules=[SecureOverHttp])
    for entry in entries:
        if entry["_peer"] == "browser-backend":
            with_header(entry, "request", "Origin", "http://www.example.com")
            with_header(entry, "request", "X-Forwarded-Proto", "https")
    assert not found(entries, rules=[SecureOverHttp])


def test_secure_cookies_over_http_on_localhost_raise_nothing() -> None:
    entries = recorded("chromium-expired-then-retry.express.default.cookie")
    login = at_path(entries, "/login", 1)
    change_header(login, "response", "Set-Cookie", lambda value: f"{value}; Secure")
    assert not found(entries, rules=[SecureOverHttp])


def test_a_domain_that_the_api_is_not_part_of_is_found() -> None:
    name = "cookie-domain-mismatch.fastapi.default.cookie"
    one = only(found(recorded(name), known_of(name), [ForeignDomain]), "ST-040")
    assert "example.net, which api.example.com is not part of" in one.detail


def test_a_domain_that_holds_the_api_raises_nothing() -> None:
    entries = recorded("cookie-domain-mismatch.fastapi.default.cookie")
    change_header(
        entries[0],
        "response",
        "Set-Cookie",
        lambda value: value.replace("example.net", ".example.com"),
    )
    assert not found(entries, rules=[ForeignDomain])


def test_a_legacy_cookie_is_found_where_it_forces_a_refresh() -> None:
    name = "legacy-id-refresh-cookie.fastapi.default.cookie"
    one = only(found(recorded(name), known_of(name), [LegacyCookie]), "ST-029")
    assert [proof.entry for proof in one.proofs] == [0, 1]


def test_an_sdk_that_still_sets_that_cookie_is_not_upgraded_yet() -> None:
    name = "csrf-token-missing.express-5.custom.cookie"
    assert not found(recorded(name), known_of(name), [LegacyCookie])


def test_a_refresh_outside_the_cookies_path_is_found() -> None:
    name = "api-base-path-mismatch.express.default.cookie"
    one = only(found(recorded(name), known_of(name), [RefreshPath]), "ST-021")
    assert one.detail == (
        "The refresh goes to /auth/session/refresh, the cookie is for /api/auth/session/refresh."
    )


def test_a_refresh_within_the_cookies_path_raises_nothing() -> None:
    entries = recorded("chromium-expired-then-retry.express.default.cookie")
    assert not found(entries, rules=[RefreshPath])


def test_a_gateway_that_strips_a_prefix_raises_nothing_while_the_cookie_arrives() -> None:
    entries = recorded("chromium-expired-then-retry.express.default.cookie")
    for entry in entries:
        if entry["_peer"] == "browser-backend":
            for one in entry["response"]["headers"]:
                if one["name"] == "Set-Cookie":
                    one["value"] = one["value"].replace("Path=/auth", "Path=/gate/auth")
    assert not found(entries, rules=[RefreshPath])


def test_the_first_visit_of_a_browser_without_cookies_raises_nothing() -> None:
    entries = recorded("e2e-first-visit.express.default.cookie")
    assert not found(entries, rules=[RefreshPath, SiteMismatch, ThirdPartyCookies])


def test_session_cookies_without_expiry_are_found() -> None:
    entries = recorded("chromium-expired-then-retry.express.default.cookie")
    login = at_path(entries, "/login", 1)
    for one in login["response"]["headers"]:
        if one["name"] == "Set-Cookie":
            kept = [part for part in one["value"].split("; ") if not part.startswith("Expires")]
            one["value"] = "; ".join(kept)
    findings = found(entries, rules=[NoExpiry])
    assert [one.subject for one in findings] == ["sAccessToken", "sRefreshToken"]
    assert "eyJ" not in findings[0].proofs[0].shows


def test_cookies_with_an_expiry_and_cleared_ones_raise_no_expiry() -> None:
    assert not found(recorded("e2e-first-visit.express.default.cookie"), rules=[NoExpiry])
    assert not found(recorded("signout-api.express.default.cookie"), rules=[NoExpiry])


def test_played_doubled_and_legacy_cookies_are_found() -> None:
    doubled = found(played("duplicate-cookies", "on-a-call"), rules=[DoubledCookies])
    assert ids(doubled) == ["ST-003"]
    legacy = found(played("legacy-cookie", "on-a-call"), rules=[LegacyCookie])
    assert ids(legacy) == ["ST-029"]


def test_a_request_without_headers_recorded_raises_nothing() -> None:
    entries = recorded(ACROSS)
    for entry in entries:
        without_header(entry, "request", "Origin", "Referer")
    assert not found(entries, rules=[SiteMismatch, ThirdPartyCookies])
