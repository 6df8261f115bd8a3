"""`stctl sessions list` and `show`: what a core knows."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli.asking import Conversation, conversation, end_with
from stctl.cli.context import Context
from stctl.cli.options import takes_core, takes_output
from stctl.cli.sessions import choices, fleet_choices, values
from stctl.cli.sessions.fleet import Wanted
from stctl.cli.sessions.fleet_list import list_fleet
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Output, Printer

if TYPE_CHECKING:
    from stctl.sessions.info import SessionInfo

PAGE = 100
Owner = Annotated[
    list[str] | None,
    typer.Option(
        "--user", "-u", metavar="ID", help="Whose sessions; repeatable.", show_default=False
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit",
        min=0,
        metavar="N",
        help=f"Sessions on a page, 0 for all. On the screen {PAGE} unless said, else all.",
        show_default=False,
    ),
]


@takes_output
@takes_core
def list_sessions(
    ctx: typer.Context,
    *,
    user: Owner = None,
    all_users: fleet_choices.AllUsers = False,
    all_tenants: choices.AllTenants = True,
    linked_accounts: choices.LinkedAccounts = True,
    older_than: fleet_choices.OlderThan = None,
    where: fleet_choices.Where = None,
    limit: Limit = None,
    page: Annotated[int, typer.Option("--page", min=1, metavar="N", help="Which page.")] = 1,
    concurrency: fleet_choices.Concurrency = None,
    rate: fleet_choices.Rate = None,
    resume: fleet_choices.Resume = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """List the live sessions of a user, of several, or of all.

    A core lists the handles of one user and no more, so each session is asked for by itself.
    Within a page of one user's sessions the newest come first. `-q` prints the handles.
    With `--all-users` the sessions stream out as they are found, user by user.
    """
    wanted = Wanted(
        users=user or (),
        all_users=all_users,
        older_than=older_than,
        where=where or (),
        all_tenants=all_tenants,
        linked_accounts=linked_accounts,
        concurrency=concurrency,
        rate=rate,
        resume=resume,
    )
    _check_owner(wanted)
    with conversation(ctx, target, printer) as core:
        if wanted.is_fleet or len(wanted.users) > 1:
            list_fleet(wanted, target, core)
        else:
            size = PAGE if limit is None and _is_for_people(printer) else limit
            _list_of_user(wanted, core, size, page)


def _check_owner(wanted: Wanted) -> None:
    if wanted.users and wanted.all_users:
        raise StctlError(ErrorKind.USAGE, "--user and --all-users exclude each other.")
    if not wanted.users and not wanted.all_users:
        raise StctlError(
            ErrorKind.USAGE,
            "Nothing says whose sessions to list.",
            hint="Give --user, which may be repeated, or --all-users.",
        )


def _list_of_user(wanted: Wanted, core: Conversation, size: int | None, page: int) -> None:
    from stctl.cdi.tasks import page_of
    from stctl.render.sessions.listing import Listing, listing

    user = wanted.users[0]
    handles = core.client.handles_of_user(
        user, across_tenants=wanted.all_tenants, linked_accounts=wanted.linked_accounts
    )
    found = page_of(handles, limit=size, number=page)
    result = Listing(
        user_id=user,
        across_tenants=wanted.all_tenants,
        linked_accounts=wanted.linked_accounts,
        total=found.total,
        page=found.number,
        pages=found.pages,
        handles=found.handles,
        read=lambda: _read(core, found.handles),
    )
    core.printer.show(listing(result, core.asked()))


def _is_for_people(printer: Printer) -> bool:
    return printer.output is Output.TABLE and not printer.quiet


def _read(core: Conversation, handles: tuple[str, ...]) -> "Iterator[SessionInfo]":
    from stctl.cdi.tasks import sessions_in_detail
    from stctl.sessions.info import SessionInfo

    with core.printer.progress("Reading sessions", len(handles)) as advance:
        for _, info in sessions_in_detail(core.client, handles):
            advance(1)
            if isinstance(info, SessionInfo):
                yield info


@takes_output
@takes_core
def show(
    ctx: typer.Context,
    handle: Annotated[str, typer.Argument(metavar="HANDLE", help="The session's handle.")],
    *,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Show one session: its user and roles, times, payload, data, and what verifiers say now.

    UNAUTHORISED is an answer: it is printed, and the exit status is 3.
    """
    from stctl.cdi.revoking import token_validity
    from stctl.cdi.standing import standing_of
    from stctl.render.sessions.details import no_session, session
    from stctl.sessions.answers import Unauthorised

    with conversation(ctx, target, printer) as core:
        answer = core.client.get_session(handle)
        if isinstance(answer, Unauthorised):
            validity_ms = token_validity(core.client).validity_ms
            printer.show(no_session(answer, validity_ms, core.asked()))
        else:
            printer.show(session(answer, standing_of(core.client, answer), core.asked()))
    end_with(answer)


@takes_output
@takes_core
def diff(
    ctx: typer.Context,
    token: Annotated[
        str, typer.Argument(metavar="TOKEN", help="An access token; `-` reads standard input.")
    ],
    *,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Hold an access token against the row of its session: owner, payload, times, lineage.

    Only reads: the token is not sent, and its signature is not looked at. Differences, and a
    session that is gone, are answers: they are printed, and the exit status is 3.
    """
    from stctl.render.sessions.difference import difference
    from stctl.sessions.answers import Unauthorised
    from stctl.sessions.comparison import differences

    read = values.access_token(Context.of(ctx), token)
    with conversation(ctx, target, printer) as core:
        answer = core.client.get_session(read.session_handle)
        printer.show(difference(read, answer, core.asked()))
    if isinstance(answer, Unauthorised) or differences(read, answer):
        raise typer.Exit(ErrorKind.ANSWER_IS_NO.exit_status)
