"""`stctl sessions revoke` over many users: count, ask, end, report; each step resumable."""

import sys
from typing import TYPE_CHECKING

from stctl.cli.asking import Conversation
from stctl.cli.confirm import confirm
from stctl.cli.sessions.fleet import Fleet, Wanted, resumable, stopping
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind, StctlError

if TYPE_CHECKING:
    from stctl.cdi.fleet.ending import Ending
    from stctl.sessions.fleet import FleetPlan, FleetReport

TYPED_FROM = 100
"""More sessions than these are ended only by whoever types their number, or `--yes`."""


def revoke_fleet(
    wanted: Wanted, target: CoreTarget, core: Conversation, *, dry_run: bool, yes: bool
) -> None:
    """End the sessions of many users.

    First every session is found and counted, and its handle written down; those are ended, and
    no others.
    """
    with Fleet(wanted, target, core, "revoke") as fleet:
        _revoke(fleet, core, dry_run=dry_run, yes=yes)


def _revoke(fleet: Fleet, core: Conversation, *, dry_run: bool, yes: bool) -> None:
    from stctl.cdi.fleet.ending import Ending
    from stctl.cdi.fleet.planning import planned_handles
    from stctl.render.sessions.fleet import ONLY_USERS, plan_blocks, planned

    if fleet.walks:
        core.printer.remark(ONLY_USERS)
    run = fleet.run
    with stopping(fleet.stop):
        plan = _plan(fleet, core)
        if dry_run:
            core.printer.show(
                planned(plan, core.asked(), fleet.words(), lambda: planned_handles(run.found))
            )
            run.remove()
            return
        core.printer.say(*plan_blocks(plan, core.asked(), fleet.words()))
    ending = Ending(run.found, run.done, core.client, fleet.pace, core.context.clock)
    _ask(core, plan.sessions - ending.earlier(), yes=yes)
    with stopping(fleet.stop):
        report = _end(ending, plan, fleet, core)
    if report.is_complete:
        run.remove()
    _end_with(plan, report)


def _plan(fleet: Fleet, core: Conversation) -> "FleetPlan":
    from dataclasses import replace

    from stctl.cdi.fleet.planning import make_plan
    from stctl.cdi.revoking import token_validity

    title, total = "Counting", fleet.user_count()
    with resumable(), core.printer.progress(title, total) as advance:
        plan = make_plan(
            fleet.run.found,
            fleet.finder(with_details=False),
            clock=core.context.clock,
            workers=fleet.workers,
            stop=fleet.stop,
            advance=advance,
        )
    if not plan.is_complete:
        raise StctlError(
            ErrorKind.INTERRUPTED,
            f"Stopped while counting, after {plan.users:,} users; nothing was revoked.",
            hint="The same command with --resume goes on from here.",
        )
    return replace(plan, token_validity=token_validity(core.client))


def _ask(core: Conversation, sessions: int, *, yes: bool) -> None:
    question = f"Revoke {sessions:,} sessions at {core.client.target}?"
    if sessions <= TYPED_FROM or yes or not core.context.can_ask:
        if sessions:
            confirm(core.context, question, yes=yes)
        return
    sys.stderr.write(f"{question} Type the number to agree: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().replace(",", "") != str(sessions):
        raise StctlError(ErrorKind.NOT_CONFIRMED, "Nothing was changed.", hint="")


def _end(ending: "Ending", plan: "FleetPlan", fleet: Fleet, core: Conversation) -> "FleetReport":
    from stctl.render.sessions.fleet import reported

    with resumable(), core.printer.progress("Revoking", plan.sessions) as advance:
        report = ending.run(workers=fleet.workers, stop=fleet.stop, advance=advance)
    core.printer.show(reported(plan, report, core.asked(), fleet.words(), ending.outcomes))
    return report


def _end_with(plan: "FleetPlan", report: "FleetReport") -> None:
    done = f"{report.done:,} of {plan.sessions:,} sessions are ended"
    hint = "The same command with --resume goes on with the others."
    if report.is_interrupted and report.not_begun:
        raise StctlError(ErrorKind.INTERRUPTED, f"Stopped: {done}.", hint=hint)
    if not report.is_complete:
        raise StctlError(ErrorKind.PARTLY_DONE, f"{done}.", hint=hint)
    if plan.failed:
        raise StctlError(
            ErrorKind.PARTLY_DONE, f"{done}; {plan.failed:,} users could not be asked about."
        )
