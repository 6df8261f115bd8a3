"""Prepares things before they are asked for, in a thread of its own."""

from collections import deque
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Final, Generic, TypeVar

_Thing = TypeVar("_Thing")

_KEPT: Final = 32


class Ahead(Generic[_Thing]):
    """Keeps up to 32 things ready that take a moment to make. Safe to use from any thread.

    The thread begins with the first `take` and ends with `stop`, or with the process.
    """

    def __init__(self, make: Callable[[], _Thing]) -> None:
        self._make = make
        self._ready: deque[_Thing] = deque()
        self._wanted = Event()
        self._starting = Lock()
        self._thread: Thread | None = None
        self._ended = Event()

    def take(self) -> _Thing:
        """Return a thing that is ready, or make one where there is none."""
        if self._thread is None:
            self._start()
        try:
            thing = self._ready.popleft()
        except IndexError:
            thing = self._make()
        if len(self._ready) <= _KEPT // 2 and not self._wanted.is_set():
            self._wanted.set()
        return thing

    def stop(self) -> None:
        """End the thread; `take` goes on, and makes what is asked for on the spot."""
        self._ended.set()
        self._wanted.set()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._fill, name="ahead", daemon=True)
                self._thread.start()

    def _fill(self) -> None:
        while not self._ended.is_set():
            self._wanted.wait()
            # Cleared first: what is taken from now on asks again.
            self._wanted.clear()
            while not self._ended.is_set() and len(self._ready) < _KEPT:
                self._ready.append(self._make())
