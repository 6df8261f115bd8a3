"""`stctl sessions`: look at the sessions of a core, and change them."""

import typer

from stctl.cli.app import CommandGroup
from stctl.cli.sessions import examples, looking, parts, revoking, tokens

app = typer.Typer(
    name="sessions",
    cls=CommandGroup,
    add_completion=False,
    help="Look at the sessions of a core, and change them.",
    rich_markup_mode="markdown",
)
data = typer.Typer(name="data", cls=CommandGroup, help="Data that the core keeps with a session.")
payload = typer.Typer(
    name="payload", cls=CommandGroup, help="User claims that the next access token will have."
)

app.command("create", epilog=examples.CREATE)(tokens.create)
app.command("list", epilog=examples.LIST)(looking.list_sessions)
app.command("show", epilog=examples.SHOW)(looking.show)
app.command("diff", epilog=examples.DIFF)(looking.diff)
app.command("refresh", epilog=examples.REFRESH)(tokens.refresh)
app.command("revoke", epilog=examples.REVOKE)(revoking.revoke)
data.command("get")(parts.get_data)
data.command("set", epilog=examples.SET.format(part="data"))(parts.set_data)
payload.command("get")(parts.get_payload)
payload.command("set", epilog=examples.SET.format(part="payload"))(parts.set_payload)
app.add_typer(data)
app.add_typer(payload)
