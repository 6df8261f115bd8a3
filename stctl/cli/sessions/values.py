"""Reading what a person writes: durations, JSON objects, tokens, lists of handles."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from stctl.cli.context import Context
from stctl.cli.files import read_text_file
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject
from stctl.scenarios.durations import read_duration_ms

if TYPE_CHECKING:
    from stctl.tokens.access import AccessToken


def duration_ms(text: str) -> int:
    """Return the milliseconds of a duration such as `30s`, `1.5h` or `500ms`.

    Raises USAGE without a unit: a bare number means seconds to some and milliseconds to others.
    """
    try:
        return read_duration_ms(text)
    except ValueError as problem:
        raise StctlError(ErrorKind.USAGE, f"{problem}.") from None


def json_object(context: Context, given: str, what: str) -> JsonObject:
    """Return the JSON object that is written, or that a file (`@file`) or input (`-`) holds.

    Raises INPUT_UNREADABLE with the place where the text stops being one.
    """
    text = _text(context, given, what)
    try:
        value = json.loads(text, parse_constant=_no_constant)
        json.dumps(value, allow_nan=False)
    except RecursionError:
        raise _unreadable(what, "it is nested too deeply") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _unreadable(what, f"{error.msg.lower()} at {place}") from None
    except ValueError as error:
        # Python's own words on digits speak of a setting of Python.
        reason = "an integer has too many digits" if "digits" in str(error) else str(error)
        raise _unreadable(what, reason) from None
    if not isinstance(value, dict):
        raise _unreadable(what, 'it is JSON, but not an object like {"name": 1}')
    return value


def token_text(context: Context, given: str, what: str) -> str:
    """Return a token as a core issued it: from the argument, or `-` for the first line of input.

    A token that was copied out of a cookie is percent-encoded, which no token itself ever is.
    """
    token = (_first_line(context, what) if given == "-" else given).strip().strip("\"'")
    if not token:
        raise StctlError(ErrorKind.INPUT_UNREADABLE, f"There is no {what}: the input is empty.")
    if "%" not in token:
        return token
    from urllib.parse import unquote

    return unquote(token)


def access_token(context: Context, given: str) -> "AccessToken":
    """Return an access token, read; raises INPUT_UNREADABLE with what is wrong with it, and where.

    Its signature is not looked at.
    """
    from stctl.tokens.access import parse
    from stctl.tokens.problem import TokenProblem

    try:
        return parse(token_text(context, given, "access token"))
    except TokenProblem as problem:
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE,
            f"This is no access token: {problem}.",
            hint="`stctl decode` says what it is.",
        ) from None


def handles(context: Context, given: Iterable[str]) -> list[str]:
    """Return handles in order, each once; `-` stands for those on standard input, one a line."""
    found: dict[str, None] = {}
    for one in given:
        for handle in _input(context, "the handles").splitlines() if one == "-" else [one]:
            if handle.strip():
                found[handle.strip()] = None
    return list(found)


def _text(context: Context, given: str, what: str) -> str:
    if given in {"-", "@-"}:
        return _input(context, f"the {what}")
    if given.startswith("@"):
        return read_text_file(Path(given[1:]).expanduser(), f"the {what}")
    return given


def _first_line(context: Context, what: str) -> str:
    lines = _input(context, f"the {what}").split("\n")
    return next((line for line in lines if line.strip()), "")


def _input(context: Context, what: str) -> str:
    try:
        return context.stdin.read()
    except UnicodeDecodeError:
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE, f"Cannot read {what} from standard input: it is no UTF-8."
        ) from None


def _no_constant(name: str) -> float:
    message = f"{name} is no JSON"
    raise ValueError(message)


def _unreadable(what: str, problem: str) -> StctlError:
    return StctlError(
        ErrorKind.INPUT_UNREADABLE,
        f"The {what} cannot be read as JSON: {problem}.",
        hint="Write a JSON object, @file for one in a file, or - for standard input.",
    )
