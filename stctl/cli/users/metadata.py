"""`stctl users metadata`: what a backend keeps with a user."""

from typing import Annotated

import typer

from stctl.cli.asking import Care, agreed, conversation
from stctl.cli.context import Context
from stctl.cli.options import DryRunOption, YesOption, takes_core, takes_output
from stctl.cli.settings import CoreTarget
from stctl.cli.users.looking import UserId
from stctl.jsontypes import JsonObject
from stctl.render.printer import Printer

Update = Annotated[
    str,
    typer.Argument(
        metavar="JSON|@FILE|-", help="Members to set; one that is null is removed, others stay."
    ),
]


@takes_output
@takes_core
def get(ctx: typer.Context, user: UserId, *, target: CoreTarget, printer: Printer) -> None:
    """Print the metadata of a user as JSON; an empty object where there is none."""
    from stctl.render.people.metadata import metadata

    with conversation(ctx, target, printer) as core:
        printer.show(metadata(user, core.client.user_metadata(user), core.asked()))


@takes_output
@takes_core
def update(
    ctx: typer.Context, user: UserId, members: Update, *, target: CoreTarget, printer: Printer
) -> None:
    """Set members of a user's metadata, and print the whole. The user need not exist."""
    from stctl.cli.sessions import values
    from stctl.render.people.metadata import metadata

    change = values.json_object(Context.of(ctx), members, "metadata")
    with conversation(ctx, target, printer) as core:
        asked = core.announce("Changing the metadata of a user")
        printer.show(metadata(user, core.client.update_user_metadata(user, change), asked))


@takes_output
@takes_core
def remove(
    ctx: typer.Context,
    user: UserId,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Remove the metadata of a user as a whole."""
    from stctl.render.people.answers import done, plan
    from stctl.render.sessions.pieces import compact
    from stctl.render.view import line, name

    schema = "stctl.users.metadata.remove/1"
    with conversation(ctx, target, printer) as core:
        there = core.client.user_metadata(user)
        facts = [("metadata", line(compact(there)))]
        blocks = plan("remove the metadata of", name(f"user {user}"), core.asked(), facts)
        document: JsonObject = {"user_id": user, "metadata": dict(there)}
        question = f"Remove the metadata of {user}"
        if agreed(
            core, Care(yes, dry_run), blocks, schema=schema, question=question, document=document
        ):
            core.client.remove_user_metadata(user)
            words = line("Removed the metadata of user ", name(user))
            printer.show(done(schema, core.asked(), words, document, ids=[user]))
