"""What commands about a core share: open it, say which, ask before what cannot be undone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from stctl.cli.confirm import confirm
from stctl.cli.context import Context
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind
from stctl.jsontypes import JsonObject
from stctl.render.printer import Printer
from stctl.render.sessions.pieces import Asked, announcement
from stctl.render.view import Block
from stctl.sessions.answers import TokenTheftDetected, Unauthorised

if TYPE_CHECKING:
    from stctl.cdi.client import CdiClient


@dataclass(frozen=True, slots=True)
class Conversation:
    """A core that is open, and a printer for what it says."""

    client: "CdiClient"
    printer: Printer
    context: Context

    def asked(self) -> Asked:
        """Return who is asked, as results name it; the first time this asks the core's version."""
        return Asked(
            target=self.client.target,
            cdi=self.client.cdi_version,
            now_ms=self.context.clock.now_ms(),
        )

    def announce(self, doing: str) -> Asked:
        """Say which core is about to be written to, and return who that is."""
        asked = self.asked()
        self.printer.say(announcement(asked, doing))
        return asked


@contextmanager
def conversation(
    ctx: typer.Context, target: CoreTarget, printer: Printer
) -> Iterator[Conversation]:
    """Open the core of a command for as long as the block runs."""
    context = Context.of(ctx)
    with context.open_core(target) as client:
        yield Conversation(client, printer, context)


def end_with(answer: object) -> None:
    """End the command: a session that is not there is an answer, and the answer is no."""
    if isinstance(answer, Unauthorised | TokenTheftDetected):
        raise typer.Exit(ErrorKind.ANSWER_IS_NO.exit_status)


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
    from stctl.render.people.answers import planned

    if care.dry_run:
        core.printer.show(planned(schema, core.asked(), plan, document))
        return False
    core.printer.say(*plan)
    confirm(core.context, f"{question} at {core.client.target}?", yes=care.yes)
    return True


def end_with_no() -> typer.Exit:
    """Return the end of a command whose answer is no."""
    return typer.Exit(ErrorKind.ANSWER_IS_NO.exit_status)
