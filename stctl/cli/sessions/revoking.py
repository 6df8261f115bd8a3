"""`stctl sessions revoke`: plan, question, work, report."""

from typing import TYPE_CHECKING

import typer

from stctl.cli.asking import Conversation, conversation
from stctl.cli.confirm import confirm
from stctl.cli.context import Context
from stctl.cli.options import DryRunOption, YesOption, takes_core, takes_output
from stctl.cli.sessions import choices, fleet_choices, values
from stctl.cli.sessions.fleet import Wanted
from stctl.cli.sessions.fleet_revoke import revoke_fleet
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer
from stctl.sessions.revocation import HandleTarget, Target, UserTarget

if TYPE_CHECKING:
    from stctl.sessions.revocation import RevocationPlan, RevocationReport


@takes_output
@takes_core
def revoke(
    ctx: typer.Context,
    *,
    user: choices.UserIds = None,
    handle: choices.Handles = None,
    from_file: fleet_choices.FromFile = None,
    all_users: fleet_choices.AllUsers = False,
    older_than: fleet_choices.OlderThan = None,
    where: fleet_choices.Where = None,
    all_tenants: choices.AllTenants = True,
    linked_accounts: choices.LinkedAccounts = True,
    concurrency: fleet_choices.Concurrency = None,
    rate: fleet_choices.Rate = None,
    resume: fleet_choices.Resume = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """End sessions: shows the plan, asks, revokes, and reports.

    Revoking deletes the session in the core, so no refresh succeeds any more. An access token
    already issued stays valid until it expires for verifiers that do not ask the database; the
    report says until when. Filters and `--tenant` without users or handles mean all users'.
    """
    wanted = Wanted(
        users=user or (),
        handles=values.handles(Context.of(ctx), handle or []),
        all_users=all_users,
        from_file=from_file,
        older_than=older_than,
        where=where or (),
        all_tenants=all_tenants,
        linked_accounts=linked_accounts,
        concurrency=concurrency,
        rate=rate,
        resume=resume,
    )
    _check_given(wanted, handle, target)
    with conversation(ctx, target, printer) as core:
        if wanted.is_fleet or not (wanted.users or handle):
            revoke_fleet(wanted, target, core, dry_run=dry_run, yes=yes)
        else:
            _revoke_named(wanted, core, dry_run=dry_run, yes=yes)


def _check_given(wanted: Wanted, handle: list[str] | None, target: CoreTarget) -> None:
    is_named = wanted.users or handle or wanted.from_file
    if wanted.all_users and is_named:
        raise StctlError(
            ErrorKind.USAGE, "--all-users goes with neither --user, --handle nor --from-file."
        )
    narrowed = wanted.older_than or wanted.where or target.origins["tenant_id"] == "flag"
    if not (is_named or wanted.all_users or narrowed):
        raise StctlError(
            ErrorKind.USAGE,
            "Nothing says which sessions to revoke.",
            hint="Give --user or --handle, which may be repeated, --from-file or --all-users.",
        )


def _revoke_named(wanted: Wanted, core: Conversation, *, dry_run: bool, yes: bool) -> None:
    from stctl.cdi.revoking import plan_revocation
    from stctl.render.sessions.revocation import plan_blocks, planned
    from stctl.render.wording import count_of

    targets: list[Target] = [
        UserTarget(
            user_id=one,
            across_tenants=wanted.all_tenants,
            linked_accounts=wanted.linked_accounts,
        )
        for one in wanted.users
    ]
    targets += [HandleTarget(handle=one) for one in wanted.handles]
    plan = plan_revocation(core.client, targets)
    if dry_run:
        core.printer.show(planned(plan, core.asked()))
        return
    core.printer.say(*plan_blocks(plan, core.asked(), core.printer.err.width))
    if plan.sessions:
        count = count_of(len(plan.sessions), "session")
        confirm(core.context, f"Revoke {count} at {core.client.target}?", yes=yes)
    _end_with(_carry_out(core, plan))


def _carry_out(core: Conversation, plan: "RevocationPlan") -> "RevocationReport":
    from stctl.cdi.revoking import carry_out
    from stctl.render.sessions.revocation import reported

    with core.printer.progress("Revoking", len(plan.sessions)) as advance:
        report = carry_out(core.client, plan, clock=core.context.clock, advance=advance)
    core.printer.show(reported(plan, report, core.asked()))
    return report


def _end_with(report: "RevocationReport") -> None:
    """End with the error that the report holds, if any: each has been listed already."""
    if report.is_interrupted:
        raise StctlError(ErrorKind.INTERRUPTED, "Interrupted.")
    if report.is_complete:
        return
    left = sum(len(failure.handles) for failure in report.failed)
    done = len(report.revoked) + len(report.already_gone)
    raise StctlError(ErrorKind.PARTLY_DONE, f"{done:,} of {done + left:,} sessions are ended.")
