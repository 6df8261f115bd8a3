"""What `list` and `revoke` share where many users are concerned: what was asked for, and how."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Self

from stctl.cli.asking import Conversation
from stctl.cli.context import Context
from stctl.cli.sessions import values
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind, StctlError
from stctl.sessions.conditions import Condition, created_before, read_condition

if TYPE_CHECKING:
    from stctl.cdi.fleet.finding import Finder
    from stctl.cdi.fleet.pace import Stop
    from stctl.cdi.fleet.runs import Run
    from stctl.cdi.fleet.sources import Source
    from stctl.jsontypes import JsonObject

_WORKERS = 8
_FEW_USERS = 20
_FEW_HANDLES = 1000
"""Up to so many are planned in memory and shown one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person asked for, as it was written."""

    users: Sequence[str] = ()
    handles: Sequence[str] = ()
    all_users: bool = False
    from_file: str | None = None
    older_than: str | None = None
    where: Sequence[str] = ()
    all_tenants: bool = True
    linked_accounts: bool = True
    concurrency: int | None = None
    rate: float | None = None
    resume: bool = False

    @property
    def is_fleet(self) -> bool:
        """Whether it is work of any size, and not some sessions that fit on a screen."""
        many = len(self.users) > _FEW_USERS or len(self.handles) > _FEW_HANDLES
        return bool(
            self.all_users or self.from_file or self.older_than or self.where or self.resume or many
        )

    @property
    def names_nobody(self) -> bool:
        """Whether neither users nor sessions are named, so that all users are meant."""
        return not (self.users or self.handles or self.from_file)


class Fleet:
    """The work that was asked for, at one core."""

    def __init__(self, wanted: Wanted, target: CoreTarget, core: Conversation, kind: str) -> None:
        """Check what was asked for, before the core is asked anything.

        Raises USAGE for conditions and durations that cannot be read.
        """
        from stctl.cdi.fleet.pace import Pace, Stop
        from stctl.cdi.fleet.runs import open_run

        self._wanted = wanted
        self._core = core
        self._target = target
        self._read_where = [_condition(text) for text in wanted.where]
        self._age_ms = None if wanted.older_than is None else values.duration_ms(wanted.older_than)
        self.stop: Stop = Stop()
        self.pace: Pace = Pace(
            core.context.clock,
            rate_per_s=wanted.rate,
            stop=self.stop,
            notify=core.printer.remark,
        )
        runs = core.context.state_folder / "runs"
        self.run: Run = open_run(
            runs, kind, self._asked(), resume=wanted.resume, clock=core.context.clock
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.run.let_go()

    @property
    def workers(self) -> int:
        """How many calls are under way at once: the embedded core has one processor's worth."""
        default = 1 if self._target.url is None else _WORKERS
        return self._wanted.concurrency or default

    @property
    def is_in_tenant(self) -> bool:
        """Whether only one tenant counts: it was asked for, or named where all users are meant."""
        is_named = self._target.origins.get("tenant_id", "default") != "default"
        return not self._wanted.all_tenants or (is_named and self.walks)

    @property
    def walks(self) -> bool:
        """Whether all users are meant."""
        return self._wanted.all_users or self._wanted.names_nobody

    def conditions(self) -> list[Condition]:
        """Return what must hold of a session; its age counts from the start of the run."""
        if self._age_ms is None:
            return self._read_where
        limit_ms = self.run.started_at_ms - self._age_ms
        return [
            *self._read_where,
            created_before(limit_ms, f"older than {self._wanted.older_than}"),
        ]

    def finder(self, *, with_details: bool) -> "Finder":
        """Return what finds the sessions."""
        from stctl.cdi.fleet.finding import Finder, Scope

        scope = Scope(
            across_tenants=not self.is_in_tenant,
            linked_accounts=self._wanted.linked_accounts or self.walks,
            conditions=self.conditions(),
            with_details=with_details,
        )
        return Finder(self._source(), scope, self.pace)

    def words(self) -> list[str]:
        """Return in words which sessions are meant, one part a line."""
        wanted = self._wanted
        parts = [f"of user {user}" for user in wanted.users[:20]]
        if len(wanted.users) > len(parts):
            parts.append(f"and of {len(wanted.users) - len(parts):,} more users")
        if wanted.handles:
            parts.append(f"{len(wanted.handles):,} by their handles")
        if wanted.from_file:
            parts.append(f"of the list {wanted.from_file}")
        if self.walks:
            parts.append("of all users")
        if self.is_in_tenant:
            parts.append(f"in tenant {self._core.client.tenant_id}")
        return parts + [condition.text for condition in self.conditions()]

    def user_count(self) -> int | None:
        """Return how many users there are to ask about, as far as that is known before."""
        if not self.walks:
            return None if self._wanted.from_file else len(self._wanted.users)
        try:
            return self._core.client.count_users(all_tenants=not self.is_in_tenant).count
        except StctlError:
            return None

    def _source(self) -> "Source":
        from stctl.cdi.fleet.sources import AllUsers, FromLines, Several, SomeUsers

        wanted, client = self._wanted, self._core.client
        sources: list[Source] = []
        if wanted.users:
            sources.append(SomeUsers(client, wanted.users))
        if wanted.handles:
            sources.append(FromLines(client, lambda: wanted.handles))
        if wanted.from_file:
            sources.append(FromLines(client, self._lines(wanted.from_file)))
        if self.walks:
            sources.append(AllUsers(client, self._tenants(), self.pace))
        return Several(sources)

    def _tenants(self) -> list[str]:
        """Every tenant that is walked, always in the same order."""
        client = self._core.client
        if self.is_in_tenant:
            return [client.tenant_id]
        if not client.speaks("5.1"):
            self._core.printer.remark(
                f"CDI {client.cdi_version} lists no tenants: users of {client.tenant_id} alone "
                "are walked."
            )
            return [client.tenant_id]
        return sorted(tenant.tenant_id for tenant in client.tenants())

    def _lines(self, file: str) -> "Callable[[], Iterator[str]]":
        path = Path(file).expanduser()
        if file == "-":
            path = self.run.input
            if not self._wanted.resume:
                _copy(self._core.context, path)
        return lambda: _lines_of(path)

    def _asked(self) -> "JsonObject":
        wanted = self._wanted
        return {
            "core": self._core.client.target,
            "users": [*wanted.users],
            "handles": [*wanted.handles],
            "all_users": self.walks,
            "from_file": wanted.from_file,
            "older_than": wanted.older_than,
            "where": [*wanted.where],
            "in_tenant": self.is_in_tenant,
            "linked_accounts": wanted.linked_accounts,
        }


