"""Finds the sessions of subjects: one call a user, and one a session where more is needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stctl.cdi.fleet.crew import in_order
from stctl.cdi.fleet.pace import Pace, Stop
from stctl.cdi.fleet.sources import Source, Subject
from stctl.errors import ErrorKind, StctlError
from stctl.sessions.conditions import Condition
from stctl.sessions.fleet import Position
from stctl.sessions.info import SessionInfo

OF_ONE_SUBJECT = frozenset(
    {
        ErrorKind.CORE_REFUSED,
        ErrorKind.CORE_FAILED,
        ErrorKind.CORE_WRONG_SHAPE,
        ErrorKind.CORE_CUT_SHORT,
        ErrorKind.CORE_SLOW,
        ErrorKind.INPUT_UNREADABLE,
    }
)
"""Errors that may concern one user or batch only; every other one ends the work."""
FAILURES_IN_A_ROW = 20
"""After so many it is the core that fails, and not the subjects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which sessions of a subject count, and how much must be known of each."""

    across_tenants: bool = True
    linked_accounts: bool = True
    conditions: Sequence[Condition] = ()
    with_details: bool = False

    @property
    def needs_details(self) -> bool:
        """Whether each session is asked for by itself."""
        return self.with_details or bool(self.conditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The sessions of one subject."""

    subject: Subject
    handles: tuple[str, ...] = ()
    infos: tuple[SessionInfo, ...] = ()
    """In the order of `handles`, where details were needed."""
    error: StctlError | None = None


class Finder:
    """Asks for the sessions of one subject after the other."""

    def __init__(self, source: Source, scope: Scope, pace: Pace) -> None:
        self._source = source
        self._scope = scope
        self._pace = pace

    def find(self, after: Position | None, *, workers: int, stop: Stop) -> Iterator[Found]:
        """Yield what each subject after a position has, in order; subjects without any too.

        A subject that cannot be asked about is yielded with its error. Raises the error when it
        concerns the core as a whole, or the last of many in a row; what came before was yielded.
        """
        in_a_row = 0
        subjects = self._source.subjects(after)
        for _, found in in_order(self._ask, subjects, workers=workers, stop=stop):
            error = found.error
            in_a_row = 0 if error is None else in_a_row + 1
            if error is not None and is_hopeless(error, in_a_row):
                stop.ask()
                raise error
            yield found

    def _ask(self, subject: Subject) -> Found:
        try:
            return self._sessions(subject)
        except StctlError as error:
            return Found(subject=subject, error=error)

    def _sessions(self, subject: Subject) -> Found:
        handles = subject.handles if subject.user_id is None else self._handles(subject)
        if not self._scope.needs_details:
            return Found(subject=subject, handles=handles)
        infos = tuple(
            info
            for info in (self._info(subject, handle) for handle in handles)
            if info is not None and all(one.holds(info) for one in self._scope.conditions)
        )
        return Found(subject=subject, handles=tuple(info.handle for info in infos), infos=infos)

    def _handles(self, subject: Subject) -> tuple[str, ...]:
        user_id = subject.user_id or ""
        return tuple(
            self._pace.call(
                lambda: subject.client.handles_of_user(
                    user_id,
                    across_tenants=self._scope.across_tenants,
                    linked_accounts=self._scope.linked_accounts,
                )
            )
        )

    def _info(self, subject: Subject, handle: str) -> SessionInfo | None:
        answer = self._pace.call(lambda: subject.client.get_session(handle))
        return answer if isinstance(answer, SessionInfo) else None


def is_hopeless(error: StctlError, in_a_row: int) -> bool:
    """Tell whether the work should end with this error."""
    return error.kind not in OF_ONE_SUBJECT or in_a_row >= FAILURES_IN_A_ROW
