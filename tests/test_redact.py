import pytest
from hypothesis import given
from hypothesis import strategies as st

from stctl.redact import fingerprint, hide, mask, mask_header, mask_text

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEyMzQ1Njc4OTAifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ"


def test_a_long_secret_shows_its_ends_and_a_short_one_nothing() -> None:
    assert mask(TOKEN).startswith("eyJhbG…dHVyZQ (")
    assert "hunter2" not in mask("hunter2")


def test_an_empty_token_stays_empty_because_that_means_cleared() -> None:
    assert mask("") == ""


@given(st.text(min_size=24, max_size=200))
def test_no_secret_is_shown_by_its_mask(secret: str) -> None:
    shown = mask(secret)
    assert secret not in shown
    assert sum(shown.count(secret[i : i + 13]) for i in range(len(secret) - 12)) == 0 or len(
        set(secret)
    ) < len(secret)


def test_the_same_secret_has_the_same_fingerprint_and_another_one_another() -> None:
    assert fingerprint("a") == fingerprint("a") != fingerprint("b")


@pytest.mark.parametrize(
    "header", ["Cookie", "SET-COOKIE", "authorization", "api-key", "st-access-token", "front-token"]
)
def test_headers_that_carry_secrets_are_masked_whatever_their_case(header: str) -> None:
    assert TOKEN not in mask_header(header, TOKEN)


def test_nothing_of_a_key_is_shown_wherever_it_stands() -> None:
    key = "sesame-open-sesame-open-sesame"
    for shown in (mask_header("API-Key", key), mask_text(f"got {key}", [key])):
        assert shown.endswith(f"…({fingerprint(key)})")
        assert "sesame" not in shown
    assert hide("") == ""


def test_an_ordinary_header_is_shown_but_for_tokens_in_it() -> None:
    assert mask_header("cdi-version", "5.4") == "5.4"
    assert TOKEN not in mask_header("x-debug", f"saw {TOKEN}")


def test_tokens_and_given_secrets_vanish_from_running_text() -> None:
    refresh = "A" * 60 + "+/=." + "0" * 64 + ".V2"
    text = mask_text(f"key=sesame-sesame-1 {TOKEN} and {refresh}!", ["sesame-sesame-1"])
    assert "sesame" not in text
    assert TOKEN not in text
    assert refresh not in text
    assert text.endswith("!")
