"""What is read of an exchange, also where clients send nonsense."""

import pytest

from diagnosed import found, recorded, with_header
from explained import request
from stctl.exchange import Request
from stctl.traces.diagnose.wire import (
    bearer_of,
    header_bytes,
    host_of,
    is_cross_origin,
    is_cross_site,
    is_local,
    is_navigation,
    page_of,
)


def sent(**headers: str) -> Request:
    return request("/me", headers={name.replace("_", "-"): text for name, text in headers.items()})


@pytest.mark.parametrize(
    ("page", "host", "is_across"),
    [
        ("https://app.example.com", "api.example.com", False),
        ("https://example.org", "api.example.com", True),
        ("http://example.com", "example.com", False),
        ("https://a.example.co.uk", "b.example.co.uk", False),
        ("http://localhost:3000", "localhost", False),
        ("http://localhost:3000", "127.0.0.1", True),
        ("http://192.168.0.2", "192.168.0.3", True),
        ("http://192.168.0.2:3000", "192.168.0.2", False),
        ("null", "api.example.com", False),
        ("http://[::1", "api.example.com", True),
    ],
)
def test_sites_are_told_apart_by_names_where_the_browser_does_not(
    page: str, host: str, *, is_across: bool
) -> None:
    assert is_cross_site(sent(origin=page), host) is is_across


@pytest.mark.parametrize(("said", "is_across"), [("cross-site", True), ("same-origin", False)])
def test_the_browsers_own_word_comes_first(said: str, *, is_across: bool) -> None:
    asked = sent(origin="https://x.test", sec_fetch_site=said)
    assert is_cross_site(asked, "x.test") is is_across
    assert is_cross_origin(asked) is is_across


@pytest.mark.parametrize(
    ("origin", "host", "is_across"),
    [
        ("http://localhost:3000", "localhost:3001", True),
        ("https://example.com", "example.com", False),
        ("https://example.com:443", "example.com", False),
        ("https://www.example.com", "example.com", True),
        ("http://[bad", "example.com", True),
    ],
)
def test_origins_are_told_apart_by_hosts_and_named_ports(
    origin: str, host: str, *, is_across: bool
) -> None:
    assert is_cross_origin(sent(origin=origin, host=host)) is is_across


def test_without_page_or_host_nothing_is_across() -> None:
    assert not is_cross_origin(sent(host="example.com"))
    assert not is_cross_origin(sent(origin="https://example.com"))
    assert not is_cross_site(sent(), "example.com")


def test_the_page_is_known_by_origin_else_by_referer() -> None:
    assert page_of(sent(origin="https://a.test", referer="https://b.test/x")) == "https://a.test"
    assert page_of(sent(referer="https://b.test/x?y")) == "https://b.test"
    assert page_of(sent(referer="no address")) is None
    assert page_of(sent()) is None


@pytest.mark.parametrize(("value", "token"), [("Bearer a.b.c", "a.b.c"), ("bearer  x ", "x")])
def test_a_bearer_token_is_read_in_any_case(value: str, token: str) -> None:
    assert bearer_of(sent(authorization=value)) == token


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic x"])
def test_other_authorization_holds_no_bearer_token(value: str) -> None:
    assert bearer_of(sent(authorization=value)) is None


def test_only_the_address_bar_navigates() -> None:
    assert is_navigation(sent(sec_fetch_mode="navigate"))
    assert not is_navigation(sent(sec_fetch_mode="cors"))
    assert not is_navigation(sent())


def test_hosts_sizes_and_the_machine_itself() -> None:
    assert host_of("HTTPS://API.Example.com:8443/x") == "api.example.com"
    assert host_of("http://[::1") == ""
    assert is_local("app.localhost")
    assert not is_local("localhost.example.com")
    assert header_bytes([("a", "bc"), ("d", "")]) == 3 + 4 + 1 + 4


@pytest.mark.parametrize("junk", ["http://[::1", "null", "", "\0", "eyJ.eyJ.x", "a" * 9000, ";;=="])
@pytest.mark.parametrize("name", ["Origin", "Referer", "Cookie", "Authorization", "Host"])
def test_nonsense_in_a_header_ends_in_a_diagnosis_all_the_same(name: str, junk: str) -> None:
    entries = recorded("csrf-default-cross-site.express.default.cookie")
    for entry in entries:
        with_header(entry, "request", name, junk)
        with_header(entry, "response", "Set-Cookie", f"sAccessToken={junk}; Domain={junk}")
    assert isinstance(found(entries), list)
