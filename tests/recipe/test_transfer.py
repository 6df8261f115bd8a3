import pytest

from staged_facts import request
from stctl.exchange import Request
from stctl.recipe.profiles.newest import GO, NODE
from stctl.recipe.transfer import cookie_pairs, decode_cookie, read_transfer


@pytest.mark.parametrize(
    ("authorization", "bearer"),
    [
        ("Bearer abc", "abc"),
        ("Bearer  abc ", "abc"),
        ("Bearer ", ""),
        ("bearer abc", None),
        ("Basic abc", None),
        ("Bearer", None),
    ],
)
def test_a_bearer_needs_its_exact_prefix(authorization: str, bearer: str | None) -> None:
    sent = Request(method="GET", path="/", headers=(("authorization", authorization),))
    assert read_transfer(sent, NODE).bearer == bearer


def test_doubled_cookies_are_seen_and_the_first_one_is_read() -> None:
    transfer = read_transfer(request(cookies="sAccessToken=a; theme=x; sAccessToken=b"), NODE)
    assert transfer.cookie("sAccessToken") == "a"
    assert transfer.cookies["sAccessToken"] == ("a", "b")
    assert transfer.doubled == {"sAccessToken"}


def test_several_cookie_headers_are_one() -> None:
    sent = Request(method="GET", path="/", headers=(("Cookie", "a=1"), ("cookie", "a=2; b=3")))
    assert read_transfer(sent, NODE).cookies == {"a": ("1", "2"), "b": ("3",)}


def test_the_marks_of_the_browser_sdk_are_read() -> None:
    transfer = read_transfer(
        request(rid="anti-csrf", st_auth_mode="header", anti_csrf="x", cookies="sIdRefreshToken=1"),
        NODE,
    )
    assert (transfer.rid, transfer.auth_mode, transfer.anti_csrf) == ("anti-csrf", "header", "x")
    assert transfer.has_legacy_cookie


@pytest.mark.parametrize(
    ("raw", "node", "go"),
    [
        ("a%2Fb", "a/b", "a/b"),
        ('"a/b%2B"', "a/b+", "a/b+"),
        ('"', '"', '"'),
        ("a+b", "a+b", "a b"),
        ("", "", ""),
    ],
)
def test_cookies_are_decoded_as_each_sdk_does(raw: str, node: str, go: str) -> None:
    assert decode_cookie(raw, plus_is_space=NODE.plus_is_space) == node
    assert decode_cookie(raw, plus_is_space=GO.plus_is_space) == go


def test_a_cookie_value_may_hold_equal_signs_and_a_nameless_one_is_none() -> None:
    assert [*cookie_pairs("a=b=c; =d; e; f=")] == [("a", "b=c"), ("f", "")]
