"""How fast a core is asked: a rate, and patience when it cannot keep up."""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from stctl.cdi.patience import Notify, say_nothing
from stctl.clock import Clock
from stctl.errors import ErrorKind, StctlError

_Out = TypeVar("_Out")

_TRIES = {
    ErrorKind.CORE_BUSY: 6,
    ErrorKind.CORE_FAILED: 3,
    ErrorKind.CORE_CUT_SHORT: 3,
    ErrorKind.CORE_DOWN: 3,
    ErrorKind.CORE_SLOW: 1,
}
"""How often a call is made again, beyond what the transport does by itself."""
_FIRST_WAIT_MS = 1_000
_LONGEST_WAIT_MS = 30_000
_GLANCE_MS = 250
"""How long a pause goes on before it is looked whether the work should end."""


class Stop:
    """Whether the work should come to an end; set by Ctrl-C."""

    def __init__(self) -> None:
        self.is_asked = False

    def ask(self) -> None:
        """Ask for the end: what is under way is finished, nothing new is begun."""
        self.is_asked = True


class Pace:
    """Spaces calls of several threads out, and holds all of them when one is turned away.

    Only calls that may be made twice go through here.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        rate_per_s: float | None = None,
        stop: Stop | None = None,
        notify: Notify = say_nothing,
    ) -> None:
        """A rate of None is as fast as the core answers."""
        self._clock = clock
        self._gap_ms = 0.0 if rate_per_s is None else 1000 / rate_per_s
        self._stop = stop or Stop()
        self._notify = notify
        self._lock = Lock()
        self._next_ms = 0.0

    def call(self, ask: Callable[[], _Out]) -> _Out:
        """Return `ask()` once it is its turn; asks again after a pause where that may help.

        Raises what the last try raised.
        """
        tries = 0
        while True:
            self._take_turn()
            try:
                return ask()
            except StctlError as error:
                tries += 1
                if tries > _TRIES.get(error.kind, 0) or self._stop.is_asked:
                    raise
                self._hold(tries, error)

    def _take_turn(self) -> None:
        with self._lock:
            now_ms = self._clock.now_ms()
            if self._gap_ms == 0 and self._next_ms <= now_ms:
                return
            turn_ms = max(float(now_ms), self._next_ms)
            self._next_ms = turn_ms + self._gap_ms
        self._wait(round(turn_ms - now_ms))

    def _wait(self, left_ms: int) -> None:
        """Wait, but not on when the work is to end."""
        while left_ms > 0 and not self._stop.is_asked:
            part_ms = min(left_ms, _GLANCE_MS)
            self._clock.wait_ms(part_ms)
            left_ms -= part_ms

    def _hold(self, tries: int, error: StctlError) -> None:
        """Let nobody ask for a while: the core has enough to do."""
        pause_ms = min(_FIRST_WAIT_MS * 2 ** (tries - 1), _LONGEST_WAIT_MS)
        with self._lock:
            self._next_ms = max(self._next_ms, self._clock.now_ms() + float(pause_ms))
        self._notify(f"{error.detail}; everything pauses for {pause_ms / 1000:g} s")
