"""The tree of commands as plain values, read from Typer's public attributes.

Nothing here depends on the terminal, its width or the environment, which `--help` does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import typer
import typer.main

# Typer has renamed these types between releases; the pages name them once and for all.
_TYPE_WORDS = {
    "boolean": "",
    "choice": "",
    "float": "NUMBER",
    "float range": "NUMBER",
    "int": "INTEGER",
    "int range": "INTEGER",
    "integer": "INTEGER",
    "integer range": "INTEGER",
    "path": "PATH",
    "str": "TEXT",
    "text": "TEXT",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """An argument or an option of a command."""

    names: tuple[str, ...]
    """How it is written: `("-o", "--output")`, or the metavar of an argument."""
    is_argument: bool
    takes: str
    """What stands after the name: `FILE`, `table|json`; empty for a switch."""
    choices: tuple[str, ...]
    """The values that it takes, where they are a closed set."""
    help: str
    default: str
    """As it is typed; empty where leaving it out means nothing special."""
    is_required: bool
    repeats: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command with all that its `--help` tells, and the commands below it."""

    path: str
    """The words that lead to it, `stctl` included."""
    help: str
    epilog: str
    parameters: tuple[Parameter, ...]
    children: tuple["Command", ...]

    @property
    def summary(self) -> str:
        """The first paragraph of the help, on one line."""
        return " ".join(self.help.split("\n\n")[0].split())

    @property
    def arguments(self) -> tuple[Parameter, ...]:
        """The parameters that have no name on the command line."""
        return tuple(one for one in self.parameters if one.is_argument)

    @property
    def options(self) -> tuple[Parameter, ...]:
        """The parameters that begin with a dash."""
        return tuple(one for one in self.parameters if not one.is_argument)

    @property
    def usage(self) -> str:
        """The line that shows what may follow the words of the command."""
        parts = [self.path]
        if self.options:
            parts.append("[OPTIONS]")
        if self.children:
            parts.append("COMMAND")
        return " ".join([*parts, *map(_argument_in_usage, self.arguments)])

    def walk(self) -> Iterator["Command"]:
        """This command and all below it, each before its children."""
        yield self
        for child in self.children:
            yield from child.walk()


def command_tree(app: typer.Typer, name: str) -> Command:
    """Every command of an application that is not hidden."""
    return _command(typer.main.get_command(app), name)


def _command(made: Any, path: str) -> Command:
    below = getattr(made, "commands", {})
    children = ((name, below[name]) for name in below)
    return Command(
        path=path,
        help=(made.help or "").strip(),
        epilog=(made.epilog or "").strip(),
        parameters=tuple(_parameter(one) for one in made.params if not one.hidden),
        children=tuple(
            _command(child, f"{path} {name}") for name, child in children if not child.hidden
        ),
    )


def _parameter(made: Any) -> Parameter:
    is_argument = made.param_type_name == "argument"
    takes = made.metavar or _type_words(made.type)
    if is_argument:
        names = (made.metavar or made.name.upper(),)
    else:
        names = (*made.opts, *made.secondary_opts)
        takes = "" if made.is_flag else takes
    return Parameter(
        names=names,
        is_argument=is_argument,
        takes=takes,
        choices=_choices(made.type),
        help=" ".join((made.help or "").split()) + _bounds(made.type),
        default=_default(made),
        is_required=made.required,
        repeats=made.nargs == -1 or getattr(made, "multiple", False),
    )


def _choices(kind: Any) -> tuple[str, ...]:
    return tuple(_as_typed(choice) for choice in getattr(kind, "choices", ()))


def _type_words(kind: Any) -> str:
    return "|".join(_choices(kind)) or _TYPE_WORDS.get(kind.name, str(kind.name).upper())


def _bounds(kind: Any) -> str:
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    match low, high:
        case None, None:
            return ""
        case _, None:
            return f" At least {low}."
        case None, _:
            return f" At most {high}."
        case _:
            return f" From {low} to {high}."


def _default(made: Any) -> str:
    shown, value = made.show_default, made.default
    if isinstance(shown, str):
        return str(shown)
    if made.required or not shown or value is None or value == [] or value is False:
        return ""
    if callable(value):
        return ""
    if value is True:
        return str(made.opts[-1])
    return _as_typed(value)


def _as_typed(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)


def _argument_in_usage(argument: Parameter) -> str:
    word = argument.names[0]
    if not argument.is_required and not word.startswith("["):
        word = f"[{word}]"
    tells_that_it_repeats = "..." in word or "…" in word
    return word + ("..." if argument.repeats and not tells_that_it_repeats else "")
