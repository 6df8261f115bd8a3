"""Ending sessions: what is planned, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from stctl.sessions.info import SessionInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTarget:
    """Every session of one user."""

    user_id: str
    across_tenants: bool = True
    """False: only those of the tenant that the client speaks for."""
    linked_accounts: bool = True
    """Whether sessions of accounts linked to the user's count as the user's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandleTarget:
    """The session of one handle."""

    handle: str


Target: TypeAlias = UserTarget | HandleTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSession:
    """A session that will end, and the target that brought it into the plan."""

    handle: str
    target: Target
    info: SessionInfo | None = None
    """What the core says of it, where it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRevocation:
    """A part of the work that could not be done."""

    target: Target
    handles: tuple[str, ...]
    """The sessions concerned, as far as they are known."""
    code: str
    """The code of the error, such as `core-down`."""
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenValidity:
    """How long a core lets an access token live, and how that is known.

    Revoking deletes the session in the core. A verifier that looks only at signature and time does
    not notice, so an access token already issued goes on being accepted until it expires.
    """

    validity_ms: int
    source: Literal["settings", "handshake", "assumed"]
    """`settings`: the core publishes it; `handshake`: it tells it to SDKs of CDI 2; `assumed`: it
    does not say, so this is the default of an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationPlan:
    """Which sessions will end and why. Every handle appears once."""

    targets: tuple[Target, ...]
    sessions: tuple[PlannedSession, ...]
    absent: tuple[Target, ...]
    """Targets that have no live session."""
    failed: tuple[FailedRevocation, ...]
    """Targets that the core refuses to look up."""
    token_validity: TokenValidity

    @property
    def handles(self) -> tuple[str, ...]:
        """The handles of all sessions, in the order of the plan."""
        return tuple(session.handle for session in self.sessions)

    def handles_of(self, target: Target) -> tuple[str, ...]:
        """The handles that `target` brought into the plan."""
        return tuple(session.handle for session in self.sessions if session.target == target)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationReport:
    """What became of a plan."""

    revoked: tuple[str, ...]
    """Ended now. For a user also sessions that were made after the plan."""
    already_gone: tuple[str, ...]
    """Handles that were asked for and had ended before."""
    failed: tuple[FailedRevocation, ...]
    is_interrupted: bool
    """Whether a person stopped the work; what was left then is in `failed`."""
    finished_at_ms: int
    token_validity: TokenValidity

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to do."""
        return not self.failed

    @property
    def tokens_valid_until_ms(self) -> int | None:
        """The last moment at which an access token of these sessions can be valid.

        None when nothing was revoked.
        """
        return self.finished_at_ms + self.token_validity.validity_ms if self.revoked else None


def make_plan(
    targets: Sequence[Target],
    found: Mapping[Target, Sequence[PlannedSession]],
    failed: Sequence[FailedRevocation],
    token_validity: TokenValidity,
) -> RevocationPlan:
    """Return the plan for what was found for each target.

    A session that several targets lead to counts for the first of them.
    """
    wanted = tuple(dict.fromkeys(targets))
    refused = {failure.target for failure in failed}
    sessions: dict[str, PlannedSession] = {}
    for target in wanted:
        for session in found.get(target, ()):
            sessions.setdefault(session.handle, session)
    return RevocationPlan(
        targets=wanted,
        sessions=tuple(sessions.values()),
        absent=tuple(
            target for target in wanted if not found.get(target) and target not in refused
        ),
        failed=tuple(failed),
        token_validity=token_validity,
    )


def make_report(
    plan: RevocationPlan,
    revoked: Sequence[str],
    failed: Sequence[FailedRevocation],
    *,
    is_interrupted: bool,
    finished_at_ms: int,
) -> RevocationReport:
    """Return what became of `plan`: revoked sessions in its order, then those it did not know."""
    ended, unknown = set(revoked), dict.fromkeys(revoked)
    not_done = {handle for failure in failed for handle in failure.handles}
    gone = [target.handle for target in plan.absent if isinstance(target, HandleTarget)]
    for handle in plan.handles:
        unknown.pop(handle, None)
        if handle not in ended and handle not in not_done:
            gone.append(handle)
    return RevocationReport(
        revoked=(*(handle for handle in plan.handles if handle in ended), *unknown),
        already_gone=tuple(gone),
        failed=(*plan.failed, *failed),
        is_interrupted=is_interrupted,
        finished_at_ms=finished_at_ms,
        token_validity=plan.token_validity,
    )
