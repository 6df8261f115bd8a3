"""Ends the sessions of a plan in batches, and notes each batch, so that none is asked for twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from stctl.cdi.client import CdiClient
from stctl.cdi.fleet.crew import in_order
from stctl.cdi.fleet.finding import is_hopeless
from stctl.cdi.fleet.journal import Journal, records
from stctl.cdi.fleet.pace import Pace, Stop
from stctl.cdi.fleet.planning import FAILURES_SHOWN, Advance, planned_handles
from stctl.cdi.fleet.sources import BATCH
from stctl.clock import Clock
from stctl.errors import StctlError
from stctl.jsontypes import JsonObject
from stctl.sessions.fleet import FleetFailure, FleetReport, Outcome
from stctl.sessions.handle import tenant_of_handle


@dataclass(frozen=True, slots=True)
class Batch:
    """Sessions of one tenant that one call ends.

    Of one tenant, because a core that does not know a tenant refuses the whole call after having
    dealt with some of the others. Source: core, behaviour notes 2.5.
    """

    number: int
    handles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Done:
    batch: Batch
    revoked: frozenset[str] = frozenset()
    error: StctlError | None = None

    def record(self) -> JsonObject:
        """Return it as a line of the journal."""
        if self.error is not None:
            detail = self.error.detail
            return {"batch": self.batch.number, "code": self.error.kind.code, "detail": detail}
        gone = [handle for handle in self.batch.handles if handle not in self.revoked]
        return {"batch": self.batch.number, "gone": [*gone]}


@dataclass(slots=True)
class _Past:
    """Which batches were dealt with: all before `next`, but for those that failed."""

    next: int = 0
    failed: set[int] = field(default_factory=set)

    def has(self, number: int) -> bool:
        """Tell whether a batch needs no asking any more."""
        return number < self.next and number not in self.failed

    def note(self, record: JsonObject) -> None:
        """Take in one line of the journal."""
        number = record["batch"]
        assert isinstance(number, int)  # noqa: S101 - written by this module
        self.next = max(self.next, number + 1)
        if "code" in record:
            self.failed.add(number)
        else:
            self.failed.discard(number)


@dataclass(slots=True)
class _Counts:
    revoked: int = 0
    already_gone: int = 0
    failed: int = 0
    failures: list[FleetFailure] = field(default_factory=list)

    def add(self, batch: Batch, record: JsonObject) -> None:
        """Count what became of a batch."""
        if "code" not in record:
            gone = record["gone"]
            assert isinstance(gone, list)  # noqa: S101 - written by this module
            self.already_gone += len(gone)
            self.revoked += len(batch.handles) - len(gone)
            return
        self.failed += len(batch.handles)
        if len(self.failures) < FAILURES_SHOWN:
            self.failures.append(
                FleetFailure(
                    what=f"from {batch.handles[0]} on",
                    sessions=len(batch.handles),
                    code=str(record["code"]),
                    detail=str(record["detail"]),
                )
            )


class Ending:
    """The second half of a revocation. The plan must be complete."""

    def __init__(self, plan: Path, done: Path, client: CdiClient, pace: Pace, clock: Clock) -> None:
        self._plan = plan
        self._done = done
        self._client = client
        self._pace = pace
        self._clock = clock

    def earlier(self) -> int:
        """Count the sessions that earlier runs have dealt with."""
        past = self._past()
        return sum(len(batch.handles) for batch in batches(self._plan) if past.has(batch.number))

    def run(self, *, workers: int, stop: Stop, advance: Advance) -> FleetReport:
        """End what is left and report on everything; `advance` is given numbers of sessions.

        A batch that fails is noted, and tried again by the next run. When the core as a whole
        fails, what is left is `not_begun`.
        """
        started_ms = self._clock.now_ms()
        past = self._past()
        earlier = sum(len(one.handles) for one in batches(self._plan) if past.has(one.number))
        advance(earlier)
        left = (batch for batch in batches(self._plan) if not past.has(batch.number))
        in_a_row = 0
        was_stopped = False
        with Journal(self._done, self._clock) as journal:
            for batch, done in in_order(self._end, left, workers=workers, stop=stop):
                journal.add(done.record())
                advance(len(batch.handles))
                in_a_row = 0 if done.error is None else in_a_row + 1
                if done.error is not None and is_hopeless(done.error, in_a_row):
                    was_stopped = True
                    stop.ask()
        return self._report(earlier, started_ms, is_interrupted=stop.is_asked and not was_stopped)

    def outcomes(self) -> Iterator[tuple[str, Outcome, str | None]]:
        """Yield what became of each handle: the outcome and the code of an error."""
        for batch, record in self._dealt_with():
            code = None if record is None else record.get("code")
            gone = set() if record is None else {*_texts(record.get("gone", []))}
            for handle in batch.handles:
                if record is None:
                    yield handle, "not_begun", None
                elif code is not None:
                    yield handle, "failed", str(code)
                else:
                    yield handle, "already_gone" if handle in gone else "revoked", None

    def _end(self, batch: Batch) -> _Done:
        try:
            revoked = self._pace.call(lambda: self._client.revoke_handles(batch.handles))
        except StctlError as error:
            return _Done(batch, error=error)
        return _Done(batch, frozenset(revoked))

    def _past(self) -> _Past:
        past = _Past()
        for record in records(self._done):
            past.note(record)
        return past

    def _report(self, earlier: int, started_ms: int, *, is_interrupted: bool) -> FleetReport:
        counts = _Counts()
        not_begun = 0
        for batch, record in self._dealt_with():
            if record is None:
                not_begun += len(batch.handles)
            else:
                counts.add(batch, record)
        now_ms = self._clock.now_ms()
        return FleetReport(
            revoked=counts.revoked,
            already_gone=counts.already_gone,
            failed=counts.failed,
            not_begun=not_begun,
            failures=tuple(counts.failures),
            earlier=earlier,
            is_interrupted=is_interrupted,
            finished_at_ms=now_ms,
            took_ms=now_ms - started_ms,
        )

    def _dealt_with(self) -> Iterator[tuple[Batch, JsonObject | None]]:
        """Yield each batch with the last line about it, None where it was not begun.

        Lines stand in the order of the batches but for second tries of failed ones, which are few
        enough to be kept.
        """
        past = self._past()
        again = dict(self._second_tries())
        lines = self._first_tries()
        for batch in batches(self._plan):
            if batch.number >= past.next:
                yield batch, None
                continue
            first = next(lines)
            yield batch, again.get(batch.number, first)

    def _first_tries(self) -> Iterator[JsonObject]:
        following = 0
        for record in records(self._done):
            if record["batch"] == following:
                following += 1
                yield record

    def _second_tries(self) -> Iterator[tuple[int, JsonObject]]:
        following = 0
        for record in records(self._done):
            number = record["batch"]
            assert isinstance(number, int)  # noqa: S101 - written by this module
            if number == following:
                following += 1
            else:
                yield number, record


def batches(plan: Path) -> Iterator[Batch]:
    """Yield the batches of a complete plan: the same ones each time."""
    number = 0
    waiting: dict[str, list[str]] = {}
    for handle in planned_handles(plan):
        some = waiting.setdefault(tenant_of_handle(handle), [])
        some.append(handle)
        if len(some) == BATCH:
            yield Batch(number, tuple(some))
            number += 1
            some.clear()
    for some in waiting.values():
        if some:
            yield Batch(number, tuple(some))
            number += 1


def _texts(value: object) -> Iterator[str]:
    assert isinstance(value, list)  # noqa: S101 - written by this module
    yield from map(str, value)
