"""`stctl sessions revoke`: plan, question, work, report."""

from typing import TYPE_CHECKING

import typer

from stctl.cli.confirm import confirm
from stctl.cli.context import Context
from stctl.cli.options import DryRunOption, YesOption, takes_core, takes_output
from stctl.cli.sessions import choices, values
from stctl.cli.sessions.asking import Conversation, conversation
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
    all_tenants: choices.AllTenants = True,
    linked_accounts: choices.LinkedAccounts = True,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """End sessions: shows the plan, asks, revokes, and reports.

    Revoking deletes the session in the core, so no refresh succeeds any more. An access token
    already issued stays valid until it expires for verifiers that do not ask the database; the
    report says until when.
    """
    from stctl.cdi.revoking import plan_revocation
    from stctl.render.sessions.pieces import count_of
    from stctl.render.sessions.revocation import plan_blocks, planned

    targets: list[Target] = [
        UserTarget(user_id=one, across_tenants=all_tenants, linked_accounts=linked_accounts)
        for one in user or []
    ]
    targets += [HandleTarget(handle=one) for one in values.handles(Context.of(ctx), handle or [])]
    _check_given(user, handle)
    with conversation(ctx, target, printer) as core:
        plan = plan_revocation(core.client, targets)
        if dry_run:
            printer.show(planned(plan, core.asked()))
            return
        printer.say(*plan_blocks(plan, core.asked(), printer.err.width))
        if plan.sessions:
            count = count_of(len(plan.sessions), "session")
            confirm(core.context, f"Revoke {count} at {core.client.target}?", yes=yes)
        _end_with(_carry_out(core, plan))


def _check_given(user: list[str] | None, handle: list[str] | None) -> None:
    if not user and not handle:
        raise StctlError(
            ErrorKind.USAGE,
            "Nothing says which sessions to revoke.",
            hint="Give --user or --handle; both may be repeated.",
        )


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
