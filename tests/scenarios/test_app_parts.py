"""What `simulate --app` knows of an app before it has asked it anything."""

import pytest

from conftest import NOW_MS
from rehearsals import transport_for
from staged_facts import access_token
from stctl.cdi.client import CdiClient
from stctl.errors import StctlError
from stctl.exchange import Request, Response
from stctl.recipe.profiles.newest import NODE
from stctl.scenarios.app.keys import Signatures
from stctl.scenarios.app.routes import AppRoute, AppRoutes, Login, read_header, read_route
from stctl.scenarios.app.tokens import new_access_token, new_tokens
from stctl.scenarios.browser import spoil_signature
from stctl.scenarios.model import Call
from stctl.tokens.access import parse

ME = AppRoute(method="GET", path="/me")


def test_a_forgery_of_a_token_that_was_seen_is_known_without_a_key() -> None:
    signatures, token = Signatures(None), access_token()
    assert signatures.check(parse(token)).verdict == "not-verifiable"
    signatures.saw(token)
    assert signatures.check(parse(token)).verdict == "holds"
    assert signatures.check(parse(spoil_signature(token))).verdict == "does-not-hold"
    other = access_token(expires_at_ms=NOW_MS + 1000)
    assert signatures.check(parse(other)).verdict == "not-verifiable"


def test_with_a_core_its_keys_decide() -> None:
    client = CdiClient(transport_for({}), cdi="5.4")
    made = client.create_session("alice").access_token.token
    signatures = Signatures(client)
    assert signatures.check(parse(made)).verdict == "holds"
    assert signatures.check(parse(spoil_signature(made))).verdict == "does-not-hold"
    assert signatures.check(parse(access_token())).verdict == "unknown-kid"


@pytest.mark.parametrize(
    ("text", "shown", "query"),
    [
        ("/me", "GET /me", []),
        ("POST /me?a=1&b=", "POST /me", [("a", "1"), ("b", "")]),
        ("  DELETE   /a%20b ", "DELETE /a b", []),
    ],
)
def test_a_route_is_a_method_and_a_path(text: str, shown: str, query: object) -> None:
    route = read_route(text, "--protected")
    assert (str(route), route.query) == (shown, query)


@pytest.mark.parametrize("text", ["", "me", "GET", "get /me", "GET /me /you", "GET http://a/me"])
def test_anything_else_is_no_route(text: str) -> None:
    with pytest.raises(StctlError, match=r"^--protected takes a method and a path, not "):
        read_route(text, "--protected")


@pytest.mark.parametrize("text", ["", "x", ": y", "a b: c"])
def test_a_header_has_a_name_and_a_value(text: str) -> None:
    assert read_header("X-Tenant:  one: two ", "--login-header") == ("x-tenant", "one: two")
    with pytest.raises(StctlError, match="parted by a colon"):
        read_header(text, "--login-header")


def test_a_protected_route_stands_for_its_own_method_alone() -> None:
    routes = AppRoutes({"protected": [ME], "admin": [AppRoute(method="POST", path="/pay")]})
    assert routes.find(Call(path="/protected")) == ME
    assert routes.find(Call(path="/protected", method="POST")) is None
    assert str(routes.find(Call(path="/admin"))) == "POST /pay"
    assert routes.find(Call(path="/crash")) is None
    assert str(routes.find(Call(path="/mine", method="PUT"))) == "PUT /mine"


def test_a_login_is_filled_in_for_a_user_and_keeps_what_the_browser_adds() -> None:
    login = Login(
        route=AppRoute(method="POST", path="/in/{user}", query=[("u", "{user}")]),
        headers=[("authorization", "Basic {user}")],
        body="user={user}",
    )
    browser = Request(
        method="POST", path="/", headers=[("rid", "anti-csrf"), ("authorization", "Bearer x")]
    )
    request = login.request("tom", browser)
    assert (request.path, request.query, request.body) == ("/in/tom", [("u", "tom")], b"user=tom")
    assert dict(request.headers) == {
        "rid": "anti-csrf",
        "authorization": "Basic tom",
        "content-type": "application/x-www-form-urlencoded",
    }
    assert login.names_user
    assert not Login(route=ME, body="{}").names_user


def test_tokens_of_an_answer_are_those_that_a_browser_keeps() -> None:
    token = access_token()
    cookies = [
        ("Set-Cookie", "sAccessToken=; Domain=old.example; Max-Age=0"),
        ("Set-Cookie", f"sAccessToken={token}; Path=/"),
        ("Set-Cookie", "sRefreshToken=r%2B1; Path=/auth/session/refresh"),
    ]
    made = new_tokens(Response(status=200, headers=cookies), NODE)
    assert made is not None
    assert (made.access_token.token, made.refresh_token.token) == (token, "r+1")
    headers = [("st-access-token", token)]
    assert new_tokens(Response(status=200, headers=headers), NODE) is None
    fresh = new_access_token(Response(status=200, headers=headers), NODE)
    assert fresh is not None
    assert fresh.token == token
    assert new_access_token(Response(status=401, headers=[("st-access-token", "")]), NODE) is None
    assert new_access_token(None, NODE) is None
