"""Tells people what is being waited for, once it takes long enough to wonder."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

Notify = Callable[[str], None]


def say_nothing(_message: str) -> None:
    """Drop the message: for callers with nobody to tell."""


class Patience:
    """Announces a wait after `patience_s` seconds; of several at once only the first.

    One thread watches all waits, and ends when there are none: a thread for each would take longer
    to start than a core takes to answer.
    """

    def __init__(self, notify: Notify, patience_s: float) -> None:
        self._notify = notify
        self._patience_s = patience_s
        self._lock = Lock()
        self._waits: dict[int, tuple[float, str]] = {}
        self._number = 0
        self._is_watched = False
        self._is_announced = False

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        """Announce `what` when the block takes longer than the patience."""
        if self._notify is say_nothing:
            yield
            return
        with self._lock:
            self._number += 1
            number = self._number
            self._waits[number] = (time.monotonic(), what)
            is_first = not self._is_watched
            self._is_watched = True
        if is_first:
            Thread(target=self._watch, name="stctl-patience", daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                del self._waits[number]
                if not self._waits:
                    self._is_announced = False

    def _watch(self) -> None:
        nap = Event()
        while True:
            with self._lock:
                oldest = next(iter(self._waits.values()), None)
                if oldest is None:
                    self._is_watched = False
                    return
            began_s, what = oldest
            left_s = began_s + self._patience_s - time.monotonic()
            if left_s <= 0:
                self._announce(what)
                left_s = max(self._patience_s, 0.1)
            nap.wait(left_s)

    def _announce(self, what: str) -> None:
        with self._lock:
            is_news = bool(self._waits) and not self._is_announced
            self._is_announced = self._is_announced or is_news
        if is_news:
            self._notify(what)
