"""`stctl users roles`: which roles a user has, in one tenant."""

from typing import Annotated

import typer

from stctl.cli.asking import Care, Conversation, agreed, conversation, end_with_no
from stctl.cli.options import DryRunOption, YesOption, takes_core, takes_output
from stctl.cli.settings import CoreTarget
from stctl.cli.users.looking import UserId
from stctl.jsontypes import JsonObject
from stctl.render.printer import Printer

Roles = Annotated[list[str], typer.Argument(metavar="ROLE...", help="Names of roles.")]


@takes_output
@takes_core
def list_roles(ctx: typer.Context, user: UserId, *, target: CoreTarget, printer: Printer) -> None:
    """List the roles of a user in a tenant."""
    from stctl.render.people.answers import names

    with conversation(ctx, target, printer) as core:
        found = sorted(core.client.roles_of_user(user))
        of = {"user_id": user, "tenant_id": core.client.tenant_id}
        printer.show(names("stctl.users.roles/1", core.asked(), thing="role", found=found, of=of))


@takes_output
@takes_core
def add(
    ctx: typer.Context, user: UserId, role: Roles, *, target: CoreTarget, printer: Printer
) -> None:
    """Give a user roles; a role that the app does not have is an answer, and the exit status 3.

    The user need not exist. Access tokens have the new roles from the next refresh on, where the
    backend puts them there.
    """
    with conversation(ctx, target, printer) as core:
        core.announce("Giving roles")
        outcomes = {}
        for one in role:
            answer = core.client.add_role(user, one)
            outcomes[one] = _word(answer, yes="added", no="had_already")
        _show(core, "stctl.users.roles.add/1", user, outcomes)


@takes_output
@takes_core
def remove(
    ctx: typer.Context,
    user: UserId,
    role: Roles,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Take roles from a user. Access tokens already issued keep them."""
    from stctl.render.people.answers import joined, plan
    from stctl.render.view import name

    schema = "stctl.users.roles.remove/1"
    with conversation(ctx, target, printer) as core:
        has = sorted(core.client.roles_of_user(user))
        blocks = plan(
            f"take {', '.join(role)} from",
            name(f"user {user}"),
            core.asked(),
            [("has", joined(has))],
        )
        document: JsonObject = {"user_id": user, "roles": [*role], "has": [*has]}
        question = f"Take {len(role)} roles from {user}"
        if agreed(
            core, Care(yes, dry_run), blocks, schema=schema, question=question, document=document
        ):
            outcomes = {}
            for one in role:
                answer = core.client.remove_role(user, one)
                outcomes[one] = _word(answer, yes="removed", no="did_not_have")
            _show(core, schema, user, outcomes)


def _word(answer: object, *, yes: str, no: str) -> str:
    if isinstance(answer, bool):
        return yes if answer else no
    return "unknown_role"


def _show(core: Conversation, schema: str, user: str, outcomes: dict[str, str]) -> None:
    from stctl.render.people.roles import role_outcomes

    core.printer.show(role_outcomes(schema, core.asked(), user, outcomes))
    if "unknown_role" in outcomes.values():
        raise end_with_no()
