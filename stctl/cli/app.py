"""The root of the command line: lazy commands, and the one place where errors end.

Each command lives in a module of its own that is imported only when the command is named (or
listed), so that a short command does not pay for the long ones.
"""

import importlib
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from stctl.cli.context import Context
from stctl.errors import ErrorKind, StctlError

COMMANDS = {
    "decode": "stctl.cli.decode",
    "sessions": "stctl.cli.sessions",
    "users": "stctl.cli.users",
    "roles": "stctl.cli.roles",
    "tenants": "stctl.cli.tenants",
    "simulate": "stctl.cli.simulate",
    "record": "stctl.cli.record",
    "explain": "stctl.cli.explain",
    "diagnose": "stctl.cli.diagnose",
    "lineage": "stctl.cli.lineage",
    "replay": "stctl.cli.replay",
    "report": "stctl.cli.report",
    "handlers": "stctl.cli.handlers",
    "verify": "stctl.cli.verify",
    "keys": "stctl.cli.keys",
    "doctor": "stctl.cli.doctor",
    "core": "stctl.cli.core",
    "profile": "stctl.cli.profile",
}
"""Every command with the module that holds its `app`, in the order of the help."""

_PIPE_CLOSED = 141
# Typer keeps the class of usage errors private; its public subclass leads there.
_UsageError = typer.BadParameter.__mro__[1]


class _LazyCommands(MutableMapping[str, Any]):
    """Commands by name, each imported when it is first looked at."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            module = importlib.import_module(COMMANDS[name])
            self._made[name] = typer.main.get_command(module.app)
        return self._made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class CommandGroup(typer.core.TyperGroup):
    """A group that shows its help, and ends well, when no command is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; none at all mean `--help`."""
        if not args and not ctx.resilient_parsing:
            args = ["--help"]
        return super().parse_args(ctx, args)


class RootGroup(CommandGroup):
    """The root: finds commands, and turns every error into one message and exit status."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _LazyCommands()

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments before the command, which may ask for help or the version."""
        with _one_end(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named.

        A session failure is an answer and never comes this way; see `stctl.errors`.
        """
        with _one_end(ctx):
            return super().invoke(ctx)


@contextmanager
def _one_end(ctx: Any) -> Iterator[None]:
    """Turn whatever goes wrong inside into one message and exit status."""
    context = Context.of(ctx)
    try:
        try:
            yield
        finally:
            # What cannot be written is to be told here, and not when the interpreter ends.
            sys.stdout.flush()
    except StctlError as error:
        raise _ended(context, error) from None
    except KeyboardInterrupt:
        raise _ended(context, StctlError(ErrorKind.INTERRUPTED, "Interrupted.")) from None
    except BrokenPipeError:
        _drop_output()
        raise typer.Exit(_PIPE_CLOSED) from None
    except SystemExit:  # what rich, which Typer's help is written with, makes of a closed pipe
        raise typer.Exit(_PIPE_CLOSED) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as problem:
        raise _unforeseen(context, problem) from problem


def _unforeseen(context: Context, problem: Exception) -> BaseException:
    """What becomes of an exception that is not stctl's own."""
    if isinstance(problem, _UsageError):
        if not context.wants_json:
            return problem
        text = str(getattr(problem, "message", problem))
        return _ended(context, StctlError(ErrorKind.USAGE, text))
    if context.environ.get("STCTL_TRACEBACK"):
        return problem
    if isinstance(problem, OSError) and problem.filename is None:
        _drop_output()
        return _ended(context, StctlError(ErrorKind.OUTPUT_FAILED, _why(problem)))
    return _ended(context, StctlError(ErrorKind.BUG, f"{type(problem).__name__}: {problem}"))


def _why(problem: OSError) -> str:
    return f"The result cannot be written: {problem.strerror or problem}."


def _ended(context: Context, error: StctlError) -> typer.Exit:
    context.printer.fail(error)
    return typer.Exit(error.kind.exit_status)


def _drop_output() -> None:
    """Keep the interpreter from writing once more, when it ends, what cannot be written."""
    import os
    from io import UnsupportedOperation

    with suppress(UnsupportedOperation):  # not a file of the system, as in a test
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


app = typer.Typer(
    name="stctl",
    cls=RootGroup,
    help="Debug and operate SuperTokens sessions: decode any token, list and revoke sessions, make "
    "each session error happen, explain recorded traffic.",
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from stctl import __version__

        sys.stdout.write(f"stctl {__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """Everything that is done before a command runs: nothing."""
    del version
