"""Options of the commands on sessions, as types."""

from typing import Annotated

import typer

AllTenants = Annotated[
    bool,
    typer.Option(
        "--all-tenants/--this-tenant",
        help="Sessions in every tenant of the app, or only in the one of `--tenant`.",
    ),
]
LinkedAccounts = Annotated[
    bool,
    typer.Option(
        "--linked-accounts/--no-linked-accounts",
        help="Whether sessions of accounts linked to the user's count.",
    ),
]
UserId = Annotated[
    str, typer.Option("--user", "-u", metavar="ID", help="Whose session; need not exist.")
]
UserIds = Annotated[
    list[str] | None,
    typer.Option("--user", "-u", metavar="ID", help="All sessions of this user; repeatable."),
]
Handles = Annotated[
    list[str] | None,
    typer.Option("--handle", metavar="HANDLE", help="This session; repeatable, `-` reads a list."),
]
Payload = Annotated[
    str,
    typer.Option(
        "--payload", metavar="JSON|@FILE", help="User claims of its access tokens; `-` for input."
    ),
]
Data = Annotated[
    str, typer.Option("--data", metavar="JSON|@FILE", help="Data that the core keeps with it.")
]
WithAntiCsrf = Annotated[bool, typer.Option("--anti-csrf", help="With an anti-CSRF token.")]
CheckAntiCsrf = Annotated[
    bool, typer.Option("--anti-csrf", help="Check anti-CSRF, and get a new token for it.")
]
AntiCsrfToken = Annotated[
    str | None,
    typer.Option(
        "--anti-csrf-token", metavar="TOKEN", help="Its anti-CSRF token; implies `--anti-csrf`."
    ),
]
StaticKey = Annotated[
    bool, typer.Option("--static-key", help="Sign with the static key; needs CDI 2.21.")
]
KindOfKey = Annotated[
    bool | None,
    typer.Option(
        "--static-key/--dynamic-key",
        help="Which kind of key signs from now on; from CDI 5.0 on dynamic unless said.",
        show_default=False,
    ),
]
Validity = Annotated[
    str | None,
    typer.Option(
        "--validity",
        metavar="DURATION",
        help="Let the access token live this long, such as `30s`; needs CDI 5.6.",
        show_default=False,
    ),
]
RefreshTokenText = Annotated[
    str, typer.Argument(metavar="TOKEN", help="A refresh token; `-` reads standard input.")
]
