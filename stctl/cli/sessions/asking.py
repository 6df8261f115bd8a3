"""What every command on sessions does: open the core, say which, end with the right status."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from stctl.cli.context import Context
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind
from stctl.render.printer import Printer
from stctl.render.sessions.pieces import Asked, announcement
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
