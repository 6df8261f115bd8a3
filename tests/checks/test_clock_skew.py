from stctl.checks.clock_skew import skew_of
from stctl.checks.keyset import read_situation

HOUR = 3_600_000
NOW = 1_795_000_000_000


def ahead_ms(max_age_s: int | None, born_ms: int, date: str | None = None) -> int | None:
    situation = read_situation({"keys": [{"kid": f"d-{born_ms}"}]}, max_age_s, NOW)
    found = skew_of(situation, 2 * HOUR, date, NOW)
    return None if found is None else found.ahead_ms


def test_the_age_of_the_keys_tells_the_time_of_the_core_to_a_second() -> None:
    for skew_ms in (0, 240_000, -240_000, 777):
        core_now = NOW + skew_ms
        born = core_now - HOUR
        max_age_s = (born + 2 * HOUR - 60_000 - core_now) // 1000
        found = ahead_ms(max_age_s, born)
        assert found is not None
        assert abs(found - skew_ms) <= 1000


def test_an_overdue_key_tells_nothing_and_the_date_has_to_do() -> None:
    assert ahead_ms(1, NOW - 9 * HOUR) is None
    found = ahead_ms(1, NOW - 9 * HOUR, "Wed, 18 Nov 2026 11:10:40 GMT")
    assert found == 240_500
    assert ahead_ms(None, NOW, "yesterday") is None
