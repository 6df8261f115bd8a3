"""`stctl users mapping`: the id that a backend gave a user."""

from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli.asking import Care, agreed, conversation, end_with_no
from stctl.cli.options import DryRunOption, YesOption, takes_core, takes_output
from stctl.cli.settings import CoreTarget
from stctl.render.printer import Printer

if TYPE_CHECKING:
    from stctl.render.sessions.pieces import Asked
    from stctl.render.view import Presentation

EitherId = Annotated[str, typer.Argument(metavar="USER", help="The core's own id or the other.")]
_GET, _ADD, _REMOVE = (f"stctl.users.mapping.{verb}/1" for verb in ("get", "add", "remove"))
Force = Annotated[
    bool, typer.Option("--force", help="Also where other recipes know the user already.")
]


@takes_output
@takes_core
def get(ctx: typer.Context, user: EitherId, *, target: CoreTarget, printer: Printer) -> None:
    """Show which two ids a user has. That there is one only is an answer: exit status 3."""
    from stctl.render.people.mapping import mapping
    from stctl.sessions.people import UnknownMapping

    with conversation(ctx, target, printer) as core:
        found = core.client.user_id_mapping(user)
        if isinstance(found, UnknownMapping):
            printer.show(_unknown(_GET, core.asked(), user))
            raise end_with_no()
        printer.show(mapping(_GET, found, core.asked()))


@takes_output
@takes_core
def add(
    ctx: typer.Context,
    user: Annotated[str, typer.Argument(metavar="USER", help="The core's own id.")],
    external: Annotated[str, typer.Argument(metavar="ID", help="The id to use from now on.")],
    *,
    info: Annotated[
        str | None,
        typer.Option("--info", metavar="TEXT", help="Kept with it.", show_default=False),
    ] = None,
    force: Force = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Give a user another id, which sessions and lists then have.

    Sessions made under the old id are not found by it any more. No such user, and an id in use,
    are answers: exit status 3.
    """
    from stctl.render.people.mapping import mapping, not_mapped
    from stctl.sessions.people import UserIdMapping

    wanted = UserIdMapping(supertokens_user_id=user, external_user_id=external, info=info)
    with conversation(ctx, target, printer) as core:
        asked = core.announce("Mapping the id of a user")
        answer = core.client.add_user_id_mapping(wanted, force=force)
        if answer is not None:
            printer.show(not_mapped(_ADD, wanted, answer, asked))
            raise end_with_no()
        printer.show(mapping(_ADD, wanted, asked))


@takes_output
@takes_core
def remove(
    ctx: typer.Context,
    user: EitherId,
    *,
    force: Force = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Take the other id away. Sessions made under it stay under it, and are nobody's then."""
    from stctl.render.people.answers import done, plan
    from stctl.render.people.mapping import mapping_facts
    from stctl.render.view import line, name
    from stctl.sessions.people import UnknownMapping

    with conversation(ctx, target, printer) as core:
        found = core.client.user_id_mapping(user)
        if isinstance(found, UnknownMapping):
            printer.show(_unknown(_REMOVE, core.asked(), user))
            raise end_with_no()
        blocks = plan("remove", "the mapping", core.asked(), mapping_facts(found))
        document = {
            "supertokens_user_id": found.supertokens_user_id,
            "external_user_id": found.external_user_id,
        }
        question = f"Remove the mapping of {user}"
        care = Care(yes, dry_run)
        if agreed(core, care, blocks, schema=_REMOVE, question=question, document=document):
            core.client.remove_user_id_mapping(user, force=force)
            words = line("Removed the mapping of ", name(found.external_user_id))
            ids = [found.supertokens_user_id]
            printer.show(done(_REMOVE, core.asked(), words, document, ids=ids))


def _unknown(schema: str, asked: "Asked", user: str) -> "Presentation":
    from stctl.render.people.answers import no

    return no(
        schema, asked, "UNKNOWN_MAPPING_ERROR", f"no mapping has the id {user}", {"user_id": user}
    )
