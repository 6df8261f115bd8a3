from base64 import b64decode
from dataclasses import replace

import pytest

from staged_facts import access_token, issued, new_tokens
from stctl.exchange import all_values, first_value
from stctl.recipe.config import AppConfig
from stctl.recipe.front_token import anti_csrf_of, decode_front_token, encode_front_token
from stctl.recipe.marks import read_marks
from stctl.recipe.profiles.newest import GO, NODE, PYTHON
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.response import (
    DropHeader,
    SetHeader,
    attach_access_token,
    attach_tokens,
    clear_cookie,
    clear_everything,
    clear_place,
    write_headers,
)

APP = AppConfig()


def test_new_tokens_in_cookies() -> None:
    headers = write_headers(attach_tokens(new_tokens(), "cookie", APP), APP)
    access, refresh = all_values(headers, "set-cookie")
    assert access.startswith("sAccessToken=eyJ")
    assert access.endswith(
        "; Path=/; Expires=Thu, 18 Nov 2027 11:06:40 GMT; HttpOnly; SameSite=Lax"
    )
    assert refresh.startswith("sRefreshToken=bmV3.fedcba9876543210.V2; Path=/auth/session/refresh;")
    assert "Expires=Fri, 26 Feb 2027 11:06:40 GMT" in refresh
    assert first_value(headers, "access-control-expose-headers") == "front-token"
    assert first_value(headers, "st-access-token") is None


def test_new_tokens_in_headers() -> None:
    headers = write_headers(attach_tokens(new_tokens(), "header", APP), APP)
    assert all_values(headers, "set-cookie") == []
    assert first_value(headers, "st-refresh-token") == "bmV3.fedcba9876543210.V2"
    exposed = first_value(headers, "access-control-expose-headers")
    assert exposed == "front-token, st-access-token, st-refresh-token"


def test_the_anti_csrf_value_travels_with_cookies_only() -> None:
    tokens = new_tokens(anti_csrf="value")
    cookies = write_headers(attach_tokens(tokens, "cookie", APP), APP)
    assert first_value(cookies, "anti-csrf") == "value"
    headers = write_headers(attach_tokens(tokens, "header", APP), APP)
    assert first_value(headers, "anti-csrf") is None


def test_a_cookie_session_may_expose_its_access_token() -> None:
    app = AppConfig(expose_access_token=True)
    headers = write_headers(attach_access_token(issued("a.e30.c"), "alice", "cookie", app), app)
    assert first_value(headers, "st-access-token") == "a.e30.c"
    assert len(all_values(headers, "set-cookie")) == 1


EPOCH = "Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.mark.parametrize(
    ("profile", "cleared"),
    [
        (NODE, f"sAccessToken=; Path=/; Expires={EPOCH}; HttpOnly; SameSite=Lax"),
        (PYTHON, f'sAccessToken=""; expires={EPOCH}; HttpOnly; Path=/; SameSite=lax'),
        (GO, f"sAccessToken=; Path=/; Expires={EPOCH}; HttpOnly; SameSite=Lax"),
    ],
)
def test_each_framework_writes_cookies_its_own_way(profile: Profile, cleared: str) -> None:
    app = AppConfig(profile=profile)
    assert write_headers([clear_cookie("sAccessToken", app)], app) == (("Set-Cookie", cleared),)


def test_a_secure_cookie_of_a_domain() -> None:
    app = AppConfig(api_domain="https://api.example.com", cookie_domain=".example.com")
    (header,) = write_headers([clear_cookie("sAccessToken", app)], app)
    assert header[1].startswith("sAccessToken=; Domain=.example.com; Path=/;")
    assert "; HttpOnly; Secure; SameSite=Lax" in header[1]
    go = replace(app, profile=GO)
    (stripped,) = write_headers([clear_cookie("sAccessToken", go)], go)
    assert "Domain=example.com;" in stripped[1]


def test_the_older_domain_may_be_none_at_all() -> None:
    app = AppConfig(cookie_domain="example.com")
    (header,) = write_headers([clear_cookie("sAccessToken", app, domain="")], app)
    assert "Domain" not in header[1]


def test_clearing_covers_both_ways_of_travelling() -> None:
    marks = read_marks(write_headers(clear_everything(APP), APP))
    assert set(marks.cleared) == {
        "cookie:sAccessToken",
        "cookie:sRefreshToken",
        "header:st-access-token",
        "header:st-refresh-token",
        "header:front-token",
    }
    assert marks.set == ()
    assert marks.clears_session
    one = read_marks(write_headers(clear_place("header", APP), APP))
    assert not any(mark.startswith("cookie") for mark in one.cleared)


def test_a_header_can_be_taken_back() -> None:
    headers = write_headers([SetHeader("anti-csrf", "x"), DropHeader("anti-csrf")], APP)
    assert first_value(headers, "anti-csrf") is None


@pytest.mark.parametrize(
    ("profile", "cookie"),
    [(NODE, "sRefreshToken=a%2Fb%2B%3D;"), (PYTHON, 'sRefreshToken="a/b%2B%3D";'), (GO, "a%2Fb")],
)
def test_refresh_tokens_are_escaped_for_their_cookie(profile: Profile, cookie: str) -> None:
    tokens = replace(new_tokens(), refresh_token=issued("a/b+="))
    app = AppConfig(profile=profile)
    headers = write_headers(attach_tokens(tokens, "cookie", app), app)
    assert cookie in all_values(headers, "set-cookie")[1]


def test_a_front_token_describes_the_access_token() -> None:
    token = issued(access_token(claims={"name": "Zoë"}))
    text = encode_front_token(token, "alice", ("ate", "uid", "up"))
    decoded = decode_front_token(text)
    assert decoded is not None
    assert [*decoded] == ["ate", "uid", "up"]
    assert decoded["uid"] == "alice"
    assert decoded["ate"] == token.expires_at_ms
    payload = decoded["up"]
    assert isinstance(payload, dict)
    assert payload["name"] == "Zoë"
    assert payload["sub"] == "alice"
    assert "Zoë".encode() in b64decode(text)


def test_the_front_token_of_an_old_token_has_the_users_data_alone() -> None:
    text = encode_front_token(
        issued(access_token(version=2, claims={"a": 1})), "alice", ("uid", "ate", "up")
    )
    decoded = decode_front_token(text)
    assert decoded is not None
    assert decoded["up"] == {"a": 1}


def test_remove_is_no_front_token() -> None:
    assert decode_front_token("remove") is None
    assert decode_front_token("") is None


def test_the_anti_csrf_value_is_read_from_the_token() -> None:
    assert anti_csrf_of(issued(access_token(anti_csrf="x"))) == "x"
    assert anti_csrf_of(issued(access_token())) is None


def test_other_cookies_and_headers_are_no_marks() -> None:
    marks = read_marks((("Set-Cookie", "theme=dark"), ("X-Y", "1")))
    assert (marks.cleared, marks.set, marks.clears_session) == ((), (), False)


def test_a_cookie_cleared_and_set_again_is_in_both_lists() -> None:
    marks = read_marks(
        (("Set-Cookie", 'sAccessToken=""'), ("set-cookie", "sAccessToken=x; Path=/"))
    )
    assert marks.cleared == marks.set == ("cookie:sAccessToken",)
