"""Base64 in the shapes that tokens use, and JSON that admits nothing but JSON."""

import json
import math
import re
from binascii import Error as BinasciiError
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from typing import Final, NoReturn

from stctl.jsontypes import JsonObject, JsonValue

_FOREIGN = re.compile(r"[^A-Za-z0-9+/_-]")
_LONELY = 1
DEEPEST: Final = 255
"""Levels of nesting that a core reads. Source: core, behaviour notes 1.8."""


class CodecProblem(ValueError):  # noqa: N818 - a finding about input, reported as such
    """Text or bytes are not what they should be.

    `position` is the 0-based offset of the first wrong character (base64) or byte (JSON), or None
    where the fault has no place. The message holds nothing of the input beyond one character.
    """

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


def decode_base64_any(text: str) -> bytes:
    """Bytes of base64 text in the standard or the URL alphabet, padded or not.

    Any number of `=` at the end is taken; anything else outside both alphabets, white space
    included, raises `CodecProblem`, and so does a length that no bytes have.

    Source: core, behaviour notes 3.2.
    """
    bare = text.rstrip("=")
    standard = bare.replace("-", "+").replace("_", "/") + "==="[: -len(bare) % 4]
    try:
        return a2b_base64(standard, strict_mode=True)
    except (BinasciiError, ValueError) as error:
        raise _base64_problem(bare) from error


def _base64_problem(bare: str) -> CodecProblem:
    foreign = _FOREIGN.search(bare)
    if foreign is not None:
        return CodecProblem(f"{describe(foreign.group())} is not base64", foreign.start())
    if len(bare) % 4 == _LONELY:
        return CodecProblem(
            f"{len(bare)} characters of base64 cannot be whole bytes: one is missing or too many",
            len(bare),
        )
    return CodecProblem("not base64", None)


def describe(character: str) -> str:
    """One character as people can read it: itself in quotes, or its code point.

    >>> describe("!"), describe(chr(0))
    ("'!'", 'U+0000')
    """
    if character.isascii() and character.isprintable() and character != " ":
        return f"'{character}'"
    return f"U+{ord(character):04X}"


def encode_base64url(raw: bytes) -> str:
    """URL alphabet without padding, as access tokens of version 3 and newer are written."""
    standard = b2a_base64(raw, newline=False).decode("ascii")
    return standard.rstrip("=").replace("+", "-").replace("/", "_")


def encode_base64(raw: bytes) -> str:
    """Return the standard alphabet, padded: access tokens below version 3, refresh tokens."""
    return b2a_base64(raw, newline=False).decode("ascii")


def _refuse_constant(name: str) -> NoReturn:
    raise CodecProblem(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise CodecProblem("a number is too large for a double")
    return number


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def read_json(raw: bytes) -> JsonValue:
    """Value of UTF-8 JSON bytes.

    `NaN`, infinities, numbers beyond a double and more than 255 levels of nesting are refused.
    Of members with one name the last wins. Raises `CodecProblem` with the offset in bytes.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CodecProblem("not UTF-8", error.start) from error
    try:
        value: JsonValue = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        cut_off = error.pos >= len(text) or error.msg.startswith("Unterminated string")
        reason = "the JSON is cut off" if cut_off else "not JSON"
        place = len(text) if cut_off else error.pos
        raise CodecProblem(reason, len(text[:place].encode("utf-8"))) from error
    except RecursionError as error:
        raise CodecProblem("JSON nested too deeply") from error
    except CodecProblem:
        raise
    except ValueError as error:
        raise CodecProblem("an integer has too many digits") from error
    if is_too_deep(text, value):
        raise CodecProblem("JSON nested too deeply")
    return value


def is_too_deep(text: str, value: JsonValue) -> bool:
    """Tell whether `value`, read from `text`, has more than 255 levels.

    Python itself reads more or fewer, by its version, and then cannot write what it has read.
    """
    # Counting first: only a text with so many brackets can be nested so deep.
    return text.count("{") + text.count("[") > DEEPEST and _depth(value) > DEEPEST


def _depth(value: JsonValue) -> int:
    depth = 0
    level = [value]
    while containers := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [child for one in containers for child in _children(one)]
    return depth


def _children(container: dict[str, JsonValue] | list[JsonValue]) -> Iterable[JsonValue]:
    return container.values() if isinstance(container, dict) else container


def read_json_object(raw: bytes) -> JsonObject:
    """Return `read_json` of bytes that must hold an object; anything else raises `CodecProblem`."""
    value = read_json(raw)
    if not isinstance(value, dict):
        raise CodecProblem("JSON, but not an object", 0)
    return value


def write_json(value: JsonValue | JsonObject) -> bytes:
    """Compact UTF-8 JSON; a lone surrogate, which has no UTF-8 form, becomes `?` as in Java."""
    return _ENCODER.encode(value).encode("utf-8", "replace")
