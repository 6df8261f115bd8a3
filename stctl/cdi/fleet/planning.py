"""Counts what a revocation will end, and writes every handle down, so that the count is kept."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stctl.cdi.fleet.finding import Finder, Found
from stctl.cdi.fleet.journal import Journal, records
from stctl.cdi.fleet.pace import Stop
from stctl.clock import Clock
from stctl.jsontypes import JsonObject, JsonValue
from stctl.sessions.fleet import FleetFailure, FleetPlan, Position
from stctl.sessions.handle import tenant_of_handle

FAILURES_SHOWN = 100
Advance = Callable[[int], None]


@dataclass(slots=True)
class _Tally:
    """What the records of a plan amount to."""

    users: int = 0
    sessions: int = 0
    failed: int = 0
    failures: list[FleetFailure] = field(default_factory=list)
    by_tenant: dict[str, int] = field(default_factory=dict)
    last: Position | None = None
    is_complete: bool = False

    def count(self, record: JsonObject) -> None:
        """Take one record in."""
        if "end" in record:
            self.is_complete = True
            return
        position = record["at"]
        assert isinstance(position, Mapping)  # noqa: S101 - written by this module
        self.last = position
        self.users += 1 if record["user"] is not None else 0
        if "code" in record:
            self._fail(record)
        for handle in handles_of(record):
            tenant = tenant_of_handle(handle)
            self.by_tenant[tenant] = self.by_tenant.get(tenant, 0) + 1
            self.sessions += 1

    def _fail(self, record: JsonObject) -> None:
        self.failed += 1
        if len(self.failures) < FAILURES_SHOWN:
            self.failures.append(
                FleetFailure(
                    what=str(record["name"]),
                    sessions=0,
                    code=str(record["code"]),
                    detail=str(record["detail"]),
                )
            )

    def plan(self) -> FleetPlan:
        """Return it as the plan."""
        return FleetPlan(
            users=self.users,
            sessions=self.sessions,
            failures=tuple(self.failures),
            failed=self.failed,
            is_complete=self.is_complete,
            by_tenant=dict(sorted(self.by_tenant.items())),
        )


def make_plan(
    path: Path, finder: Finder, *, clock: Clock, workers: int, stop: Stop, advance: Advance
) -> FleetPlan:
    """Find the sessions and write them to the journal at `path`; goes on where that ends.

    `advance` is given the number of subjects dealt with, earlier ones included. Raises what
    `Finder.find` raises, and then the journal has all that was found before.
    """
    tally = _Tally()
    for record in records(path):
        tally.count(record)
        advance(1)
    if tally.is_complete:
        return tally.plan()
    with Journal(path, clock) as journal:
        for found in finder.find(tally.last, workers=workers, stop=stop):
            record = _record(found)
            journal.add(record)
            tally.count(record)
            advance(1)
        if not stop.is_asked:
            journal.add({"end": True})
            tally.is_complete = True
    return tally.plan()


def planned_handles(path: Path) -> Iterator[str]:
    """Yield every handle of a plan, in its order."""
    for record in records(path):
        yield from handles_of(record)


def handles_of(record: JsonObject) -> list[str]:
    """Return the handles that a record of a plan holds."""
    handles = record.get("handles", [])
    assert isinstance(handles, list)  # noqa: S101 - written by this module
    return [str(handle) for handle in handles]


def _record(found: Found) -> JsonObject:
    handles: list[JsonValue] = [*found.handles]
    record: dict[str, JsonValue] = {
        "at": dict(found.subject.position),
        "user": found.subject.user_id,
        "handles": handles,
    }
    if found.error is not None:
        record |= {
            "name": found.subject.name,
            "code": found.error.kind.code,
            "detail": found.error.detail,
        }
    return record
