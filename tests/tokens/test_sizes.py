import pytest

from made_tokens import made
from recorded_tokens import V2, V5
from stctl.tokens.identify import Finding, identify
from stctl.tokens.sizes import CookieSize, cookie_size


def size(text: str) -> CookieSize:
    found = identify(text)[0]
    assert isinstance(found, Finding)
    measured = cookie_size(found)
    assert measured is not None
    return measured


def test_an_access_token_is_measured_with_its_name() -> None:
    measured = size(V5[0].access)
    assert measured.pair_bytes == len("sAccessToken") + len(V5[0].access)
    assert measured.fit == "fits"
    attributes = "=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=None"
    assert measured.whole_bytes - measured.pair_bytes == len(attributes)


@pytest.mark.parametrize("text", [V2[0].access, V5[0].refresh])
def test_what_is_escaped_counts_three_bytes(text: str) -> None:
    escaped = sum(text.count(character) for character in "+/=")
    assert escaped
    assert size(text).pair_bytes == len(size(text).cookie) + len(text) + 2 * escaped


def _of_pair(pair_bytes: int) -> CookieSize:
    return CookieSize(cookie="c", pair_bytes=pair_bytes, whole_bytes=pair_bytes + 80, heaviest=())


@pytest.mark.parametrize(
    ("pair_bytes", "fit"),
    [(4016, "fits"), (4017, "at-risk"), (4096, "at-risk"), (4097, "too-large")],
)
def test_browsers_drop_a_cookie_beyond_4096_bytes(pair_bytes: int, fit: str) -> None:
    assert _of_pair(pair_bytes).fit == fit


def test_the_heaviest_claims_come_first() -> None:
    text = made(payload={"small": 1, "huge": "x" * 3000, "list": [1] * 100})
    measured = size(text)
    assert measured.fit == "too-large"
    assert [weight.claim for weight in measured.heaviest[:2]] == ["huge", "list"]
    assert abs(measured.heaviest[0].size_bytes - 3000 * 4 / 3) < 20


def test_claims_of_old_versions_are_weighed_inside_userdata() -> None:
    assert "k" in [weight.claim for weight in size(V2[0].access).heaviest]
    assert "userData" not in [weight.claim for weight in size(V2[0].access).heaviest]
