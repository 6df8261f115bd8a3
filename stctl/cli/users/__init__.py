"""`stctl users`: whose sessions they are, and what hangs on a user."""

import typer

from stctl.cli.app import CommandGroup
from stctl.cli.users import examples, looking, making, mapping, metadata, roles

app = typer.Typer(
    name="users",
    cls=CommandGroup,
    add_completion=False,
    help="Look at the users of a core: whose sessions they are.",
    rich_markup_mode="markdown",
)
role_app = typer.Typer(
    name="roles", cls=CommandGroup, help="Roles of a user, in the tenant of `--tenant`."
)
metadata_app = typer.Typer(
    name="metadata", cls=CommandGroup, help="What a backend keeps with a user."
)
mapping_app = typer.Typer(
    name="mapping", cls=CommandGroup, help="The id that a backend gave a user, beside the core's."
)

app.command("list", epilog=examples.LIST)(looking.list_users)
app.command("show", epilog=examples.SHOW)(looking.show)
app.command("count")(looking.count)
app.command("active", epilog=examples.ACTIVE)(looking.active)
app.command("create", epilog=examples.CREATE)(making.create)
role_app.command("list")(roles.list_roles)
role_app.command("add", epilog=examples.ROLES)(roles.add)
role_app.command("remove")(roles.remove)
metadata_app.command("get")(metadata.get)
metadata_app.command("set", epilog=examples.METADATA)(metadata.update)
metadata_app.command("remove")(metadata.remove)
mapping_app.command("get")(mapping.get)
mapping_app.command("add", epilog=examples.MAPPING)(mapping.add)
mapping_app.command("remove")(mapping.remove)
app.add_typer(role_app)
app.add_typer(metadata_app)
app.add_typer(mapping_app)
