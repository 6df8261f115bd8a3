"""Tells people what is being waited for, once it takes long enough to wonder."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Timer

Notify = Callable[[str], None]


def say_nothing(_message: str) -> None:
    """Drop the message: for callers with nobody to tell."""


class Patience:
    """Announces a wait after `patience_s` seconds; of several at once only the first."""

    def __init__(self, notify: Notify, patience_s: float) -> None:
        self._notify = notify
        self._patience_s = patience_s
        self._lock = Lock()
        self._waiting = 0
        self._is_announced = False

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        """Announce `what` when the block takes longer than the patience."""
        if self._notify is say_nothing:
            yield
            return
        timer = Timer(self._patience_s, self._announce, (what,))
        timer.daemon = True
        with self._lock:
            self._waiting += 1
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self._stop_waiting()

    def _announce(self, what: str) -> None:
        with self._lock:
            is_news = self._waiting > 0 and not self._is_announced
            self._is_announced = self._is_announced or is_news
        if is_news:
            self._notify(what)

    def _stop_waiting(self) -> None:
        with self._lock:
            self._waiting -= 1
            if self._waiting == 0:
                self._is_announced = False
