"""`stctl users list`, `show`, `count` and `active`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli.asking import Conversation, conversation, end_with_no
from stctl.cli.options import takes_core, takes_output
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject
from stctl.render.printer import Printer

if TYPE_CHECKING:
    from stctl.sessions.people import User, UserSearch

PAGE = 100
_AT_ONCE = 500
UserId = Annotated[str, typer.Argument(metavar="USER", help="The id of a user.")]
Recipes = Annotated[
    list[str] | None,
    typer.Option(
        "--recipe",
        metavar="ID",
        help="Only users of this recipe, such as `emailpassword`; repeatable.",
        show_default=False,
    ),
]


def _beginning(flag: str, what: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        flag, metavar="TEXT", help=f"Search by {what}; repeatable.", show_default=False
    )
    return option


@takes_output
@takes_core
def list_users(
    ctx: typer.Context,
    *,
    email: Annotated[list[str] | None, _beginning("--email", "the beginning of an address")] = None,
    phone: Annotated[list[str] | None, _beginning("--phone", "the beginning of a number")] = None,
    provider: Annotated[list[str] | None, _beginning("--provider", "identity provider")] = None,
    recipe: Recipes = None,
    newest_first: Annotated[
        bool, typer.Option("--newest-first", help="Those first who joined last.")
    ] = False,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=500, metavar="N", help="Users on a page.")
    ] = PAGE,
    page_token: Annotated[
        str | None,
        typer.Option(
            "--page-token",
            metavar="TOKEN",
            help="The page that the one before has named.",
            show_default=False,
        ),
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--all", help="All pages, streamed as they come.")
    ] = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """List the users of a tenant, oldest first.

    A search finds everything at once, up to about 1,000 users a recipe; a core does not page it.
    """
    from stctl.render.people.users import users
    from stctl.sessions.people import UserSearch

    search = UserSearch(
        emails=tuple(email or ()),
        phones=tuple(phone or ()),
        providers=tuple(provider or ()),
        recipes=tuple(recipe or ()),
        order="DESC" if newest_first else "ASC",
    )
    with conversation(ctx, target, printer) as core:
        if everybody:
            printer.show(users(lambda: _all(core, search, page_token), None, core.asked()))
            return
        page = core.client.users_page(search, limit=limit, token=page_token)
        printer.show(users(lambda: page.users, page.next_token, core.asked()))


def _all(core: Conversation, search: "UserSearch", token: str | None) -> "Iterator[User]":
    """Yield everybody, with one page in memory at a time."""
    with core.printer.progress("Reading users") as advance:
        while True:
            page = core.client.users_page(search, limit=_AT_ONCE, token=token)
            yield from page.users
            advance(len(page.users))
            token = page.next_token
            if token is None:
                return


@takes_output
@takes_core
def show(ctx: typer.Context, user: UserId, *, target: CoreTarget, printer: Printer) -> None:
    """Show a user with login methods, roles, metadata, other ids and the number of live sessions.

    That there is no such user is an answer: it is printed, and the exit status is 3. Sessions
    need no user, so there may be some all the same.
    """
    from stctl.cdi.overviews import overview_of_user
    from stctl.render.people.users import overview

    with conversation(ctx, target, printer) as core:
        found = overview_of_user(core.client, user)
        printer.show(overview(found, core.asked()))
    if found.user is None:
        raise end_with_no()


@takes_output
@takes_core
def count(
    ctx: typer.Context,
    *,
    recipe: Recipes = None,
    all_tenants: Annotated[
        bool, typer.Option("--all-tenants", help="Users of the whole app.")
    ] = False,
    approximate: Annotated[
        bool,
        typer.Option("--approximate", help="A number that may be some minutes old; needs CDI 5.6."),
    ] = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Count the users of a tenant, or of the whole app."""
    from stctl.render.people.users import counted

    recipes = tuple(recipe or ())
    with conversation(ctx, target, printer) as core:
        if approximate and not core.client.speaks("5.6"):
            raise StctlError(
                ErrorKind.CORE_VERSION,
                f"an approximate count needs CDI 5.6; this call speaks {core.client.cdi_version}",
                hint="Give --cdi 5.6.",
            )
        found = core.client.count_users(
            recipes=recipes, all_tenants=all_tenants, allow_approximate=approximate
        )
        of: JsonObject = {
            "tenant_id": None if all_tenants else core.client.tenant_id,
            "recipes": [*recipes],
        }
        printer.show(counted(found, core.asked(), of))


@takes_output
@takes_core
def active(
    ctx: typer.Context,
    *,
    since: Annotated[
        str, typer.Option("--since", metavar="DURATION", help="Counted back from now.")
    ] = "30d",
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Count the users of the app that used a session lately: signed in, refreshed, signed out."""
    from stctl.cli.sessions import values
    from stctl.render.people.users import active as presented

    ago_ms = values.duration_ms(since)
    with conversation(ctx, target, printer) as core:
        since_ms = max(0, core.context.clock.now_ms() - ago_ms)
        printer.show(presented(core.client.count_active_users(since_ms), since_ms, core.asked()))
