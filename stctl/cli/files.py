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
