"""Options that say which sessions count as a user's."""

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
