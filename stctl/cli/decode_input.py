"""Where the texts come from that are decoded: arguments, files, standard input."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from stctl.errors import ErrorKind, StctlError

STDIN: Final = "-"
LARGEST_PASTE_BYTES: Final = 64 * 1024 * 1024
LONGEST_LINE_BYTES: Final = 1024 * 1024
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")

Paste = tuple[str, str]
"""A name for it, empty where there is only one, and its text."""


def read_pastes(words: Sequence[str], files: Sequence[str], stdin: TextIO) -> list[Paste]:
    """The texts that were given, in order.

    A word is a token or any other text, `-` for standard input, or `@FILE`. A command line that
    was given word by word (`-- curl URL -H …`) is one text. Without any word, standard input is
    read unless it is a terminal. Raises `usage` where there is nothing, and `input-unreadable`
    for a file that cannot be read.
    """
    given = list(words)
    if given[:1] == ["curl"]:
        given = ["\n".join(given)]
    if not given and not files:
        given = [STDIN]
        if stdin.isatty():
            raise StctlError(
                ErrorKind.USAGE,
                "There is nothing to decode.",
                hint="Give a token, `-` for standard input, or `--file FILE`.",
            )
    pastes = [_read_word(number, word, stdin) for number, word in enumerate(given, start=1)]
    pastes += [(f"file {file}", _read_file(file)) for file in files]
    return [("", pastes[0][1])] if len(pastes) == 1 else pastes


def _read_word(number: int, word: str, stdin: TextIO) -> Paste:
    if word == STDIN:
        return "standard input", _text(_read_at_most(binary(stdin), "standard input"))
    if word.startswith("@") and len(word) > 1:
        return f"file {word[1:]}", _read_file(word[1:])
    return f"argument {number}", word


def _read_file(name: str) -> str:
    path = Path(name).expanduser()
    try:
        with path.open("rb") as file:
            return _text(_read_at_most(file, str(path)))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "that is no path"
        raise StctlError(ErrorKind.INPUT_UNREADABLE, f"Cannot read {name}: {reason}.") from problem


def _read_at_most(source: BinaryIO, name: str) -> bytes:
    raw = source.read(LARGEST_PASTE_BYTES + 1)
    if len(raw) > LARGEST_PASTE_BYTES:
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE,
            f"{name} is larger than 64 MiB.",
            hint="Read it line by line: `stctl decode - -o ndjson`.",
        )
    return raw


def binary(stream: TextIO) -> BinaryIO:
    """The bytes under a text stream, so that no encoding can fail."""
    buffer: BinaryIO = stream.buffer
    return buffer


def _text(raw: bytes) -> str:
    """Text of any bytes; what is no text becomes U+FFFD. Windows shells pipe UTF-16."""
    if raw.startswith(_UTF_16_MARKS):
        return raw.decode("utf-16", "replace")
    return raw.decode("utf-8", "replace")


def read_lines(source: BinaryIO) -> Iterator[tuple[int, str | None]]:
    """Lines that are not blank, each with its number from 1, one in memory at a time.

    None in place of a line that is longer than one MiB.
    """
    number = 0
    while raw := source.readline(LONGEST_LINE_BYTES + 1):
        number += 1
        if len(raw) > LONGEST_LINE_BYTES and not raw.endswith(b"\n"):
            _skip_line(source)
            yield number, None
        elif not raw.isspace():
            yield number, _text(raw)


def _skip_line(source: BinaryIO) -> None:
    while (raw := source.readline(LONGEST_LINE_BYTES)) and not raw.endswith(b"\n"):
        pass
