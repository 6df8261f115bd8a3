from itertools import count
from threading import Event, current_thread, main_thread

from stctl.core.ahead import Ahead


def test_every_thing_is_given_once_whoever_made_it() -> None:
    numbers = count()
    ahead = Ahead(lambda: next(numbers))
    taken = [ahead.take() for _ in range(500)]
    assert len(set(taken)) == 500


def test_things_are_made_by_another_thread_beforehand() -> None:
    made_elsewhere = Event()

    def make() -> bool:
        elsewhere = current_thread() is not main_thread()
        if elsewhere:
            made_elsewhere.set()
        return elsewhere

    ahead = Ahead(make)
    ahead.take()
    assert made_elsewhere.wait(timeout=30)
    assert any(ahead.take() for _ in range(100))
