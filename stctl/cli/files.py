"""Reading the files that a person names."""

from pathlib import Path

from stctl.errors import ErrorKind, StctlError


def read_text_file(path: Path, what: str) -> str:
    """The text of a file, read as UTF-8.

    Raises `input-unreadable` with the path when it is missing, forbidden or no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE, f"Cannot read {what} {path}: {reason}."
        ) from None


def write_private_file(path: Path, text: str, what: str) -> None:
    """Write a file that only its owner may read; one that is there is replaced.

    Raises `output-failed` with the path when that cannot be done.
    """
    import os

    def private(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    try:
        with open(path, "w", encoding="utf-8", newline="\n", opener=private) as file:
            file.write(text)
    except OSError as problem:
        raise StctlError(
            ErrorKind.OUTPUT_FAILED, f"Cannot write {what} {path}: {problem.strerror}."
        ) from None
