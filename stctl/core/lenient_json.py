"""JSON as a core reads it: more forgiving than the standard.

Beside standard JSON it takes unquoted names and strings, single quotes, `=` and `=>` for a colon,
`;` for a comma, keywords in any case, comments, a byte order mark, and line breaks inside quoted
text. A missing element of an array is null. Source: core, behaviour notes 1.8.
"""

import json
import re
from typing import NoReturn

from stctl.jsontypes import JsonValue
from stctl.tokens.codec import DEEPEST, is_too_deep

_LONGEST_NUMBER = 1023
_BYTE_ORDER_MARK = "\ufeff"
_SPACE = re.compile(r"(?:[ \t\r\n]+|/\*.*?\*/|(?://|#)[^\r\n]*)*", re.DOTALL)
_TRAILER = re.compile(r"[ \t\r\n]*")
_BARE = re.compile(r"[^/\\;#={}\[\]:, \t\f\r\n]+")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_PLAIN = {
    "'": re.compile(r"[^'\\]*"),
    '"': re.compile(r'[^"\\]*'),
}
_ESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_ESCAPED_AS_ITSELF = "'\"\\/\n"
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_KEYWORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def parse_object(text: str) -> dict[str, JsonValue]:
    """Return the one JSON object that `text` is.

    Of repeated names the last one counts. Up to 255 levels of nesting, the object itself
    included. Half of a surrogate pair becomes a question mark, as it would on a core's wire.
    Raises ValueError for anything else: another kind of value, an empty text, and any text after
    the object, a comment included.
    """
    try:
        value: JsonValue = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    except ValueError:
        value = _Reader(text).document()
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - the text is wrong, not its type
    if is_too_deep(text, value):
        raise ValueError("nested too deep")
    if _SURROGATE_ESCAPE.search(text):
        return {_well_formed(name): _repaired(member) for name, member in value.items()}
    return value


def _not_standard(_constant: str) -> NoReturn:
    raise ValueError("a constant that is no JSON")


def _fraction(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number beyond all bounds")
    return number


_DECODER = json.JSONDecoder(parse_constant=_not_standard, parse_float=_fraction)


def _well_formed(text: str) -> str:
    """`text` with halves of surrogate pairs joined where they meet, else replaced by `?`."""
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return joined.encode("utf-8", "replace").decode("utf-8")


def _repaired(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return _well_formed(value)
    if isinstance(value, list):
        return [_repaired(element) for element in value]
    if isinstance(value, dict):
        return {_well_formed(name): _repaired(member) for name, member in value.items()}
    return value


class _Reader:
    """A reader of forgiving JSON; `_at` is the next character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 1 if text.startswith(_BYTE_ORDER_MARK) else 0
        self._depth = 0

    def document(self) -> JsonValue:
        """Return the only value of the text."""
        value = self._value()
        end = _TRAILER.match(self._text, self._at)
        if end is None or end.end() != len(self._text):
            raise self._wrong("text after the value")
        return value

    def _value(self) -> JsonValue:
        match self._peek():
            case "{":
                return self._object()
            case "[":
                return self._array()
            case '"' | "'":
                return self._quoted()
            case _:
                return _bare_value(self._bare())

    def _peek(self) -> str:
        """Pass over white space and comments; return the next character, empty at the end."""
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
        return self._text[self._at : self._at + 1]

    def _enter(self) -> None:
        self._at += 1
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong("nested too deep")

    def _object(self) -> JsonValue:
        members: dict[str, JsonValue] = {}
        self._enter()
        if self._left("}"):
            return members
        while True:
            name = self._quoted() if self._peek() in ("'", '"') else self._bare()
            self._colon()
            members[name] = self._value()
            if self._left("}"):
                return members
            if not self._took(",", ";"):
                raise self._wrong("neither a comma nor the end of the object")

    def _colon(self) -> None:
        if self._took(":"):
            return
        if not self._took("="):
            raise self._wrong("no colon after a name")
        if self._text.startswith(">", self._at):
            self._at += 1

    def _array(self) -> JsonValue:
        elements: list[JsonValue] = []
        self._enter()
        if self._left("]"):
            return elements
        while True:
            # A missing element is null: [1,] has two.
            elements.append(None if self._peek() in (",", ";", "]") else self._value())
            if self._left("]"):
                return elements
            if not self._took(",", ";"):
                raise self._wrong("neither a comma nor the end of the array")

    def _left(self, bracket: str) -> bool:
        taken = self._took(bracket)
        self._depth -= taken
        return taken

    def _took(self, *characters: str) -> bool:
        taken = self._peek() in characters
        self._at += taken
        return taken

    def _bare(self) -> str:
        found = _BARE.match(self._text, self._at)
        if found is None:
            raise self._wrong("no value")
        self._at = found.end()
        return found.group()

    def _quoted(self) -> str:
        quote = self._text[self._at]
        self._at += 1
        pieces = []
        while True:
            plain = _PLAIN[quote].match(self._text, self._at)
            pieces.append(plain.group() if plain else "")
            self._at += len(pieces[-1]) + 1
            match self._text[self._at - 1 : self._at]:
                case "":
                    raise self._wrong("quoted text without an end")
                case "\\":
                    pieces.append(self._escaped())
                case _:
                    return "".join(pieces)

    def _escaped(self) -> str:
        letter = self._text[self._at : self._at + 1]
        self._at += 1
        if letter == "u":
            digits = _HEX.match(self._text, self._at)
            if digits is None:
                raise self._wrong("an escape without four hex digits")
            self._at = digits.end()
            return chr(int(digits.group(), 16))
        if letter and letter in _ESCAPED_AS_ITSELF:
            return letter
        if letter not in _ESCAPES:
            raise self._wrong("an unknown escape")
        return _ESCAPES[letter]

    def _wrong(self, problem: str) -> ValueError:
        return ValueError(f"{problem} at character {self._at}")


def _bare_value(word: str) -> JsonValue:
    """Return what an unquoted word means: a keyword in any case, a number, else itself."""
    if word.lower() in _KEYWORDS:
        return _KEYWORDS[word.lower()]
    if len(word) > _LONGEST_NUMBER or not _NUMBER.fullmatch(word):
        return word
    return int(word) if _INTEGER.fullmatch(word) else _fraction(word)
