"""What commands that read traces share: options, the app's settings, and what was unreadable."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stctl.cli.context import Context
from stctl.cli.files import read_text_file
from stctl.cli.options import Command, with_options
from stctl.cli.settings import PROJECT_FILE
from stctl.errors import ErrorKind, StctlError
from stctl.traces.model import TraceFormat

if TYPE_CHECKING:
    from stctl.cli.settings import CoreTarget
    from stctl.traces.explain.keys import KeySet
    from stctl.traces.explain.known_app import KnownApp
    from stctl.traces.explain.story import Told
    from stctl.traces.readers import Trace

TracesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="TRACE…", help="Recorded traces; `-` for standard input.", show_default=False
    ),
]
TraceArgument = Annotated[
    str,
    typer.Argument(
        metavar="TRACE", help="A recorded trace; `-` for standard input.", show_default=False
    ),
]

_TOKENS_HIDDEN = (
    "Cookies and authorization were taken out of this trace: which tokens were sent is inferred."
)

_READING = {
    "sdk": (
        Annotated[
            str | None,
            typer.Option(
                "--sdk",
                metavar="SDK[@VERSION]",
                help="Backend SDK of the app: node, python or go. Older versions behave "
                "differently.",
                show_default=False,
            ),
        ],
        None,
    ),
    "app_config": (
        Annotated[
            str | None,
            typer.Option(
                "--app-config",
                metavar="FILE",
                help="TOML file with an `[app]` table: what is known of the app. Without it "
                "`./stctl.toml`, where there is one.",
                show_default=False,
            ),
        ],
        None,
    ),
    "form": (
        Annotated[
            TraceFormat | None,
            typer.Option("--format", help="Format of the traces.", show_default="found out"),
        ],
        None,
    ),
}


def reads_traces(command: Command) -> Command:
    """Add `--sdk`, `--app-config` and `--format`; the command is given `reading`."""

    def finish(ctx: typer.Context, given: dict[str, Any]) -> dict[str, Any]:
        context = Context.of(ctx)
        known = known_app(context, given["app_config"], given["sdk"])
        return {"reading": TraceReading(context=context, known=known, form=given["form"])}

    return with_options(command, _READING, "reading", finish)


@dataclass(slots=True, kw_only=True)
class TraceReading:
    """Reads traces, explained, and keeps count of what could not be read."""

    context: Context
    known: "KnownApp"
    form: TraceFormat | None = None
    keys: "KeySet | None" = None
    """What signatures are checked with; None leaves them unchecked."""
    damaged: int = 0

    def told(self, name: str) -> "Iterator[Told]":
        """What a trace tells, request after request, without its damage; closes it at the end.

        Raises INPUT_UNREADABLE when it cannot be opened, or is in no known format.
        """
        from stctl.cli.decode_input import binary
        from stctl.traces.readers import open_trace

        with open_trace(name, stdin=binary(self.context.stdin), form=self.form) as trace:
            yield from self.told_in(trace)

    def told_in(self, trace: "Trace") -> "Iterator[Told]":
        """The same of a trace that is open."""
        from stctl.traces.explain.telling import told_of

        return self.readable(told_of(trace, self.known, self.keys))

    def readable(self, told: "Iterable[Told]") -> "Iterator[Told]":
        """The same without damage, which is told on standard error and counted.

        Told there as well, once, is that tokens were taken out of a trace.
        """
        from stctl.traces.explain.explanation import Explanation
        from stctl.traces.model import Damage

        hides_tokens = False
        for item in told:
            if isinstance(item, Damage):
                self.damaged += 1
                self.context.printer.remark(f"Unreadable: {item.sentence()}")
                continue
            if isinstance(item, Explanation) and item.evidence.hides_tokens and not hides_tokens:
                hides_tokens = True
                self.context.printer.remark(_TOKENS_HIDDEN)
            yield item

    def end(self) -> None:
        """Raise PARTLY_DONE when parts of a trace could not be read."""
        if self.damaged:
            parts = "one part" if self.damaged == 1 else f"{self.damaged:,} parts"
            raise StctlError(
                ErrorKind.PARTLY_DONE,
                f"The answer leaves out {parts} of the trace that could not be read.",
                hint="The places are named above.",
            )


def known_app(context: Context, file: str | None, sdk: str | None) -> "KnownApp":
    """What is known of the app: the `[app]` table of a file, and `--sdk`, which is the stronger.

    Raises INPUT_UNREADABLE for a file that is no TOML, SETTING_INVALID for settings that cannot be.
    """
    from dataclasses import replace

    from stctl.recipe.profiles.version import parse_sdk

    known = _from_file(context, file)
    return known if sdk is None else replace(known, sdk=parse_sdk(sdk))


def _from_file(context: Context, file: str | None) -> "KnownApp":
    from stctl.traces.explain.known_app import KnownApp, read_known_app

    path = context.working_folder / PROJECT_FILE if file is None else Path(file).expanduser()
    if file is None and not path.is_file():
        return KnownApp()
    import tomllib

    try:
        table = tomllib.loads(read_text_file(path, "the app's settings")).get("app", {})
    except tomllib.TOMLDecodeError as problem:
        raise StctlError(ErrorKind.INPUT_UNREADABLE, f"{path}: {problem}.") from None
    if not isinstance(table, dict):
        raise StctlError(ErrorKind.SETTING_INVALID, f"{path}: [app] is no table.")
    return read_known_app(table, str(path))


def key_set(
    context: Context, find_target: "Callable[[], CoreTarget]", *, verify: bool, jwks: str | None
) -> "KeySet | None":
    """The key set to check signatures with; None where that was not asked for."""
    if not verify and jwks is None:
        return None
    from stctl.cli.decode_tools import signature_check
    from stctl.traces.explain.keys import KeySet

    return KeySet(signature_check(context, find_target(), jwks))
