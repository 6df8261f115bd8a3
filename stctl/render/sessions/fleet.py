"""How work on the sessions of many users looks: the count before it, and the report."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from stctl.jsontypes import JsonObject, JsonValue
from stctl.render.sessions.pieces import Asked
from stctl.render.sessions.times import moment
from stctl.render.view import (
    Block,
    Facts,
    Gap,
    Heading,
    Line,
    Lines,
    Note,
    Presentation,
    bad,
    dim,
    line,
    name,
    strong,
)
from stctl.render.wording import count_of
from stctl.sessions.fleet import FleetFailure, FleetPlan, FleetReport, Outcome
from stctl.tokens.times import duration_text, relative_text

SCHEMA = "stctl.sessions.revoke-many/1"
_SHOWN = 20
_BLIND = "for verifiers that do not ask the database"
ONLY_USERS = (
    "A core lists the sessions of one user at a time, so those of ids that are no users of it "
    "cannot be found."
)
Outcomes = Callable[[], Iterator[tuple[str, Outcome, str | None]]]


def plan_blocks(plan: FleetPlan, asked: Asked, selection: Sequence[str]) -> Iterator[Block]:
    """Yield the plan: where, how many, of whom, and what it cannot know."""
    count = count_of(plan.sessions, "session") if plan.sessions else "no session"
    yield Heading(line(f"To revoke: {count} at ", asked.target, dim(f", CDI {asked.cdi}")))
    rows: list[tuple[str, Line]] = [("which", line(text)) for text in selection]
    rows.append(("users asked", line(f"{plan.users:,}")))
    if len(plan.by_tenant) > 1:
        tenants = ", ".join(f"{tenant} {count:,}" for tenant, count in plan.by_tenant.items())
        rows.append(("by tenant", line(tenants)))
    yield Facts(rows)
    yield from failure_notes(plan.failures, plan.failed, "cannot be asked about")
    if plan.sessions and plan.token_validity is not None:
        lasting = duration_text(plan.token_validity.validity_ms)
        yield Note(
            "warn", line(f"Access tokens already issued stay valid for up to {lasting} {_BLIND}.")
        )


def planned(
    plan: FleetPlan, asked: Asked, selection: Sequence[str], handles: Callable[[], Iterable[str]]
) -> Presentation:
    """Present a plan as the result: nothing was done."""
    return Presentation(
        schema=SCHEMA,
        view=lambda _: plan_blocks(plan, asked, selection),
        document=lambda: {**_plan_document(plan, asked, selection), "dry_run": True},
        rows=lambda: (
            {"handle": handle, "outcome": "planned", "code": None} for handle in handles()
        ),
        ids=handles,
    )


def reported(
    plan: FleetPlan,
    report: FleetReport,
    asked: Asked,
    selection: Sequence[str],
    outcomes: Outcomes,
) -> Presentation:
    """Present what became of a plan; rows and ids are read from the journal, one by one."""
    return Presentation(
        schema=SCHEMA,
        view=lambda _: _report_blocks(plan, report, asked),
        document=lambda: _report_document(plan, report, asked, selection),
        rows=lambda: (
            {"handle": handle, "outcome": outcome, "code": code}
            for handle, outcome, code in outcomes()
        ),
        ids=lambda: (handle for handle, outcome, _ in outcomes() if outcome == "revoked"),
    )


def failure_notes(failures: Sequence[FleetFailure], total: int, verb: str) -> Iterator[Block]:
    """Yield the first failures, and how many more there are."""
    for failure in failures[:_SHOWN]:
        what = failure.what
        if failure.sessions:
            what = f"{count_of(failure.sessions, 'session')} {what}"
        yield Note(
            "bad",
            line(
                bad(verb.capitalize()), ": ", name(what), dim(f" ({failure.code}) {failure.detail}")
            ),
        )
    if total > _SHOWN:
        yield Lines([line(dim(f"and {total - _SHOWN:,} more"))], indent=2)


def _report_blocks(plan: FleetPlan, report: FleetReport, asked: Asked) -> Iterator[Block]:
    if report.revoked:
        count = count_of(report.revoked, "session")
        yield Note("good", line("Revoked ", strong(count), f" at {asked.target}"))
    elif report.is_complete:
        yield Note("good", line("There was nothing to revoke"))
    yield Facts(list(_report_rows(report)))
    yield from failure_notes(report.failures, len(report.failures), "not revoked")
    if report.not_begun:
        count = count_of(report.not_begun, "session")
        yield Note("bad", line(bad("Not begun"), f": {count}; --resume goes on with them"))
    if report.revoked and plan.token_validity is not None:
        until_ms = report.finished_at_ms + plan.token_validity.validity_ms
        yield Gap()
        yield Note(
            "warn",
            line(
                "Access tokens already issued stay valid until ",
                strong(moment(until_ms)),
                f" at the latest, {relative_text(until_ms, report.finished_at_ms)}, {_BLIND}.",
            ),
        )


def _report_rows(report: FleetReport) -> Iterator[tuple[str, Line]]:
    if report.already_gone:
        yield "had ended before", line(f"{report.already_gone:,}")
    if report.failed:
        yield "failed", line(f"{report.failed:,}")
    if report.earlier:
        yield "dealt with before this run", line(f"{report.earlier:,}")
    now = report.done + report.failed - report.earlier
    rate = f", {now * 1000 / report.took_ms:,.0f} sessions a second" if report.took_ms else ""
    short = report.took_ms < 1000  # noqa: PLR2004 - milliseconds of a second
    took = f"{report.took_ms} ms" if short else duration_text(report.took_ms)
    yield "took", line(took, dim(rate))


def _plan_document(plan: FleetPlan, asked: Asked, selection: Sequence[str]) -> dict[str, JsonValue]:
    validity = plan.token_validity
    return {
        **asked.document(),
        "which": [*selection],
        "users": plan.users,
        "planned": plan.sessions,
        "by_tenant": dict(plan.by_tenant),
        "users_failed": plan.failed,
        "failed_users": [failure_document(failure) for failure in plan.failures],
        "access_tokens": None
        if validity is None
        else {"validity_ms": validity.validity_ms, "known_from": validity.source},
    }


def _report_document(
    plan: FleetPlan, report: FleetReport, asked: Asked, selection: Sequence[str]
) -> JsonObject:
    return {
        **_plan_document(plan, asked, selection),
        "dry_run": False,
        "revoked": report.revoked,
        "already_gone": report.already_gone,
        "failed": report.failed,
        "not_begun": report.not_begun,
        "failures": [failure_document(failure) for failure in report.failures],
        "earlier": report.earlier,
        "interrupted": report.is_interrupted,
        "took_ms": report.took_ms,
        "finished_at_ms": report.finished_at_ms,
    }


def failure_document(failure: FleetFailure) -> JsonValue:
    """Return a failure as a member of a document."""
    return {
        "what": failure.what,
        "sessions": failure.sessions,
        "code": failure.code,
        "message": failure.detail,
    }
