"""`stctl profile`: cores by name."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from stctl.cli import profile_add
from stctl.cli.app import CommandGroup
from stctl.cli.confirm import confirm
from stctl.cli.context import Context
from stctl.cli.options import YesOption, takes_core_flags, takes_output
from stctl.cli.profile_add import NameArgument, key_folder, user_file
from stctl.cli.settings import (
    PROFILE_VARIABLE,
    PROJECT_FILE,
    USER_FILE,
    SettingsFile,
    core_target,
    look_up,
    read_settings,
)
from stctl.errors import ErrorKind, StctlError
from stctl.render.printer import Printer

if TYPE_CHECKING:
    from stctl.render.profile import ListedProfile

NameInForce = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME", help="Short for `--profile NAME`.", show_default="the one in force"
    ),
]

app = typer.Typer(
    name="profile",
    cls=CommandGroup,
    add_completion=False,
    help="Name cores, with their keys, and choose the one that commands talk to.",
    rich_markup_mode="markdown",
)
app.command("add", epilog=profile_add.EXAMPLES)(profile_add.add)


@app.command("list")
@takes_output
def list_profiles(ctx: typer.Context, *, printer: Printer) -> None:
    """List the profiles of your settings and of this folder, and which one is in force."""
    from stctl.render.profile import listing

    context = Context.of(ctx)
    printer.show(listing(_listed(context)))


def _listed(context: Context) -> "list[ListedProfile]":
    from stctl.render.profile import ListedProfile

    project = read_settings(context.working_folder / PROJECT_FILE, is_project=True)
    user = user_file(context)
    chosen = look_up(context, {}).chosen
    return [
        ListedProfile(
            name=name,
            values={**user.profiles, **project.profiles}[name],
            file=PROJECT_FILE if name in project.profiles else USER_FILE,
            in_use=chosen is not None and chosen.name == name,
        )
        for name in sorted({*user.profiles, *project.profiles})
    ]


@app.command("use")
@takes_output
def use_profile(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Name of the profile.", show_default=False),
    ] = None,
    *,
    none: Annotated[bool, typer.Option("--none", help="Use no profile.")] = False,
    printer: Printer,
) -> None:
    """Choose the profile that commands use from now on, or none.

    `--profile`, `STCTL_PROFILE` and a `profile = …` in `./stctl.toml` are stronger.
    """
    from stctl.cli.profile_files import choose_profile
    from stctl.render.profile import used

    context = Context.of(ctx)
    if (name is None) != none:
        raise StctlError(ErrorKind.USAGE, "Give the name of a profile, or --none.")
    project = read_settings(context.working_folder / PROJECT_FILE, is_project=True)
    if name is not None:
        _check_own(name, project, user_file(context))
    choose_profile(context.config_folder / USER_FILE, name)
    printer.show(used(name, _stronger(context, project)))


def _check_own(name: str, project: SettingsFile, user: SettingsFile) -> None:
    """Refuse a profile that other folders would not find."""
    if name in user.profiles:
        return
    if name in project.profiles:
        raise StctlError(
            ErrorKind.USAGE,
            f"The profile {name!r} is known in this folder alone.",
            hint=f'Choose it there: write `profile = "{name}"` at the top of {PROJECT_FILE}.',
        )
    raise _unknown(name, sorted(user.profiles))


def _unknown(name: str, known: list[str]) -> StctlError:
    hint = f"There is {', '.join(known)}." if known else "Make one with `stctl profile add`."
    return StctlError(ErrorKind.SETTING_INVALID, f"There is no profile {name!r}.", hint=hint)


def _stronger(context: Context, project: SettingsFile) -> str | None:
    """What overrides the choice here and now."""
    if context.environ.get(PROFILE_VARIABLE):
        return f"{PROFILE_VARIABLE}={context.environ[PROFILE_VARIABLE]}"
    return f"{PROJECT_FILE}, which chooses {project.profile!r}" if project.profile else None


@app.command("show")
@takes_output
@takes_core_flags
def show(
    ctx: typer.Context,
    name: NameInForce = None,
    *,
    flags: Mapping[str, str | None],
    printer: Printer,
) -> None:
    """Show every setting that is in force, and where it came from. A key itself is never shown.

    Flags, variables and files count as they do for any command.
    """
    from stctl.cli.profile_show import settings_in_force
    from stctl.render.profile import shown

    wanted = {**flags, **({} if name is None else {"profile": name})}
    printer.show(shown(settings_in_force(look_up(Context.of(ctx), wanted))))


@app.command("remove")
@takes_output
def remove(
    ctx: typer.Context, name: NameArgument, *, yes: YesOption = False, printer: Printer
) -> None:
    """Remove a profile from your settings, and the key that stctl keeps for it."""
    from stctl.cli.profile_files import drop_profile
    from stctl.cli.profile_keys import forget
    from stctl.render.profile import removed

    context = Context.of(ctx)
    profiles = user_file(context).profiles
    if name not in profiles:
        raise _unknown(name, sorted(profiles))
    confirm(context, f"Remove the profile {name} and the key that is kept for it?", yes=yes)
    drop_profile(context.config_folder / USER_FILE, name)
    forget(profiles[name], key_folder(context))
    printer.show(removed(name))


@app.command("test")
@takes_output
@takes_core_flags
def try_hosts(
    ctx: typer.Context,
    name: NameInForce = None,
    *,
    flags: Mapping[str, str | None],
    printer: Printer,
) -> None:
    """Ask every host of a profile whether it answers and takes the key; exit status 3 if not."""
    from stctl.checks.hosts import ask_hosts
    from stctl.render.profile import tested

    context = Context.of(ctx)
    wanted = {**flags, **({} if name is None else {"profile": name})}
    target = core_target(context, wanted)
    if target.url is None:
        raise StctlError(ErrorKind.USAGE, "No address of a core is set: there is nothing to test.")
    found = ask_hosts(
        target.url, api_key=target.api_key, app_id=target.app_id, timeout_s=target.timeout_s
    )
    printer.show(tested(target.profile, found))
    if not all(one.is_good for one in found):
        raise typer.Exit(ErrorKind.ANSWER_IS_NO.exit_status)
