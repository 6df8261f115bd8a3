"""`stctl users create`: users to try things with."""

import base64
from typing import Annotated

import typer

from stctl.cli.asking import conversation, end_with_no
from stctl.cli.context import Context
from stctl.cli.files import read_text_file
from stctl.cli.options import RevealOption, takes_core, takes_output
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer


@takes_output
@takes_core
def create(
    ctx: typer.Context,
    *,
    email: Annotated[
        list[str] | None,
        typer.Option("--email", metavar="ADDRESS", help="Repeatable.", show_default=False),
    ] = None,
    count: Annotated[
        int,
        typer.Option(
            "--count", min=0, max=100_000, metavar="N", help="So many with made-up addresses."
        ),
    ] = 0,
    password_file: Annotated[
        str | None,
        typer.Option(
            "--password-file",
            metavar="FILE",
            help="Their password, `-` for standard input; without it one is made up.",
            show_default=False,
        ),
    ] = None,
    reveal: RevealOption = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Sign users up with address and password, as the emailpassword recipe does.

    All get the same password, which is masked on the screen and whole in `--json`. An address
    that is taken is an answer: it is listed, and the exit status is 3.
    """
    from stctl.render.people.users import made
    from stctl.sessions.people import EmailTaken

    context = Context.of(ctx)
    made_up = [f"test-{context.entropy.uuid()}@example.com" for _ in range(count)]
    addresses = [*(email or ()), *made_up]
    if not addresses:
        raise StctlError(ErrorKind.USAGE, "Nothing says whom to create: give --email or --count.")
    password = _password(context, password_file)
    with conversation(ctx, target, printer) as core:
        asked = core.announce("Signing users up")
        results = []
        with printer.progress("Signing up", len(addresses)) as advance:
            for address in addresses:
                results.append(core.client.sign_up(address, password))
                advance(1)
        printer.show(made(results, password, asked, reveal=reveal))
    if any(isinstance(one, EmailTaken) for one in results):
        raise end_with_no()


def _password(context: Context, file: str | None) -> str:
    if file is None:
        # Letters and digits: what the default rules of backend SDKs ask for.
        text = base64.b32encode(context.entropy.token_bytes(15)).decode("ascii").lower()
        return f"{text}-1"
    if file == "-":
        text = context.stdin.readline()
    else:
        from pathlib import Path

        text = read_text_file(Path(file).expanduser(), "the password file")
    if not text.strip("\r\n"):
        raise StctlError(ErrorKind.INPUT_UNREADABLE, "There is no password: the input is empty.")
    return text.strip("\r\n")
