"""How the plan and the report of a revocation look."""

from collections.abc import Iterator, Sequence

from stctl.jsontypes import JsonObject, JsonValue
from stctl.render.sessions.pieces import Asked
from stctl.render.sessions.times import moment
from stctl.render.view import (
    Block,
    Gap,
    Heading,
    Line,
    Lines,
    Note,
    Presentation,
    Table,
    bad,
    dim,
    line,
    name,
    strong,
)
from stctl.render.wording import count_of
from stctl.sessions.revocation import (
    FailedRevocation,
    HandleTarget,
    PlannedSession,
    RevocationPlan,
    RevocationReport,
    Target,
    TokenValidity,
    UserTarget,
)
from stctl.tokens.times import duration_text, relative_text

SCHEMA = "stctl.sessions.revoke/1"
_SHOWN = 20
_TABLE_FROM = 100
_BLIND = "for verifiers that do not ask the database"
_SOURCES = {
    "settings": "the core's access_token_validity is {}",
    "handshake": "the core's access_token_validity is {}",
    "assumed": "the core does not tell its access_token_validity; {} is the default",
}


def planned(plan: RevocationPlan, asked: Asked) -> Presentation:
    """Present a plan as the result: nothing was done."""
    return Presentation(
        schema=SCHEMA,
        view=lambda width: plan_blocks(plan, asked, width),
        document=lambda: _document(plan, None, asked),
        rows=lambda: map(_planned_document, plan.sessions),
        ids=lambda: plan.handles,
    )


def reported(plan: RevocationPlan, report: RevocationReport, asked: Asked) -> Presentation:
    """Present what became of a plan."""
    return Presentation(
        schema=SCHEMA,
        view=lambda _: _report_blocks(report, asked),
        document=lambda: _document(plan, report, asked),
        rows=lambda: _outcomes(report),
        ids=lambda: report.revoked,
    )


def plan_blocks(plan: RevocationPlan, asked: Asked, width: int) -> Iterator[Block]:
    """Yield the plan: where, which sessions, why each, and what outlives them."""
    count = count_of(len(plan.sessions), "session") if plan.sessions else "no session"
    yield Heading(line(f"To revoke: {count} at ", asked.target, dim(f", CDI {asked.cdi}")))
    if plan.sessions:
        shown = plan.sessions[:_SHOWN]
        yield from ([_table(shown, asked)] if width >= _TABLE_FROM else _stack(shown, asked))
        yield from _and_more(len(plan.sessions))
    yield from _without_session(plan.absent)
    yield from (_failure_note(failure, "cannot be looked up") for failure in plan.failed)
    if plan.sessions:
        yield Note("warn", _validity_line(plan.token_validity))


def _and_more(total: int) -> Iterator[Block]:
    if total > _SHOWN:
        yield Lines([line(dim(f"and {total - _SHOWN:,} more; -q or --json has all"))], indent=2)


def _table(sessions: Sequence[PlannedSession], asked: Asked) -> Table:
    rows = [
        [line(name(session.handle)), *_cells(session, asked), line(_reason(session.target))]
        for session in sessions
    ]
    return Table(["HANDLE", "USER", "TENANT", "CREATED", "WHY"], rows)


def _stack(sessions: Sequence[PlannedSession], asked: Asked) -> Iterator[Block]:
    """Yield two lines a session, for narrow screens."""
    for session in sessions:
        user, tenant, created = _cells(session, asked)
        facts = line("user ", user, ", tenant ", tenant, ", created ", created)
        yield Lines([line(name(session.handle))])
        yield Lines([line(facts, dim(f"; {_reason(session.target)}"))], indent=2)


def _cells(session: PlannedSession, asked: Asked) -> tuple[Line, Line, Line]:
    info = session.info
    if info is None:
        return line(dim("?")), line(dim("?")), line(dim("?"))
    return (
        line(info.user_id),
        line(info.tenant_id),
        line(relative_text(info.created_at_ms, asked.now_ms)),
    )


def _reason(target: Target) -> str:
    if isinstance(target, HandleTarget):
        return "by its handle"
    scope = [] if target.across_tenants else ["this tenant"]
    scope += [] if target.linked_accounts else ["no linked accounts"]
    more = f" ({', '.join(scope)})" if scope else ""
    return f"by user {target.user_id}{more}"


