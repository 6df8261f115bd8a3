"""The manual page, in roff."""

import re
from collections.abc import Iterator

from generator.tree import Command, Parameter
from stctl import __version__
from stctl.cli.settings import SETTINGS
from stctl.errors import ErrorKind

_INDENTED = "    "


def man_page(root: Command) -> str:
    """`stctl.1`: all commands on one page."""
    lines = [
        '.\\" Written by docs/generate.py; change the code it is read from.',
        # No date: the page must not change from one day to the next.
        f'.TH STCTL 1 "" "stctl {__version__}" "User Commands"',
        ".SH NAME",
        "stctl \\- debug and operate SuperTokens sessions",
        ".SH SYNOPSIS",
        f".B {_escaped(root.usage)}",
        ".SH DESCRIPTION",
        *_prose(root.help),
        ".SH OPTIONS",
        *_parameters(root),
        ".SH COMMANDS",
        *(line for command in root.walk() if command is not root for line in _command(command)),
        ".SH ENVIRONMENT",
        *_environment(),
        ".SH EXIT STATUS",
        *_exit_statuses(),
    ]
    return "\n".join(lines) + "\n"


def _command(command: Command) -> Iterator[str]:
    yield f".SS {_escaped(command.usage)}"
    yield from _prose(command.help)
    yield from _parameters(command)
    yield from _prose(command.epilog)


def _parameters(command: Command) -> Iterator[str]:
    for one in command.parameters:
        yield ".TP"
        names = ", ".join(f"\\fB{_escaped(name)}\\fR" for name in one.names)
        takes = "" if one.is_argument or not one.takes else f" \\fI{_escaped(one.takes)}\\fR"
        yield names + takes
        yield _text(_explained(one))


def _explained(one: Parameter) -> str:
    repeats = " Repeats." if one.repeats and not one.is_argument else ""
    default = f" Default: {one.default}." if one.default else ""
    return f"{one.help}{repeats}{default}"


def _environment() -> Iterator[str]:
    for setting in SETTINGS:
        yield from (".TP", f".B {setting.variable}", _text(setting.meaning))


def _exit_statuses() -> Iterator[str]:
    yield from (".TP", ".B 0", "The work is done, and the answer is yes.")
    for kind in ErrorKind:
        yield from (".TP", f".B {kind.exit_status}", _text(f"{kind.code}: {kind.value.meaning}"))


def _prose(markdown: str) -> Iterator[str]:
    """Paragraphs, list items and indented examples."""
    for paragraph in filter(None, markdown.split("\n\n")):
        lines = paragraph.splitlines()
        if all(line.startswith(_INDENTED) for line in lines):
            yield from (".PP", ".nf", *(_escaped(line) for line in lines), ".fi")
        elif lines[0].startswith("- "):
            items = paragraph.removeprefix("- ").split("\n- ")
            yield from (part for item in items for part in (".IP \\(bu 2", _text(item)))
        else:
            yield from (".PP", _text(paragraph))


def _text(markdown: str) -> str:
    """One line of roff; code and strong words in bold type."""
    line = _escaped(" ".join(markdown.split()))
    return re.sub(r"`([^`]+)`|\*\*([^*]+)\*\*", r"\\fB\1\2\\fR", line)


def _escaped(text: str) -> str:
    safe = text.replace("\\", "\\e").replace("-", "\\-")
    # Not every troff is told that the page is UTF-8.
    safe = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in safe)
    # A point or quote that begins a line would be read as a request.
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe
