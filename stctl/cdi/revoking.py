"""Ending sessions, from plan to report."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from stctl.cdi.client import CdiClient
from stctl.cdi.tasks import in_parallel, sessions_in_detail
from stctl.clock import Clock
from stctl.errors import ErrorKind, StctlError
from stctl.sessions.answers import Unauthorised
from stctl.sessions.handle import tenant_of_handle
from stctl.sessions.info import SessionInfo
from stctl.sessions.revocation import (
    FailedRevocation,
    HandleTarget,
    PlannedSession,
    RevocationPlan,
    RevocationReport,
    Target,
    TokenValidity,
    UserTarget,
    make_plan,
    make_report,
)

BATCH = 100
"""How many handles go into one call."""
DETAILS_AT_MOST = 20
"""How many sessions of a user are asked for in detail for the plan."""
ASSUMED_VALIDITY_MS = 3_600_000
"""A core's default. Source: core, behaviour notes 5."""

Advance = Callable[[int], None]


def plan_revocation(client: CdiClient, targets: Sequence[Target]) -> RevocationPlan:
    """Find the sessions that revoking `targets` would end. Changes nothing.

    A handle that the core refuses to look up becomes a failure of the plan; that the core cannot
    be asked at all is raised.
    """
    wanted = list(dict.fromkeys(targets))
    users = [target for target in wanted if isinstance(target, UserTarget)]
    handles = [target for target in wanted if isinstance(target, HandleTarget)]
    found: dict[Target, list[PlannedSession]] = {
        user: list(_sessions_of(client, user)) for user in users
    }
    failed: list[FailedRevocation] = []
    for target, looked_up in zip(
        handles, in_parallel(lambda target: _look_up(client, target), handles), strict=True
    ):
        if isinstance(looked_up, FailedRevocation):
            failed.append(looked_up)
        elif looked_up is not None:
            found[target] = [looked_up]
    return make_plan(wanted, found, failed, token_validity(client))


def carry_out(
    client: CdiClient, plan: RevocationPlan, *, clock: Clock, advance: Advance
) -> RevocationReport:
    """End the sessions of a plan and report what became of each.

    A user's sessions end by one call, which also catches those made after the plan. `advance` is
    called with the number of planned sessions that were dealt with. Errors and Ctrl-C become part
    of the report.
    """
    revoked: list[str] = []
    failed: list[FailedRevocation] = []
    steps = list(_steps(plan))
    is_interrupted = False
    for step in steps:
        if is_interrupted:
            failed.append(step.failure(ErrorKind.INTERRUPTED, "not begun"))
            continue
        try:
            revoked += step.run(client)
        except StctlError as error:
            failed.append(step.failure(error.kind, error.detail))
        except KeyboardInterrupt:
            is_interrupted = True
            failed.append(step.failure(ErrorKind.INTERRUPTED, "stopped; it may have been done"))
        advance(len(step.handles))
    return make_report(
        plan,
        revoked,
        failed,
        is_interrupted=is_interrupted,
        finished_at_ms=clock.now_ms(),
    )


def token_validity(client: CdiClient) -> TokenValidity:
    """Find out how long the core lets an access token live.

    Asked are its published settings (CDI 5.1 and newer), then the handshake of CDI 2.20. A core
    that answers neither is taken to have the default.
    """
    try:
        published = _published_validity_ms(client)
    except StctlError:
        published = None
    if published is not None:
        return TokenValidity(validity_ms=published, source="settings")
    try:
        told = client.speaking("2.20").handshake().access_token_validity_ms
    except StctlError:
        return TokenValidity(validity_ms=ASSUMED_VALIDITY_MS, source="assumed")
    return TokenValidity(validity_ms=told, source="handshake")


def _published_validity_ms(client: CdiClient) -> int | None:
    if not client.speaks("5.1"):
        return None
    for entry in client.core_config():
        if entry.key == "access_token_validity" and isinstance(entry.value, int | str):
            return int(entry.value) * 1000 if str(entry.value).isdecimal() else None
    return None


def _sessions_of(client: CdiClient, user: UserTarget) -> Iterator[PlannedSession]:
    handles = sorted(
        client.handles_of_user(
            user.user_id,
            across_tenants=user.across_tenants,
            linked_accounts=user.linked_accounts,
        )
    )
    known = dict(sessions_in_detail(client, handles[:DETAILS_AT_MOST]))
    for handle in handles:
        info = known.get(handle)
        if not isinstance(info, Unauthorised):
            yield PlannedSession(handle=handle, target=user, info=info)


def _look_up(client: CdiClient, target: HandleTarget) -> PlannedSession | FailedRevocation | None:
    try:
        info = client.get_session(target.handle)
    except StctlError as error:
        if error.kind is not ErrorKind.CORE_REFUSED:
            raise
        return FailedRevocation(
            target=target, handles=(target.handle,), code=error.kind.code, detail=error.detail
        )
    if not isinstance(info, SessionInfo):
        return None
    return PlannedSession(handle=target.handle, target=target, info=info)


@dataclass(frozen=True, slots=True)
class _Step:
    """One call of the work."""

    target: Target
    handles: tuple[str, ...]

    def run(self, client: CdiClient) -> list[str]:
        """Make the call; return the handles that it ended."""
        if isinstance(self.target, UserTarget):
            return client.revoke_user(
                self.target.user_id,
                across_tenants=self.target.across_tenants,
                linked_accounts=self.target.linked_accounts,
            )
        return client.revoke_handles(self.handles)

    def failure(self, kind: ErrorKind, detail: str) -> FailedRevocation:
        """Return the step as one that was not done."""
        return FailedRevocation(
            target=self.target, handles=self.handles, code=kind.code, detail=detail
        )


def _steps(plan: RevocationPlan) -> Iterator[_Step]:
    """Yield one step per user with sessions, then the given handles in batches.

    A batch is of one tenant: a core that refuses a tenant refuses the whole call, after having
    dealt with some of the others (source: core, behaviour notes 2.5).
    """
    by_tenant: dict[str, list[PlannedSession]] = {}
    for target in plan.targets:
        if isinstance(target, UserTarget) and target not in plan.absent:
            yield _Step(target, plan.handles_of(target))
    for session in plan.sessions:
        if isinstance(session.target, HandleTarget):
            by_tenant.setdefault(tenant_of_handle(session.handle), []).append(session)
    for sessions in by_tenant.values():
        rest = iter(sessions)
        while batch := list(islice(rest, BATCH)):
            yield _Step(batch[0].target, tuple(session.handle for session in batch))
