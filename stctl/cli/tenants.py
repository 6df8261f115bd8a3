"""`stctl tenants`: the tenants of an app."""

import json
from typing import Annotated

import typer

from stctl.cli.app import CommandGroup
from stctl.cli.asking import Care, Conversation, agreed, conversation, end_with_no
from stctl.cli.options import DryRunOption, YesOption, takes_core, takes_output
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject, JsonValue
from stctl.render.printer import Printer

app = typer.Typer(
    name="tenants",
    cls=CommandGroup,
    add_completion=False,
    help="Look at the tenants of an app, and change them.",
    rich_markup_mode="markdown",
)
TenantId = Annotated[str, typer.Argument(metavar="ID", help="The id of a tenant.")]
_EXAMPLE = """
Example:

`stctl tenants create t1 --first-factor emailpassword`
"""


@app.command("list")
@takes_output
@takes_core
def list_tenants(ctx: typer.Context, *, target: CoreTarget, printer: Printer) -> None:
    """List the tenants of the app; needs CDI 5.1."""
    from stctl.render.people.tenants import tenants

    with conversation(ctx, target, printer) as core:
        printer.show(tenants(core.client.tenants(), core.asked()))


@app.command()
@takes_output
@takes_core
def show(ctx: typer.Context, tenant: TenantId, *, target: CoreTarget, printer: Printer) -> None:
    """Show a tenant: factors, providers, settings of its own. An unknown one: exit status 3."""
    from stctl.render.people.tenants import tenant as presented
    from stctl.sessions.tenancy import UnknownTenant

    with conversation(ctx, target, printer) as core:
        found = core.client.tenant(tenant)
        if isinstance(found, UnknownTenant):
            _show_unknown(core, "stctl.tenants.show/1", tenant)
            raise end_with_no()
        printer.show(presented(found, core.asked()))


@app.command(epilog=_EXAMPLE)
@takes_output
@takes_core
def create(
    ctx: typer.Context,
    tenant: TenantId,
    *,
    first_factor: Annotated[
        list[str] | None,
        typer.Option(
            "--first-factor",
            metavar="ID",
            help="How users may sign in, such as `emailpassword`; repeatable. A new tenant has "
            "none unless said.",
            show_default=False,
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="A setting of the core that it has differently; repeatable.",
            show_default=False,
        ),
    ] = None,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Make a tenant, or change one that is there; needs CDI 5.1."""
    from stctl.render.people.answers import done
    from stctl.render.view import line, name

    config = _config(setting or ())
    with conversation(ctx, target, printer) as core:
        asked = core.announce("Making a tenant")
        is_new = core.client.create_tenant(
            tenant, first_factors=first_factor or (), core_config=config
        )
        words = line("Created tenant " if is_new else "It is there already: tenant ", name(tenant))
        document: JsonObject = {"tenant_id": tenant, "created": is_new}
        changed = bool(is_new or first_factor or setting)
        printer.show(
            done("stctl.tenants.create/1", asked, words, document, changed=changed, ids=[tenant])
        )


@app.command()
@takes_output
@takes_core
def delete(
    ctx: typer.Context,
    tenant: TenantId,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    target: CoreTarget,
    printer: Printer,
) -> None:
    """Remove a tenant with all its sessions. An unknown one: exit status 3."""
    from stctl.render.people.answers import done, plan
    from stctl.render.people.tenants import tenant_document, tenant_facts
    from stctl.render.view import line, name
    from stctl.render.wording import count_of
    from stctl.sessions.tenancy import UnknownTenant

    schema = "stctl.tenants.delete/1"
    with conversation(ctx, target, printer) as core:
        found = core.client.tenant(tenant)
        if isinstance(found, UnknownTenant):
            _show_unknown(core, schema, tenant)
            raise end_with_no()
        users = core.client.in_tenant(tenant).count_users().count
        facts = [*tenant_facts(found), ("who", line(count_of(users, "user")))]
        blocks = plan("delete", name(f"tenant {tenant}"), core.asked(), facts)
        document: JsonObject = {**tenant_document(found), "users": users}
        care, question = Care(yes, dry_run), f"Delete tenant {tenant} with all its sessions"
        if agreed(core, care, blocks, schema=schema, question=question, document=document):
            core.client.delete_tenant(tenant)
            words = line("Deleted tenant ", name(tenant))
            printer.show(done(schema, core.asked(), words, document, ids=[tenant]))


def _show_unknown(core: Conversation, schema: str, tenant: str) -> None:
    from stctl.render.people.answers import no

    words = f"the app has no tenant {tenant}"
    document = {"tenant_id": tenant}
    core.printer.show(no(schema, core.asked(), "TENANT_NOT_FOUND_ERROR", words, document))


def _config(settings: "list[str] | tuple[str, ...]") -> JsonObject:
    """Read `key=value`; a value that reads as JSON is one, anything else is text."""
    config: dict[str, JsonValue] = {}
    for setting in settings:
        key, sign, text = setting.partition("=")
        if not sign or not key:
            raise StctlError(ErrorKind.USAGE, f"--set {setting!r} is not KEY=VALUE.")
        try:
            config[key] = json.loads(text)
        except (ValueError, RecursionError):
            config[key] = text
    return config
