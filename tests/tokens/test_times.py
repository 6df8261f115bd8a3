import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorded_tokens import V5, every_generation
from stctl.tokens.access import parse
from stctl.tokens.times import (
    Validity,
    Verdict,
    duration_text,
    local_text,
    relative_text,
    utc_text,
    validity_of,
)


def validity(issued: int | None, expires: int | None, now: int) -> Validity:
    return Validity(now_ms=now, issued_at_ms=issued, expires_at_ms=expires)


@pytest.mark.parametrize(
    ("issued", "expires", "now", "verdict"),
    [
        (0, 10_000, 5_000, "valid"),
        (0, 10_000, 10_000, "valid"),
        (0, 10_000, 10_001, "expired"),
        (6_000, 10_000, 5_999, "not-yet-valid"),
        (6_000, 10_000, 6_000, "valid"),
        (None, 10_000, 0, "valid"),
        (0, None, 5, "no-expiry"),
        (20_000, 10_000, 15_000, "expired"),
    ],
)
def test_the_verdict(issued: int | None, expires: int | None, now: int, verdict: Verdict) -> None:
    assert validity(issued, expires, now).verdict == verdict


@pytest.mark.parametrize("generation", every_generation(), ids=lambda one: one.step)
def test_jitter_is_never_taken_for_a_fault(generation: object) -> None:
    token = parse(getattr(generation, "access"))  # noqa: B009 - pytest gives an object
    seen = validity_of(token, token.issued_at_ms)
    assert seen is not None
    # One session was created with a lifetime of its own choice.
    assert seen.has_default_lifetime


@pytest.mark.parametrize(
    ("lifetime_s", "is_default"),
    [(3418, False), (3419, True), (3600, True), (3601, True), (3602, False), (60, False)],
)
def test_the_default_lifetime_has_bounds(lifetime_s: int, is_default: bool) -> None:
    assert validity(0, lifetime_s * 1000, 0).has_default_lifetime is is_default


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (0, "0 s"),
        (59_999, "59 s"),
        (60_000, "1 min"),
        (3_599_000, "59 min 59 s"),
        (3_600_000, "1 h"),
        (3_605_000, "1 h"),
        (90_061_000, "1 d 1 h"),
        (366 * 86_400_000, "1 y 1 d"),
        (-90_000, "1 min 30 s"),
    ],
)
def test_durations_have_two_units_at_most(duration_ms: int, text: str) -> None:
    assert duration_text(duration_ms) == text


def test_moments_are_told_from_now() -> None:
    assert relative_text(1_000, 0) == "in 1 s"
    assert relative_text(0, 1_000) == "1 s ago"
    assert relative_text(0, 999) == "now"


def test_local_time_has_its_offset() -> None:
    assert local_text(0, -12_600) == "1969-12-31 20:30:00 -03:30"


@given(st.integers() | st.integers(-(10**18), 10**18), st.integers(-86_400, 86_400))
def test_no_moment_is_too_far_to_be_told(moment: int, offset: int) -> None:
    assert utc_text(moment) is None or len(str(utc_text(moment))) in {20, 24}
    assert local_text(moment, offset) is None or len(str(local_text(moment, offset))) == 26
    assert duration_text(moment)


def test_refresh_tokens_have_no_times() -> None:
    from stctl.tokens.refresh import read_refresh_token

    assert validity_of(read_refresh_token(V5[0].refresh), 0) is None
