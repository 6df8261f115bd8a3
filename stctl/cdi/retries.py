"""When a call to a core may be made again, and after how long."""

from dataclasses import dataclass
from enum import Enum

from stctl.cdi.replies import Reply
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import first_value

LONGEST_WAIT_MS = 30_000
"""All waits of one call together are never longer than this."""

_MOST_TRIES = 6
_FIRST_WAIT_MS = 250
_BUSY, _UNAVAILABLE = 429, 503
_GATEWAY_TROUBLE = frozenset({502, 503, 504})


class Repeat(Enum):
    """Which calls may be made again."""

    SAFE = "made twice, it has done what it does once"
    ONCE = "made again only when it is certain that the core has not carried it out"
    """Refresh, where a second attempt with a token that was already replaced looks like theft,
    and create, where it makes a second session. An answer 429 is such a certainty, a broken
    connection or another failure is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """An attempt without a whole answer."""

    kind: ErrorKind
    problem: str
    """What happened, in a few words: `connection refused`."""
    was_sent: bool
    """Whether the core may have received the request."""
    hint: str | None = None

    def as_error(self, where: str) -> StctlError:
        """Return it as the error that ends the call."""
        return StctlError(self.kind, f"{where}: {self.problem}", hint=self.hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Where a call stands after one of its attempts."""

    number: int
    """From 1."""
    hosts: int
    waited_ms: int
    repeat: Repeat
    now_ms: int

    @property
    def has_fresh_host(self) -> bool:
        """Whether some host was not tried yet."""
        return self.number < self.hosts


def pause_ms(outcome: Reply | Trouble, attempt: Attempt) -> int | None:
    """Return how long to wait before the call is made again; None when it must not be.

    Zero means: at once, on the next host.
    """
    if isinstance(outcome, Trouble):
        return _after_trouble(outcome, attempt)
    if outcome.status == _BUSY:
        return _after_refusal(outcome, attempt)
    if outcome.status not in _GATEWAY_TROUBLE or attempt.repeat is Repeat.ONCE:
        return None
    if attempt.has_fresh_host:
        return 0
    return _after_refusal(outcome, attempt) if outcome.status == _UNAVAILABLE else None


def _after_trouble(trouble: Trouble, attempt: Attempt) -> int | None:
    if trouble.was_sent and attempt.repeat is Repeat.ONCE:
        return None
    if attempt.has_fresh_host:
        return 0
    is_worth_it = trouble.kind is ErrorKind.CORE_CUT_SHORT and trouble.was_sent
    return _FIRST_WAIT_MS if is_worth_it and attempt.number == attempt.hosts else None


def _after_refusal(reply: Reply, attempt: Attempt) -> int | None:
    asked = asked_wait_ms(reply, attempt.now_ms)
    wait = asked if asked is not None else _FIRST_WAIT_MS * 2 ** (attempt.number - 1)
    is_too_long = attempt.waited_ms + wait > LONGEST_WAIT_MS
    return None if is_too_long or attempt.number >= _MOST_TRIES else wait


def asked_wait_ms(reply: Reply, now_ms: int) -> int | None:
    """Return the wait that `Retry-After` asks for, in seconds or as a date; None without one.

    A date in the past is a wait of zero. Source: RFC 9110, section 10.2.3.
    """
    asked = (first_value(reply.headers, "retry-after") or "").strip()
    if asked.isascii() and asked.isdigit():
        return int(asked[:9]) * 1000
    from email.utils import parsedate_to_datetime

    try:
        until_ms = int(parsedate_to_datetime(asked).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0, until_ms - now_ms)
