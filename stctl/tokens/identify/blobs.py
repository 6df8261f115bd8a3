"""Finds tokens in JSON: answers of a core, recordings of a browser, anything that holds strings."""

import json
from collections.abc import Iterator
from typing import Final

from stctl.jsontypes import JsonValue
from stctl.tokens.identify.labels import AUTHORIZATION, COOKIES, HEADERS, expected_under
from stctl.tokens.identify.model import Finding, Found, Kind, Source
from stctl.tokens.identify.scan import scan
from stctl.tokens.identify.value import read_value

_BARE: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-.%;")
_HOLDERS: Final = {"token", "value", "jwt"}


def read_blob(text: str) -> JsonValue:
    """The JSON value of a text, or None where it is no JSON object or array."""
    if not text.startswith(("{", "[")):
        return None
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def scan_blob(value: JsonValue) -> Iterator[Found]:
    """Everything in the strings of a JSON value that is a token or should be one; in order."""
    waiting: list[tuple[str, str | None, JsonValue]] = [("", None, value)]
    while waiting:
        path, label, item = waiting.pop()
        if isinstance(item, str):
            yield from _scan_string(path, label, item)
        elif isinstance(item, list):
            members = [(f"{path}[{index}]", label, inner) for index, inner in enumerate(item)]
            waiting.extend(reversed(members))
        elif isinstance(item, dict):
            waiting.extend(reversed(list(_members(path, label, item))))


def _members(
    path: str, label: str | None, item: dict[str, JsonValue]
) -> Iterator[tuple[str, str | None, JsonValue]]:
    # The form in which recordings and cookie exports keep headers and cookies.
    name = item.get("name")
    if isinstance(name, str) and isinstance(item.get("value"), str):
        yield path, name, item["value"]
        return
    for key, inner in item.items():
        own = label if key.lower() in _HOLDERS and label is not None else key
        yield (f"{path}.{key}" if path else key), own, inner


def _scan_string(path: str, label: str | None, text: str) -> Iterator[Found]:
    expected = expected_under(label) if label else None
    if expected is not None and text and _BARE.issuperset(text):
        yield read_value(text, _source(path, label), expected)
        return
    named = f"{label}: {text}" if label and _is_header(label) else text
    for found in scan(named):
        yield _inside(path, label, found, expected)


def _is_header(label: str) -> bool:
    return label.lower() in {*HEADERS, *COOKIES, AUTHORIZATION, "cookie", "set-cookie"}


def _source(path: str, label: str | None) -> Source:
    lower = (label or "").lower()
    if lower in COOKIES:
        return Source(place="cookie", name=label, line=hash(path))
    if lower in HEADERS:
        return Source(place="header", name=label)
    return Source(place="member", name=path)


def _inside(path: str, label: str | None, found: Found, expected: Kind | None) -> Found:
    if found.source.place != "position":
        return found._replace(source=found.source._replace(line=hash(path)))
    source = _source(path, label)
    if isinstance(found, Finding) and expected is not None:
        return found._replace(source=source, expected=expected)
    return found._replace(source=source)