def _without_session(absent: Sequence[Target]) -> Iterator[Block]:
    for target in absent[:_SHOWN]:
        what = target.handle if isinstance(target, HandleTarget) else f"user {target.user_id}"
        yield Note("info", line("No live session: ", name(what)))
    if len(absent) > _SHOWN:
        yield Note("info", line(f"… nor for {len(absent) - _SHOWN:,} others"))


def _validity_line(validity: TokenValidity) -> Line:
    lasting = duration_text(validity.validity_ms)
    return line(
        f"Access tokens already issued stay valid for up to {lasting} {_BLIND}",
        dim(f"; {_SOURCES[validity.source].format(lasting)}."),
    )


def _report_blocks(report: RevocationReport, asked: Asked) -> Iterator[Block]:
    if report.revoked:
        count = count_of(len(report.revoked), "session")
        yield Note("good", line("Revoked ", strong(count), f" at {asked.target}"))
        yield Lines([line(name(handle)) for handle in report.revoked[:_SHOWN]], indent=2)
        yield from _and_more(len(report.revoked))
    elif not report.failed:
        yield Note("good", line("There was nothing to revoke"))
    for handle in report.already_gone[:_SHOWN]:
        yield Note("info", line("Had ended before: ", name(handle)))
    if len(report.already_gone) > _SHOWN:
        yield Note("info", line(f"… and {len(report.already_gone) - _SHOWN:,} others"))
    yield from (_failure_note(failure, "not revoked") for failure in report.failed)
    until_ms = report.tokens_valid_until_ms
    if until_ms is not None:
        yield Gap()
        yield Note("warn", _until_line(until_ms, report))


def _until_line(until_ms: int, report: RevocationReport) -> Line:
    validity = report.token_validity
    source = _SOURCES[validity.source].format(duration_text(validity.validity_ms))
    return line(
        "Access tokens already issued stay valid until ",
        strong(moment(until_ms)),
        f" at the latest, {relative_text(until_ms, report.finished_at_ms)}, {_BLIND}",
        dim(f"; {source}."),
    )


def _failure_note(failure: FailedRevocation, verb: str) -> Note:
    handles = failure.handles
    if isinstance(failure.target, UserTarget):
        what = f"user {failure.target.user_id}, {count_of(len(handles), 'session')}"
    else:
        what = handles[0] if len(handles) == 1 else count_of(len(handles), "session")
    return Note(
        "bad",
        line(bad(verb.capitalize()), ": ", name(what), dim(f" ({failure.code}) {failure.detail}")),
    )


def _document(plan: RevocationPlan, report: RevocationReport | None, asked: Asked) -> JsonObject:
    failed = plan.failed if report is None else report.failed
    return {
        **asked.document(),
        "dry_run": report is None,
        "plan": {
            "sessions": [_planned_document(session) for session in plan.sessions],
            "without_session": [_target_document(target) for target in plan.absent],
        },
        "revoked": [] if report is None else [*report.revoked],
        "already_gone": [] if report is None else [*report.already_gone],
        "failed": [_failure_document(failure) for failure in failed],
        "access_tokens": {
            "valid_until_ms": None if report is None else report.tokens_valid_until_ms,
            "validity_ms": plan.token_validity.validity_ms,
            "known_from": plan.token_validity.source,
        },
    }


def _planned_document(session: PlannedSession) -> dict[str, JsonValue]:
    info = session.info
    return {
        "handle": session.handle,
        "target": _target_document(session.target),
        "user_id": None if info is None else info.user_id,
        "tenant_id": None if info is None else info.tenant_id,
        "created_at_ms": None if info is None else info.created_at_ms,
        "expires_at_ms": None if info is None else info.expires_at_ms,
    }


def _target_document(target: Target) -> dict[str, JsonValue]:
    if isinstance(target, HandleTarget):
        return {"handle": target.handle}
    return {
        "user_id": target.user_id,
        "across_tenants": target.across_tenants,
        "linked_accounts": target.linked_accounts,
    }


def _failure_document(failure: FailedRevocation) -> dict[str, JsonValue]:
    return {
        "target": _target_document(failure.target),
        "handles": list(failure.handles),
        "code": failure.code,
        "message": failure.detail,
    }


def _outcomes(report: RevocationReport) -> Iterator[JsonObject]:
    """Yield what became of each handle, one a line."""
    for handle in report.revoked:
        yield {"handle": handle, "outcome": "revoked", "code": None}
    for handle in report.already_gone:
        yield {"handle": handle, "outcome": "already_gone", "code": None}
    for failure in report.failed:
        for handle in failure.handles:
            yield {"handle": handle, "outcome": "failed", "code": failure.code}
