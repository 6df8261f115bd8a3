"""`stctl verify`: who accepts an access token."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli.context import Context
from stctl.cli.decode_input import read_pastes
from stctl.cli.options import takes_core, takes_output
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer
from stctl.tokens.access import AccessToken

if TYPE_CHECKING:
    from stctl.checks.verdicts import Trial, Verdict

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")
_EPILOG = """
Examples:

`stctl verify eyJraWQ… --core http://localhost:3567`

`pbpaste | stctl verify -` finds the access token in a header, a cookie, a curl command.

`stctl verify @token.txt --jwks keys.json --no-core` needs no core.

`stctl verify @token.txt --cdi 5.4 --may-promote` asks as today's SDKs do, which may change the
session.
"""


@app.command(epilog=_EPILOG)
@takes_output
@takes_core
def verify(
    ctx: typer.Context,
    *,
    token: Annotated[
        str,
        typer.Argument(
            metavar="TOKEN|-|@FILE",
            help="An access token, or any text that holds one.",
            show_default=False,
        ),
    ],
    jwks: Annotated[
        str | None,
        typer.Option(
            "--jwks",
            metavar="FILE|URL",
            help="Check the signature with this key set, not with the core's.",
            show_default=False,
        ),
    ] = None,
    no_core: Annotated[
        bool, typer.Option("--no-core", help="Ask no core; needs `--jwks`.")
    ] = False,
    may_promote: Annotated[
        bool,
        typer.Option(
            "--may-promote",
            help="Ask up to CDI 5.5 too, where the question may change the session.",
        ),
    ] = False,
    anti_csrf_token: Annotated[
        str | None,
        typer.Option(
            "--anti-csrf-token",
            metavar="TOKEN",
            help="Let the core check this anti-CSRF token too.",
            show_default=False,
        ),
    ] = None,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Ask every verifier about an access token: a key set, the core, the core with its database.

    They are shown side by side, with why they differ. Nothing is changed: the core is asked at CDI
    5.6, whose verify never writes, unless `--cdi` says otherwise. Exit status 3 when one says no.
    """
    from stctl.render.verify import presentation

    context = Context.of(ctx)
    if no_core and jwks is None:
        raise StctlError(ErrorKind.USAGE, "Without a core a key set is needed: --jwks.")
    wanted = _access_token(context, token)
    trial = _trial(
        context,
        wanted,
        target,
        jwks=jwks,
        no_core=no_core,
        may_promote=may_promote,
        anti_csrf_token=anti_csrf_token,
    )
    failures = trial.failures
    if failures and all(one.outcome == "failed" for one in trial.verdicts):
        raise failures[0]
    printer.show(presentation(trial))
    if trial.says_no:
        raise typer.Exit(ErrorKind.ANSWER_IS_NO.exit_status)
    if failures:
        raise typer.Exit(failures[0].kind.exit_status)


def _access_token(context: Context, given: str) -> AccessToken:
    """The access token in what was given; several that differ are refused."""
    from stctl.tokens.decoded import examine

    report = examine(read_pastes([given], [], context.stdin), context.clock.now_ms())
    bodies = [one.finding.body for one in report.tokens]
    found = {body.structure.text: body for body in bodies if isinstance(body, AccessToken)}
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise StctlError(ErrorKind.USAGE, f"There are {len(found)} access tokens; give one.")
    broken = [str(one.problem) for one in report.broken]
    kinds = [one.finding.kind for one in report.tokens]
    told = "; ".join([*broken, *(f"there is a {kind}" for kind in kinds)])
    raise StctlError(
        ErrorKind.INPUT_UNREADABLE,
        f"There is no access token: {told or 'nothing looks like one'}.",
        hint="`stctl decode` says what else it is.",
    )


def _trial(
    context: Context,
    token: AccessToken,
    target: CoreTarget,
    *,
    jwks: str | None,
    no_core: bool,
    may_promote: bool,
    anti_csrf_token: str | None,
) -> "Trial":
    from stctl.checks.verdicts import CoreQuestion, Trial, by_core, explain, session_behind

    now_ms = context.clock.now_ms()
    verdicts = [*_by_key_set(context, token, target, jwks)]
    if no_core:
        notes = [*explain(token, now_ms, verdicts, "unknown")]
        return Trial(token=token, now_ms=now_ms, verdicts=verdicts, session="unknown", notes=notes)
    with context.open_core(target) as client:
        question = CoreQuestion(
            client=client,
            cdi=target.cdi,
            may_promote=may_promote,
            anti_csrf_token=anti_csrf_token,
        )
        verdicts += by_core(question, token)
        is_down = all(one.outcome == "failed" for one in verdicts)
        session = "unknown" if is_down else session_behind(client, token)
    return Trial(
        token=token,
        now_ms=now_ms,
        verdicts=verdicts,
        session=session,
        notes=[*explain(token, now_ms, verdicts, session)],
    )


def _by_key_set(
    context: Context, token: AccessToken, target: CoreTarget, jwks: str | None
) -> "Iterator[Verdict]":
    from stctl.checks.verdicts import by_key_set
    from stctl.cli.decode_tools import key_document

    place = "key set of the core" if jwks is None else f"key set {jwks}"
    yield by_key_set(
        place, lambda: key_document(context, target, jwks)[1], token, context.clock.now_ms()
    )
