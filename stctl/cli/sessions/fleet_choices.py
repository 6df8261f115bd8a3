"""Options for work on the sessions of many users, as types."""

from typing import Annotated

import typer

_PANEL = "Many users"


def _option(*names: str, text: str, metavar: str | None = None) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        *names, help=text, metavar=metavar, rich_help_panel=_PANEL, show_default=False
    )
    return option


AllUsers = Annotated[
    bool,
    _option(
        "--all-users", text="Every user of the core: of all tenants, or of `--tenant` if given."
    ),
]
FromFile = Annotated[
    str | None,
    _option(
        "--from-file",
        text="Sessions and users of a file, `-` for standard input: a handle a line, or JSON "
        "lines with `handle` or `user_id`.",
        metavar="FILE",
    ),
]
OlderThan = Annotated[
    str | None,
    _option("--older-than", text="Only sessions made this long ago or longer.", metavar="DURATION"),
]
Where = Annotated[
    list[str] | None,
    _option(
        "--where",
        text="Only sessions for which this holds, such as `payload.role=admin`; signs are "
        "`= != < <= > >=`. Repeatable: all must hold.",
        metavar="CONDITION",
    ),
]
Concurrency = Annotated[
    int | None,
    typer.Option(
        "--concurrency",
        min=1,
        max=64,
        metavar="N",
        help="Calls under way at once; 8 on the network, 1 on the embedded core's own file.",
        rich_help_panel=_PANEL,
        show_default=False,
    ),
]
Rate = Annotated[
    float | None,
    typer.Option(
        "--rate",
        min=0.01,
        metavar="N",
        help="Calls a second at most.",
        rich_help_panel=_PANEL,
        show_default=False,
    ),
]
Resume = Annotated[bool, _option("--resume", text="Go on where the same command was interrupted.")]
