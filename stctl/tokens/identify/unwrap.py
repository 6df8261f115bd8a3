"""Undoes what shells, cookies and URLs do to a token."""

import re
from typing import Final

from stctl.tokens.identify.model import Undone

_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_JSON_ESCAPE: Final = re.compile(r"\\u00([2-7][0-9A-Fa-f])|\\/")
_QUOTES: Final = "\"'`"
_DEEPEST: Final = 3


def unwrap(value: str) -> tuple[str, tuple[Undone, ...]]:
    """The value without quotes, delimiters at its ends and percent-encoding, and what was undone.

    Percent-encoding is undone up to three times: proxies and hand-made clients encode twice.
    `+` stays `+`; in a token it is a character like any other.
    """
    undone: list[Undone] = []
    bare = value.strip().rstrip(";,")
    if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in _QUOTES:
        bare = bare[1:-1]
        undone.append("quotes")
    for _ in range(_DEEPEST):
        decoded = decode_percent(bare)
        if decoded == bare:
            break
        bare = decoded
        undone.append("percent-encoding")
    return bare, tuple(undone)


def decode_percent(text: str) -> str:
    """`text` with each `%XX` as the character of that code; what is no escape stays."""
    if "%" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(int(found.group()[1:], 16)), text)


def plain_text(text: str) -> str:
    """A paste without the escapes of a Windows command line and of JSON inside other text."""
    if '^"' in text or "^%^" in text:
        text = text.replace("^", "")
    if "\\" not in text:
        return text
    return _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else "/", text)
