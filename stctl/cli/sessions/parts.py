"""`stctl sessions data` and `payload`: the two objects that belong to a session."""

from typing import Annotated

import typer

from stctl.cli.asking import conversation, end_with
from stctl.cli.context import Context
from stctl.cli.options import takes_core, takes_output
from stctl.cli.sessions import values
from stctl.cli.settings import CoreTarget
from stctl.render.printer import Printer

HandleArgument = Annotated[str, typer.Argument(metavar="HANDLE", help="The session's handle.")]
ValueArgument = Annotated[
    str,
    typer.Argument(
        metavar="JSON|@FILE|-", help="The new object, in place of all that was there before."
    ),
]


@takes_output
@takes_core
def get_data(
    ctx: typer.Context, handle: HandleArgument, *, target: CoreTarget, printer: Printer
) -> None:
    """Print the data that the core keeps with a session, as JSON."""
    from stctl.render.sessions.details import part

    with conversation(ctx, target, printer) as core:
        answer = core.client.get_session_data(handle)
        printer.show(part(answer, "data", handle, core.asked()))
    end_with(answer)


@takes_output
@takes_core
def get_payload(
    ctx: typer.Context, handle: HandleArgument, *, target: CoreTarget, printer: Printer
) -> None:
    """Print the stored payload of a session, as JSON. Tokens already issued may have another."""
    from stctl.render.sessions.details import part

    with conversation(ctx, target, printer) as core:
        answer = core.client.get_jwt_payload(handle)
        printer.show(part(answer, "payload", handle, core.asked()))
    end_with(answer)


@takes_output
@takes_core
def set_data(
    ctx: typer.Context,
    handle: HandleArgument,
    value: ValueArgument,
    *,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Replace the data of a session as a whole."""
    from stctl.render.sessions.details import part_written

    data = values.json_object(Context.of(ctx), value, "data")
    with conversation(ctx, target, printer) as core:
        asked = core.announce("Replacing the data of a session")
        answer = core.client.set_session_data(handle, data)
        printer.show(part_written(answer, "data", handle, data, asked))
    end_with(answer)


@takes_output
@takes_core
def set_payload(
    ctx: typer.Context,
    handle: HandleArgument,
    value: ValueArgument,
    *,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Replace the stored payload of a session as a whole."""
    from stctl.render.sessions.details import part_written

    claims = values.json_object(Context.of(ctx), value, "payload")
    with conversation(ctx, target, printer) as core:
        asked = core.announce("Replacing the payload of a session")
        answer = core.client.set_jwt_payload(handle, claims)
        printer.show(part_written(answer, "payload", handle, claims, asked))
    end_with(answer)
