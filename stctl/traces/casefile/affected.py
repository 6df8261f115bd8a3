"""Whose sessions a trace is about, and which of them ran into an error."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from stctl.recipe.failures import ErrorName, TokenTheftDetected
from stctl.recipe.reading import read_session_token
from stctl.recipe.transfer import ACCESS_COOKIE, read_transfer
from stctl.traces.explain.core_calls import CoreCall
from stctl.traces.explain.explanation import Explanation

_MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that a trace shows."""

    handle: str
    user_id: str


@dataclass(slots=True, kw_only=True)
class Affected:
    """One session with what happened to it."""

    session: Session
    requests: int = 0
    errors: list[ErrorName] = field(default_factory=list)
    """Kinds of errors, each once, in order."""


@dataclass(slots=True)
class Census:
    """Counts sessions as they pass by; those beyond a limit are only counted."""

    sessions: dict[str, Affected] = field(default_factory=dict)
    beyond: int = 0
    """Requests of sessions that came after the limit was reached."""

    def see(self, told: Explanation) -> None:
        """Take one request."""
        session = session_of(told)
        if session is None:
            return
        known = self.sessions.get(session.handle)
        if known is None:
            if len(self.sessions) >= _MOST:
                self.beyond += 1
                return
            known = self.sessions[session.handle] = Affected(session=session)
        known.requests += 1
        if told.error is not None and told.error not in known.errors:
            known.errors.append(told.error)

    def affected(self) -> tuple[Affected, ...]:
        """The sessions, those with the most kinds of errors first."""
        return tuple(sorted(self.sessions.values(), key=lambda one: -len(one.errors)))


def session_of(told: Explanation) -> Session | None:
    """The session that a request was about: by the error, the core, or the access token.

    None where nothing shows it: a debug log names no sessions.
    """
    return next((one for one in _sessions(told) if one.handle), None)


def _sessions(told: Explanation) -> Iterator[Session]:
    failure, session = told.answered.failure, told.answered.session
    if isinstance(failure, TokenTheftDetected):
        yield Session(handle=failure.session_handle, user_id=failure.user_id)
    if session is not None:
        yield Session(handle=session.handle, user_id=session.user_id)
    for call in told.core_calls:
        yield from _told_by(call)
    sent = read_transfer(told.evidence.request, told.app.profile)
    for text in (sent.bearer, sent.cookie(ACCESS_COOKIE)):
        token = read_session_token(text, told.app.profile) if text else None
        if token is not None:
            yield Session(handle=token.session_handle, user_id=token.user_id)


def _told_by(call: CoreCall) -> Iterator[Session]:
    session = call.answer.get("session")
    if isinstance(session, dict):
        handle, user = session.get("handle"), session.get("userId")
        if isinstance(handle, str) and isinstance(user, str):
            yield Session(handle=handle, user_id=user)
