"""The one question before something is changed for good."""

import sys

from stctl.cli.context import Context
from stctl.errors import ErrorKind, StctlError


def confirm(context: Context, question: str, *, yes: bool) -> None:
    """Return when the person, or `--yes`, agrees.

    Raises `not-confirmed` when the answer is anything but yes, and when there is no terminal to
    ask at. The question goes to standard error: standard output is for results.
    """
    if yes:
        return
    if not context.can_ask:
        raise StctlError(
            ErrorKind.NOT_CONFIRMED,
            "This changes things for good, and there is no terminal to ask at.",
            hint="Look at it with --dry-run, then give --yes.",
        )
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise StctlError(ErrorKind.NOT_CONFIRMED, "Nothing was changed.", hint="")
