from collections.abc import Callable, Iterator

import pytest

from conftest import NOW_MS
from stctl.cdi.fleet.crew import in_order
from stctl.cdi.fleet.pace import Pace, Stop
from stctl.clock import FrozenClock
from stctl.errors import ErrorKind, StctlError


def failing(kind: ErrorKind, times: int) -> tuple[list[int], Callable[[], str]]:
    """A call that fails so many times, and the list of its tries."""
    tries: list[int] = []

    def ask() -> str:
        tries.append(1)
        if len(tries) <= times:
            raise StctlError(kind, "no")
        return "yes"

    return tries, ask


@pytest.mark.parametrize(("rate", "calls", "took_ms"), [(10, 11, 1_000), (0.5, 3, 4_000)])
def test_calls_keep_to_the_rate(rate: float, calls: int, took_ms: int) -> None:
    clock = FrozenClock(NOW_MS)
    pace = Pace(clock, rate_per_s=rate)
    for _ in range(calls):
        pace.call(lambda: None)
    assert clock.now_ms() - NOW_MS == took_ms


def test_without_a_rate_nothing_is_waited_for() -> None:
    clock = FrozenClock(NOW_MS)
    for _ in range(1000):
        Pace(clock).call(lambda: None)
    assert clock.now_ms() == NOW_MS


@pytest.mark.parametrize(
    ("kind", "times", "waited_ms"),
    [
        (ErrorKind.CORE_BUSY, 6, 1_000 + 2_000 + 4_000 + 8_000 + 16_000 + 30_000),
        (ErrorKind.CORE_FAILED, 3, 7_000),
        (ErrorKind.CORE_DOWN, 3, 7_000),
        (ErrorKind.CORE_SLOW, 1, 1_000),
    ],
)
def test_trouble_that_passes_is_waited_for_longer_each_time(
    kind: ErrorKind, times: int, waited_ms: int
) -> None:
    clock = FrozenClock(NOW_MS)
    said: list[str] = []
    tries, ask = failing(kind, times)
    assert Pace(clock, notify=said.append).call(ask) == "yes"
    assert clock.now_ms() - NOW_MS == waited_ms
    assert len(said) == times == len(tries) - 1
    assert "everything pauses for 1 s" in said[0]


@pytest.mark.parametrize(
    ("kind", "tries_at_most"),
    [
        (ErrorKind.CORE_BUSY, 7),
        (ErrorKind.CORE_FAILED, 4),
        (ErrorKind.CORE_REFUSED, 1),
        (ErrorKind.CORE_KEY_REFUSED, 1),
    ],
)
def test_trouble_that_stays_ends_the_call(kind: ErrorKind, tries_at_most: int) -> None:
    tries, ask = failing(kind, 1000)
    with pytest.raises(StctlError) as caught:
        Pace(FrozenClock(NOW_MS)).call(ask)
    assert caught.value.kind is kind
    assert len(tries) == tries_at_most


def test_who_is_asked_to_stop_waits_no_more() -> None:
    stop = Stop()
    tries, ask = failing(ErrorKind.CORE_BUSY, 1000)
    stop.ask()
    with pytest.raises(StctlError):
        Pace(FrozenClock(NOW_MS), stop=stop).call(ask)
    assert len(tries) == 1


def test_one_that_is_turned_away_holds_the_others_too() -> None:
    clock = FrozenClock(NOW_MS)
    pace = Pace(clock)
    tries, ask = failing(ErrorKind.CORE_FAILED, 1000)
    with pytest.raises(StctlError):
        pace.call(ask)
    assert tries
    before_ms = clock.now_ms()
    pace._hold(1, StctlError(ErrorKind.CORE_BUSY, "busy"))
    pace.call(lambda: None)
    assert clock.now_ms() - before_ms == 1_000


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_answers_come_in_the_order_of_the_questions(workers: int) -> None:
    found = in_order(lambda number: number * 2, range(100), workers=workers, stop=Stop())
    assert list(found) == [(number, number * 2) for number in range(100)]


@pytest.mark.parametrize("workers", [1, 4])
def test_after_a_stop_what_was_begun_still_comes_out(workers: int) -> None:
    stop = Stop()
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 10:
            stop.ask()
        return number

    out = [number for number, _ in in_order(work, range(1000), workers=workers, stop=stop)]
    assert out == sorted(begun)
    assert 11 <= len(out) <= 11 + 2 * workers


def test_a_crew_takes_no_more_in_than_it_can_hold() -> None:
    taken: list[int] = []

    def questions() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    found = in_order(lambda number: number, questions(), workers=3, stop=Stop())
    next(found)
    assert len(taken) <= 6


def test_a_long_pause_ends_when_the_work_is_to_end() -> None:
    stop = Stop()

    class Watched(FrozenClock):
        def wait_ms(self, duration_ms: int) -> None:
            super().wait_ms(duration_ms)
            if self.now_ms() - NOW_MS >= 1_500:
                stop.ask()

    clock = Watched(NOW_MS)
    tries, ask = failing(ErrorKind.CORE_BUSY, 1000)
    with pytest.raises(StctlError):
        Pace(clock, stop=stop).call(ask)
    assert clock.now_ms() - NOW_MS == 1_500
    assert len(tries) == 3


def test_who_insists_is_not_kept_waiting_for_answers() -> None:
    from threading import Event

    answered = Event()

    def work(number: int) -> int:
        if number == 0:
            return 0
        answered.wait(60)
        return number

    found = in_order(work, range(3), workers=2, stop=Stop())
    assert next(found) == (0, 0)
    with pytest.raises(KeyboardInterrupt):
        found.throw(KeyboardInterrupt())  # type: ignore[attr-defined]
    assert not answered.is_set()
    answered.set()
