"""`stctl roles`: the roles of an app."""

from typing import Annotated

import typer

from stctl.cli.app import CommandGroup
from stctl.cli.asking import Care, Conversation, agreed, conversation, end_with_no
from stctl.cli.options import DryRunOption, YesOption, takes_core, takes_output
from stctl.cli.settings import CoreTarget
from stctl.jsontypes import JsonObject
from stctl.render.printer import Printer

app = typer.Typer(
    name="roles",
    cls=CommandGroup,
    add_completion=False,
    help="Look at the roles of an app, and change them.",
    rich_markup_mode="markdown",
)
Role = Annotated[str, typer.Argument(metavar="ROLE", help="The name of a role.")]
_EXAMPLE = """
Example:

`stctl roles create editor --permission read --permission write`
"""


@app.command("list")
@takes_output
@takes_core
def list_roles(ctx: typer.Context, *, target: CoreTarget, printer: Printer) -> None:
    """List the roles of the app."""
    from stctl.render.people.answers import names

    with conversation(ctx, target, printer) as core:
        found = sorted(core.client.roles())
        printer.show(names("stctl.roles.list/1", core.asked(), thing="role", found=found))


@app.command()
@takes_output
@takes_core
def show(ctx: typer.Context, role: Role, *, target: CoreTarget, printer: Printer) -> None:
    """Show what a role permits, and who has it in the tenant. An unknown one: exit status 3."""
    from stctl.cdi.overviews import overview_of_role
    from stctl.render.people.roles import role as presented
    from stctl.sessions.people import UnknownRole

    with conversation(ctx, target, printer) as core:
        found = overview_of_role(core.client, role)
        if isinstance(found, UnknownRole):
            _show_unknown(core, "stctl.roles.show/1", role)
            raise end_with_no()
        printer.show(presented(found, core.asked()))


@app.command(epilog=_EXAMPLE)
@takes_output
@takes_core
def create(
    ctx: typer.Context,
    role: Role,
    *,
    permission: Annotated[
        list[str] | None,
        typer.Option(
            "--permission", metavar="NAME", help="What it permits; repeatable.", show_default=False
        ),
    ] = None,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Make a role, or add permissions to one that is there."""
    from stctl.render.people.answers import done
    from stctl.render.view import line, name

    with conversation(ctx, target, printer) as core:
        asked = core.announce("Making a role")
        is_new = core.client.create_role(role, permission or ())
        words = line("Created role " if is_new else "It is there already: role ", name(role))
        document: JsonObject = {
            "role": role,
            "created": is_new,
            "permissions_added": [*(permission or ())],
        }
        changed = bool(is_new or permission)
        printer.show(
            done("stctl.roles.create/1", asked, words, document, changed=changed, ids=[role])
        )


@app.command()
@takes_output
@takes_core
def delete(
    ctx: typer.Context,
    role: Role,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Remove a role, and take it from all its users. An unknown one: exit status 3."""
    from stctl.cdi.overviews import overview_of_role
    from stctl.render.people.answers import done, plan
    from stctl.render.people.roles import role_facts
    from stctl.render.view import line, name
    from stctl.sessions.people import UnknownRole

    schema = "stctl.roles.delete/1"
    with conversation(ctx, target, printer) as core:
        found = overview_of_role(core.client, role)
        if isinstance(found, UnknownRole):
            _show_unknown(core, schema, role)
            raise end_with_no()
        blocks = plan("delete", name(f"role {role}"), core.asked(), role_facts(found))
        document: JsonObject = {
            "role": role,
            "permissions": [*found.permissions],
            "users": [*found.users],
        }
        care, question = Care(yes, dry_run), f"Delete role {role}"
        if agreed(core, care, blocks, schema=schema, question=question, document=document):
            core.client.delete_role(role)
            words = line("Deleted role ", name(role))
            printer.show(done(schema, core.asked(), words, document, ids=[role]))


@app.command()
@takes_output
@takes_core
def users(ctx: typer.Context, role: Role, *, target: CoreTarget, printer: Printer) -> None:
    """List the ids of the users that have a role in the tenant."""
    from stctl.render.people.answers import names
    from stctl.sessions.people import UnknownRole

    schema = "stctl.roles.users/1"
    with conversation(ctx, target, printer) as core:
        found = core.client.users_of_role(role)
        if isinstance(found, UnknownRole):
            _show_unknown(core, schema, role)
            raise end_with_no()
        of = {"role": role, "tenant_id": core.client.tenant_id}
        printer.show(names(schema, core.asked(), thing="user", found=sorted(found), of=of))


def _show_unknown(core: Conversation, schema: str, role: str) -> None:
    from stctl.render.people.answers import no

    words = f"the app has no role {role}"
    core.printer.show(no(schema, core.asked(), "UNKNOWN_ROLE_ERROR", words, {"role": role}))
