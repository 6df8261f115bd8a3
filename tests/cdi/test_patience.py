from threading import Event

from stctl.cdi.patience import Patience, say_nothing


def test_a_wait_is_announced_once_it_lasts() -> None:
    said: list[str] = []
    announced = Event()

    def notify(message: str) -> None:
        said.append(message)
        announced.set()

    with Patience(notify, 0.0).during("waiting for a"):
        assert announced.wait(5)
    assert said == ["waiting for a"]


def test_a_short_wait_is_never_mentioned() -> None:
    said: list[str] = []
    patience = Patience(said.append, 3600)
    with patience.during("waiting for a"):
        pass
    patience._announce("late")
    assert said == []


def test_of_several_waits_at_once_only_the_first_is_announced() -> None:
    said: list[str] = []
    patience = Patience(said.append, 3600)
    with patience.during("a"), patience.during("b"):
        patience._announce("a")
        patience._announce("b")
    with patience.during("c"):
        patience._announce("c")
    assert said == ["a", "c"]


def test_without_anybody_to_tell_no_thread_is_started() -> None:
    with Patience(say_nothing, 0.0).during("a"):
        pass
