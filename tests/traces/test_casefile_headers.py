import pytest

from stctl.redact import mask
from stctl.traces.casefile.headers import shown_headers

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"
OTHER = "other-secret-value-of-an-app-that-is-long"


def shown(name: str, value: str, *secrets: str) -> str:
    ((_, told),) = shown_headers([(name, value)], secrets)
    return told


def test_names_of_cookies_stay_legible_and_their_values_do_not() -> None:
    told = shown("Cookie", f"sAccessToken={TOKEN}; sAccessToken={OTHER};x=1")
    assert told == f"sAccessToken={mask(TOKEN)}; sAccessToken={mask(OTHER)}; x={mask('1')}"


def test_attributes_of_a_cookie_stay_and_a_cleared_one_is_seen_to_be_empty() -> None:
    told = shown("set-cookie", f"sRefreshToken={TOKEN}; Path=/auth; SameSite=Lax; HttpOnly")
    assert told == f"sRefreshToken={mask(TOKEN)}; Path=/auth; SameSite=Lax; HttpOnly"
    assert shown("Set-Cookie", "sAccessToken=; Path=/") == "sAccessToken=; Path=/"


@pytest.mark.parametrize("text", ["", " ", ";", "=", "lone", "=x;;y="])
def test_a_broken_cookie_header_gives_nothing_away_and_breaks_nothing(text: str) -> None:
    told = shown("cookie", text)
    assert "lone" not in told


def test_the_scheme_of_an_authorization_stays() -> None:
    assert shown("Authorization", f"Bearer {TOKEN}") == f"Bearer {mask(TOKEN)}"
    assert shown("authorization", TOKEN) == mask(TOKEN)


def test_an_order_to_clear_is_no_secret() -> None:
    assert shown("front-token", "remove") == "remove"
    assert shown("st-access-token", "") == ""
    assert shown("front-token", TOKEN) == mask(TOKEN)


def test_nothing_of_an_api_key_is_shown() -> None:
    assert shown("api-key", "0123456789abcdefghijklmnopqrst")[:2] == "…("


def test_a_secret_that_stands_in_another_header_is_masked_too() -> None:
    assert OTHER not in shown("Location", f"/callback?code={OTHER}", OTHER)
    assert TOKEN not in shown("X-Debug", f"token {TOKEN}")


def test_headers_keep_their_order_and_are_not_put_together() -> None:
    told = shown_headers([("B", "1"), ("a", "2"), ("B", "3")], ())
    assert told == (("B", "1"), ("a", "2"), ("B", "3"))
