import pytest

from stctl.core.rotation import RotationRules

_RULES = RotationRules(update_interval_ms=3_600_000, access_token_validity_ms=60_000)
_NOW = 1_795_000_000_000


def test_a_key_is_believed_for_its_interval_and_two_validities() -> None:
    assert _RULES.oldest_valid(_NOW) == _NOW - 3_720_000


def test_without_a_key_one_is_due() -> None:
    assert _RULES.wants_successor([], _NOW)


@pytest.mark.parametrize(("age_ms", "due"), [(0, False), (3_540_000, False), (3_540_001, True)])
def test_a_successor_is_due_less_than_a_minute_before_the_newest_stops_signing(
    age_ms: int, due: bool
) -> None:
    assert _RULES.wants_successor([_NOW - age_ms], _NOW) is due


@pytest.mark.parametrize(("age_ms", "signing"), [(0, 1), (59_999, 1), (60_000, 0)])
def test_a_key_younger_than_a_minute_lets_the_one_before_it_sign(age_ms: int, signing: int) -> None:
    assert _RULES.signing([_NOW - age_ms, _NOW - 3_540_000], _NOW) == signing


@pytest.mark.parametrize(("age_ms", "signing"), [(3_599_999, 1), (3_600_000, 0)])
def test_a_key_as_old_as_the_interval_signs_no_more_even_if_its_successor_is_fresh(
    age_ms: int, signing: int
) -> None:
    assert _RULES.signing([_NOW, _NOW - age_ms], _NOW) == signing


def test_the_only_key_signs_however_young_it_is() -> None:
    assert _RULES.signing([_NOW], _NOW) == 0


@pytest.mark.parametrize(
    ("age_ms", "seconds"), [(0, 3540), (1, 3539), (3_539_000, 1), (3_600_000, 1)]
)
def test_a_key_set_may_be_cached_until_the_next_key_is_due(age_ms: int, seconds: int) -> None:
    assert _RULES.cache_seconds(_NOW - age_ms, _NOW) == seconds
