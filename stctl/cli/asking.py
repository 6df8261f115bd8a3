"""What commands about a core share: open it, say which, ask before what cannot be undone."""

from collections.abc import Sequence
from dataclasses import dataclass

import typer

from stctl.cli.confirm import confirm
from stctl.cli.sessions.asking import Conversation, conversation
from stctl.errors import ErrorKind
from stctl.jsontypes import JsonObject
from stctl.render.people.answers import planned
from stctl.render.view import Block

__all__ = ["Care", "Conversation", "agreed", "conversation", "end_with_no"]


@dataclass(frozen=True, slots=True)
class Care:
    """How a person wants to be asked."""

    yes: bool
    dry_run: bool


def agreed(
    core: Conversation,
    care: Care,
    plan: Sequence[Block],
    *,
    schema: str,
    question: str,
    document: JsonObject,
) -> bool:
    """Show the plan and ask; False when it was to be shown only.

    Raises `not-confirmed` when the answer is not yes.
    """
    if care.dry_run:
        core.printer.show(planned(schema, core.asked(), plan, document))
        return False
    core.printer.say(*plan)
    confirm(core.context, f"{question} at {core.client.target}?", yes=care.yes)
    return True


def end_with_no() -> typer.Exit:
    """Return the end of a command whose answer is no."""
    return typer.Exit(ErrorKind.ANSWER_IS_NO.exit_status)
