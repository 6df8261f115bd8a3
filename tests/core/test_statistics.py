from stctl.core.limiter import RateLimiter
from stctl.core.statistics import RequestStatistics

_MINUTE_MS = 60_000
_START_MS = 1_795_000_020_000 // _MINUTE_MS * _MINUTE_MS


def test_requests_are_counted_by_the_minute() -> None:
    statistics = RequestStatistics()
    for at_ms in (0, 10, 999, 1000, 30_000, 59_999):
        statistics.count("public", _START_MS + at_ms)
    statistics.count("other", _START_MS)
    day = statistics.last_day("public", _START_MS + 2 * _MINUTE_MS)
    assert day.at_minute == _START_MS // _MINUTE_MS + 2
    assert day.averages[-3:] == [-1, 6 / 60, 0]
    assert day.peaks[-3:] == [-1, 3, 0]
    assert len(day.averages) == len(day.peaks) == 1440


def test_the_first_question_begins_the_count() -> None:
    day = RequestStatistics().last_day("public", _START_MS)
    assert set(day.averages) == set(day.peaks) == {-1}


def test_a_day_of_silence_leaves_only_zeros() -> None:
    statistics = RequestStatistics()
    statistics.count("public", _START_MS)
    day = statistics.last_day("public", _START_MS + 5000 * _MINUTE_MS)
    assert set(day.averages) == {0}


def test_five_at_once_and_then_one_every_200_ms() -> None:
    limiter = RateLimiter()
    assert [limiter.allows("a", 1000) for _ in range(6)] == [*[True] * 5, False]
    assert limiter.allows("b", 1000)
    assert not limiter.allows("a", 1199)
    assert limiter.allows("a", 1200)
    assert not limiter.allows("a", 1200)
    assert [limiter.allows("a", 9000) for _ in range(6)] == [*[True] * 5, False]