@contextmanager
def stopping(stop: "Stop") -> Iterator[None]:
    """Let Ctrl-C, or the wish of the system, end the work cleanly; the second one ends at once."""
    from threading import current_thread, main_thread

    if current_thread() is not main_thread():
        yield
        return

    def ask(_number: int, _frame: FrameType | None) -> None:
        if stop.is_asked:
            raise KeyboardInterrupt
        stop.ask()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def resumable() -> Iterator[None]:
    """Tell with an error of the core that the work can be taken up again."""
    try:
        yield
    except StctlError as error:
        if error.kind in {ErrorKind.USAGE, ErrorKind.NOT_CONFIRMED, ErrorKind.PARTLY_DONE}:
            raise
        hint = f"{error.hint} The same command with --resume goes on from here.".strip()
        raise StctlError(error.kind, error.detail, hint=hint) from error


def _condition(text: str) -> Condition:
    try:
        return read_condition(text)
    except ValueError as error:
        raise StctlError(ErrorKind.USAGE, f"--where: {error}.") from None


def _copy(context: Context, path: Path) -> None:
    with path.open("w", encoding="utf-8") as copy:
        for text in context.stdin:
            copy.write(text)


def _lines_of(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from file
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE, f"Cannot read the list {path}: {reason}."
        ) from None
