"""Time and chance, as arguments: real ones, and ones for rehearsals."""

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time and can wait for it."""

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        ...

    def wait_ms(self, duration_ms: int) -> None:
        """Return once `duration_ms` have passed on this clock."""
        ...


class SystemClock:
    """The clock of the machine; waiting really waits."""

    def now_ms(self) -> int:
        """Milliseconds since the epoch, cut down to whole ones."""
        return time.time_ns() // 1_000_000

    def wait_ms(self, duration_ms: int) -> None:
        """Sleep; a duration of zero or less returns at once."""
        if duration_ms > 0:
            time.sleep(duration_ms / 1000)


class FrozenClock:
    """A clock that moves only when it is told to; waiting moves it and takes no time."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """Where the clock stands, in milliseconds since the epoch."""
        return self._now_ms

    def wait_ms(self, duration_ms: int) -> None:
        """Move on by `duration_ms`."""
        self._now_ms += duration_ms

    def set_ms(self, now_ms: int) -> None:
        """Put the clock at a moment, also at one that has passed."""
        self._now_ms = now_ms


class Entropy(Protocol):
    """A source of chance."""

    def uuid(self) -> str:
        """Return a random UUID (version 4), lower case."""
        ...

    def token_bytes(self, count: int) -> bytes:
        """`count` random bytes."""
        ...

    def fraction(self) -> float:
        """Draw a number from [0, 1)."""
        ...


class SystemEntropy:
    """Chance from the operating system, fit for keys."""

    def uuid(self) -> str:
        """Return a random UUID (version 4), lower case."""
        # A core makes four of them per session, and uuid.uuid4 takes three times as long.
        digits = self.token_bytes(16).hex()
        variant = "89ab"[int(digits[16], 16) & 3]
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
        )

    def token_bytes(self, count: int) -> bytes:
        """`count` random bytes."""
        import os

        return os.urandom(count)

    def fraction(self) -> float:
        """Draw a number from [0, 1)."""
        return (int.from_bytes(self.token_bytes(8)) >> 11) / (1 << 53)


class SeededEntropy:
    """Chance that repeats itself for one seed: for rehearsals and tests, never for keys."""

    def __init__(self, seed: int) -> None:
        import random

        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def uuid(self) -> str:
        """Return the next UUID (version 4) of the seed."""
        import uuid

        return str(uuid.UUID(bytes=self._random.randbytes(16), version=4))

    def token_bytes(self, count: int) -> bytes:
        """Return the next `count` bytes of the seed."""
        return self._random.randbytes(count)

    def fraction(self) -> float:
        """Draw the next number of the seed from [0, 1)."""
        return self._random.random()
