"""The reference of commands."""

from collections.abc import Iterator

from generator.pages import code, page, table
from generator.tree import Command, Parameter


def commands_page(root: Command) -> str:
    """Every command with its arguments, options and epilog."""
    listing = table(
        ("command", "what it does"),
        (
            (f"[`{command.path}`](#{_anchor(command)})", command.summary)
            for command in root.walk()
            if not command.children
        ),
    )
    return page(
        "Commands",
        "Every command takes `-h` or `--help`. An option that repeats may be given several times.",
        listing,
        *(part for command in root.walk() for part in _section(command)),
    )


def _anchor(command: Command) -> str:
    return command.path.replace(" ", "-")


def _section(command: Command) -> Iterator[str]:
    yield f"## {command.path}"
    yield command.help
    yield f"```text\n{command.usage}\n```"
    yield table(
        ("argument", "meaning", "default"),
        ((code(one.names[0]), _meaning(one), code(one.default)) for one in command.arguments),
    )
    yield table(
        ("option", "meaning", "default"),
        ((_option(one), _meaning(one), code(one.default)) for one in command.options),
    )
    yield command.epilog


def _option(option: Parameter) -> str:
    names = ", ".join(code(name) for name in option.names)
    return f"{names} {code(option.takes)}".rstrip()


def _meaning(parameter: Parameter) -> str:
    remarks = [parameter.help]
    if parameter.is_required and not parameter.is_argument:
        remarks.append("Required.")
    if parameter.repeats and not parameter.is_argument:
        remarks.append("Repeats.")
    return " ".join(remarks)
