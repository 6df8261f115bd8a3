"""Finds tokens in running text: headers, cookies, commands, logs, anything."""

import re
from collections.abc import Iterator
from typing import Final

from stctl.tokens.identify.labels import (
    AUTHORIZATION,
    BEFORE,
    COOKIES,
    HEADERS,
    LABELLED,
    expected_under,
)
from stctl.tokens.identify.model import Cleared, Found, Place, Source
from stctl.tokens.identify.value import read_value

_RUN = r"[A-Za-z0-9+/_%-]"
_EDGE = r"""(?<![^\s;:,="'`\\^<>(){}\[\]&|?#@])"""
_TO_DELIMITER = r"""[^\s;,"'`\\^<>(){}\[\]&|]*+"""
_UUID = "-".join(rf"[0-9a-fA-F]{{{count}}}" for count in (8, 4, 4, 4, 12))
_UNLABELLED: Final = (
    # Possessive counts: a run of ten million characters is looked at once. The forms are base64 of
    # a JSON object, and base64 before a nonce; other dotted words are host names and file names.
    rf"{_EDGE}(?P<form>eyJ{_RUN}{{12,}}+=*+(?:\.{_TO_DELIMITER})?"
    rf"|{_RUN}{{20,}}+(?:=|%(?:25)*3D)*+\.[0-9a-fA-F]{{32,}}+\.{_TO_DELIMITER})"
    rf"|(?<![\w-])(?P<uuid>{_UUID}(?:_[0-9a-zA-Z-]+)?)(?![\w-])"
)
CANDIDATES: Final = re.compile(f"{LABELLED.pattern}|{_UNLABELLED}", re.IGNORECASE)
_REMOVE: Final = "remove"
_BEARER: Final = "bearer"
_LOOK_BACK: Final = 96
_LONGEST_LINE_LOOKED_AT: Final = 20_000
_SET_COOKIE: Final = re.compile(r"set-cookie2?[\"'^]*[ \t]*[:=,]", re.IGNORECASE)


def scan(text: str) -> Iterator[Found]:
    """Everything in `text` that is a token, should be one, or takes one away; in order.

    Bare UUIDs without a known name are among it, since nothing but their surroundings can tell
    whether they matter.
    """
    for match in CANDIDATES.finditer(text):
        found = _labelled(text, match) if match["label"] else _unlabelled(text, match)
        if found is not None:
            yield found


def _labelled(text: str, match: re.Match[str]) -> Found | None:
    label, scheme, value = match["label"], match["scheme"], match["value"]
    is_authorization = label.lower() == AUTHORIZATION
    if scheme and not (is_authorization and scheme.lower() == _BEARER):
        return None
    expected = expected_under(label)
    source = _source(text, match.start("label"), label, match["between"], scheme=scheme)
    if expected is not None and value.strip() in {"", _REMOVE}:
        return Cleared(source=source, expected=expected) if _clears(label, match) else None
    return read_value(value, source, expected) if value else None


def _clears(label: str, match: re.Match[str]) -> bool:
    """Whether an empty value means something: only where cookies and headers are written."""
    if match["value"]:
        return True
    following = match.string[match.end() : match.end() + 1]
    is_known = label.lower() in COOKIES or label.lower() in HEADERS
    return is_known and following in {"", ";", "\n", "\r", '"', "'"}


def _source(
    text: str, start: int, label: str, between: str, *, scheme: str | None = None
) -> Source:
    line = max(text.rfind("\n", 0, start), start - _LONGEST_LINE_LOOKED_AT, -1) + 1
    return Source(
        place=_place(text, line, start, label, between),
        name=label,
        position=start,
        line=line,
        scheme=scheme,
    )


def _place(text: str, line: int, start: int, label: str, between: str) -> Place:
    lower = label.lower()
    if lower == AUTHORIZATION:
        return "header"
    if lower in COOKIES or (lower in HEADERS and "=" in between):
        return "set-cookie" if _SET_COOKIE.search(text, line, start) else "cookie"
    return "header" if lower in HEADERS else "member"


def _unlabelled(text: str, match: re.Match[str]) -> Found | None:
    start = match.start()
    before = BEFORE.search(text, max(0, start - _LOOK_BACK), start)
    if before is None:
        source = Source(place="position", position=start, line=start)
        return read_value(match.group(), source, None)
    name = before["name"]
    source = _named_source(text, before)
    expected = expected_under(name)
    return read_value(match.group(), source, expected)


def _named_source(text: str, before: re.Match[str]) -> Source:
    name, between = before["name"], before["between"]
    source = _source(text, before.start(), name, between)
    if source.place != "member":
        return source
    # A renamed cookie or header: what stands between says which of the two it is.
    place: Place = "cookie" if "=" in between else "header"
    if '"' in between or "'" in between:
        place = "member"
    elif place == "cookie" and _SET_COOKIE.search(text, source.line, before.start()):
        place = "set-cookie"
    return Source(place=place, name=name, position=source.position, line=source.line)
