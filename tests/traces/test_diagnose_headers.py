"""Rules of diagnose for headers; each on a recorded case, and on one that is as it should be."""

import pytest

from diagnosed import (
    Entries,
    at_path,
    found,
    header,
    ids,
    known_of,
    only,
    played,
    recorded,
    with_header,
    without_header,
)
from explained import Document
from stctl.traces.diagnose.rules.headers_cors import NotExposed, OnlyOnPreflight
from stctl.traces.diagnose.rules.headers_limits import HeadersTooLarge
from stctl.traces.diagnose.rules.headers_sent import (
    AntiCsrfMissing,
    EmptyHeadersDropped,
    FrontendTooOld,
)

CHROMIUM = "chromium-expired-then-retry.express.default.cookie"
HEADER_MODE = "login-and-use.express.default.header"
EXPOSED = "Access-Control-Expose-Headers"
NGINX = (
    "<html>\r\n<head><title>400 Request Header Or Cookie Too Large</title></head>\r\n"
    "<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n"
    "<center>Request Header Or Cookie Too Large</center>\r\n"
    "<hr><center>nginx/1.25.3</center>\r\n</body>\r\n</html>\r\n"
)
BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.25.3</center>\r\n"
    "</body>\r\n</html>\r\n"
)


def login_of(entries: Entries) -> Document:
    return at_path(entries, "/login", 1)


def test_a_front_token_that_the_page_cannot_read_is_found() -> None:
    entries = recorded(CHROMIUM)
    with_header(login_of(entries), "response", EXPOSED, "X-Request-Id")
    one = only(found(entries, rules=[NotExposed]), "ST-005")
    assert one.detail == "http://localhost:3000 cannot read front-token."
    assert one.proofs[0].shows == "it is `X-Request-Id`"


@pytest.mark.parametrize(("exposed", "is_hidden"), [("*", True), ("Front-Token", False)])
def test_with_cookies_a_star_exposes_nothing(exposed: str, *, is_hidden: bool) -> None:
    entries = recorded(CHROMIUM)
    with_header(login_of(entries), "response", EXPOSED, exposed)
    assert bool(found(entries, rules=[NotExposed])) is is_hidden


def test_in_header_mode_the_tokens_must_be_exposed_too() -> None:
    entries = recorded(HEADER_MODE)
    with_header(entries[0], "response", EXPOSED, "front-token")
    one = only(found(entries, rules=[NotExposed]), "ST-005")
    assert one.detail.endswith("cannot read st-access-token, st-refresh-token.")


def test_what_sdks_expose_themselves_is_enough() -> None:
    for name in (CHROMIUM, HEADER_MODE, "signout-api.go.default.cookie"):
        assert not found(recorded(name), rules=[NotExposed])


def test_a_page_of_the_same_origin_reads_every_header() -> None:
    entries = recorded(CHROMIUM)
    login = login_of(entries)
    without_header(login, "response", EXPOSED)
    with_header(login, "request", "Sec-Fetch-Site", "same-origin")
    assert not found(entries, rules=[NotExposed])


def test_an_answer_of_the_sdk_without_cors_after_an_allowed_preflight_is_found() -> None:
    entries = recorded(CHROMIUM)
    refused = next(
        one
        for one in entries
        if one["request"]["method"] == "GET" and one["response"]["status"] == 401
    )
    without_header(refused, "response", "Access-Control-Allow-Origin")
    one = only(found(entries, rules=[OnlyOnPreflight]), "ST-041")
    assert [proof.request.split()[0] for proof in one.proofs] == ["OPTIONS", "GET"]
    assert one.proofs[1].shows == "it is missing from the 401"


def test_cors_on_every_answer_raises_nothing() -> None:
    assert not found(recorded(CHROMIUM), rules=[OnlyOnPreflight])
    assert not found(recorded("chromium-sign-out.fastapi.default.cookie"), rules=[OnlyOnPreflight])


def test_a_framework_that_leaves_cors_off_its_error_pages_is_not_blamed() -> None:
    entries = recorded("chromium-core-down.fastapi.default.cookie")
    assert not found(entries, rules=[OnlyOnPreflight])


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("csrf-custom-header-missing.express.default.cookie", "rid"),
        ("csrf-default-cross-site.express.default.cookie", "rid"),
        ("csrf-token-missing.go.default.cookie", "anti-csrf"),
    ],
)
def test_a_request_that_the_anti_csrf_check_refuses_is_found(name: str, field: str) -> None:
    one = only(found(recorded(name), known_of(name), [AntiCsrfMissing]), "ST-011")
    assert one.proofs[0].field == f"request header {field}"
    assert "TRY_REFRESH_TOKEN" in one.proofs[0].shows


def test_a_wrong_anti_csrf_token_is_told_from_a_missing_one() -> None:
    name = "csrf-token-missing.express.default.cookie"
    one = only(found(recorded(name), known_of(name), [AntiCsrfMissing]), "ST-011")
    shown = [proof.shows.split(";")[0] for proof in one.proofs]
    assert shown == ["it is missing", "it is not the one in the access token"]


