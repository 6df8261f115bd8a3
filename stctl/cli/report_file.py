"""Writing a report where it was asked for, and nowhere else."""

from pathlib import Path
from typing import TextIO

from stctl.cli.context import Context
from stctl.errors import ErrorKind, StctlError


def check_place(path: Path, *, force: bool) -> None:
    """Raise before any work is done where a report could not be written afterwards.

    OUTPUT_FAILED for a file that is there and may not be replaced, and for a folder that is not.
    """
    if path.is_dir():
        raise StctlError(ErrorKind.OUTPUT_FAILED, f"{path} is a folder.", hint="Name a file in it.")
    if path.exists() and not force:
        raise StctlError(
            ErrorKind.OUTPUT_FAILED,
            f"{path} is there already, and was not touched.",
            hint="Name another file, or give --force to replace it.",
        )
    if not path.parent.is_dir():
        raise StctlError(ErrorKind.OUTPUT_FAILED, f"There is no folder {path.parent}.", hint="")


def write_report(path: Path, text: str, *, force: bool, is_private: bool) -> None:
    """Write a whole report or nothing; a private one can be read by its owner alone.

    Raises OUTPUT_FAILED when a file came up meanwhile, or when it cannot be written.
    """
    target = path.with_name(f".{path.name}.new") if force else path
    try:
        if force:
            target.unlink(missing_ok=True)
        _write_new(target, text, is_private=is_private)
        if force:
            target.replace(path)
    except FileExistsError:
        raise StctlError(ErrorKind.OUTPUT_FAILED, f"{target} is there already.", hint="") from None
    except OSError as problem:
        reason = problem.strerror or problem
        raise StctlError(ErrorKind.OUTPUT_FAILED, f"Cannot write {path}: {reason}.") from None


def _write_new(path: Path, text: str, *, is_private: bool) -> None:
    import os

    def opened(name: str, flags: int) -> int:
        # What is masked may be read by others as far as the user's umask lets them.
        return os.open(name, flags, 0o600 if is_private else 0o666)

    with open(path, "x", encoding="utf-8", newline="\n", opener=opened) as file:
        try:
            file.write(text)
            file.flush()
        except OSError:
            path.unlink()
            raise


def standard_output(context: Context) -> TextIO:
    """Where a report goes without a file; a terminal is no place for a page.

    Raises USAGE on a terminal.
    """
    out = context.printer.out
    if out.is_terminal:
        raise StctlError(
            ErrorKind.USAGE,
            "A report is no text for a terminal.",
            hint="Give -o FILE.html or -o FILE.md, or send it into a file or a pipe.",
        )
    return out.stream