@pytest.mark.parametrize(
    ("scenario", "case"),
    [
        ("try-refresh-token", "missing-rid"),
        ("try-refresh-token", "missing-anti-csrf"),
        ("unauthorised", "refresh-without-anti-csrf"),
    ],
)
def test_played_requests_without_anti_csrf_are_found(scenario: str, case: str) -> None:
    assert ids(found(played(scenario, case), rules=[AntiCsrfMissing])) == ["ST-011"]


def test_an_expired_token_of_a_post_is_no_matter_of_anti_csrf() -> None:
    for name in ("expired-access-token.express.default.cookie", CHROMIUM):
        assert not found(recorded(name), known_of(name), [AntiCsrfMissing])
    assert not found(played("try-refresh-token", "expired"), rules=[AntiCsrfMissing])


def signed_out() -> tuple[Entries, Document]:
    """A sign-out in header mode, and its entry."""
    entries = recorded("logout-route.express.default.header")
    for one in entries:
        if header(one, "response", "front-token") == "remove":
            return entries, one
    raise AssertionError


def test_a_sign_out_whose_empty_headers_got_lost_is_found() -> None:
    entries, leaving = signed_out()
    without_header(leaving, "response", "st-access-token", "st-refresh-token")
    one = only(found(entries, rules=[EmptyHeadersDropped]), "ST-028")
    assert one.detail == "The answer ends the session without st-access-token and st-refresh-token."


def test_a_sign_out_that_arrives_whole_raises_nothing() -> None:
    entries, _ = signed_out()
    assert not found(entries, rules=[EmptyHeadersDropped])


def test_a_sign_out_with_cookies_needs_no_empty_headers() -> None:
    entries = recorded("signout-api.express.default.cookie")
    for one in entries:
        without_header(one, "response", "st-access-token", "st-refresh-token")
    assert not found(entries, rules=[EmptyHeadersDropped])


def test_tokens_in_headers_for_a_frontend_that_knows_cookies_only_are_found() -> None:
    entries = recorded(HEADER_MODE)
    without_header(entries[0], "request", "st-auth-mode")
    with_header(entries[0], "request", "fdi-version", "1.14,1.15")
    one = only(found(entries, rules=[FrontendTooOld]), "ST-030")
    assert one.detail == "The frontend speaks FDI 1.14,1.15 and gets its tokens in headers."


@pytest.mark.parametrize("spoken", ["1.15,1.16", "4.1", "a.b", ""])
def test_a_newer_frontend_or_one_that_says_nothing_raises_nothing(spoken: str) -> None:
    entries = recorded(HEADER_MODE)
    without_header(entries[0], "request", "st-auth-mode")
    with_header(entries[0], "request", "fdi-version", spoken)
    assert not found(entries, rules=[FrontendTooOld])


def refuse(entry: Document, status: int, page: str) -> None:
    """Answer with a page of nginx in the backend's place."""
    entry["response"]["status"] = status
    entry["response"]["content"] = {"size": len(page), "mimeType": "text/html", "text": page}
    entry["response"]["headers"] = [
        {"name": "Server", "value": "nginx/1.25.3"},
        {"name": "Content-Type", "value": "text/html"},
    ]


def with_large_cookie(entry: Document, size: int) -> None:
    cookie = header(entry, "request", "Cookie") or ""
    with_header(entry, "request", "Cookie", f"{cookie}; preferences={'x' * size}")


def protected(entries: Entries) -> list[Document]:
    return [one for one in entries if one["request"]["url"].endswith("/protected")]


def test_a_request_that_is_refused_for_its_headers_in_words_is_found() -> None:
    entries = recorded("csrf-token-missing.express.default.cookie")
    last = protected(entries)[-1]
    with_large_cookie(last, 9000)
    refuse(last, 400, NGINX)
    one = only(found(entries, rules=[HeadersTooLarge]), "ST-010")
    assert "is refused with 400" in one.detail
    assert len(one.proofs) == 1


def test_a_gateway_that_fails_by_size_alone_is_found() -> None:
    entries = recorded("csrf-token-missing.express.default.cookie")
    for entry in (protected(entries)[0], protected(entries)[-1]):
        with_large_cookie(entry, 9000)
        refuse(entry, 502, BAD_GATEWAY)
    one = only(found(entries, rules=[HeadersTooLarge]), "ST-010")
    assert "the gateway answers 502" in one.detail
    assert len(one.proofs) == 2


def test_a_gateway_whose_backend_is_down_is_no_matter_of_size() -> None:
    entries = recorded("csrf-token-missing.express.default.cookie")
    calls = protected(entries)
    for entry in calls[2:]:
        with_large_cookie(entry, 9000)
        refuse(entry, 502, BAD_GATEWAY)
    assert not found(entries, rules=[HeadersTooLarge])
    refuse(calls[0], 502, BAD_GATEWAY)
    assert not found(entries, rules=[HeadersTooLarge])


def test_another_400_is_no_matter_of_size() -> None:
    entries = recorded("csrf-token-missing.express.default.cookie")
    refuse(protected(entries)[-1], 400, "<h1>Bad Request</h1>")
    assert not found(entries, rules=[HeadersTooLarge])
