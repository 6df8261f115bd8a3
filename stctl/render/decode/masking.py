"""Keeps tokens out of what is shown of tokens."""

from typing import Final

from stctl.jsontypes import JsonObject, JsonValue
from stctl.redact import mask, mask_text

_SHORTEST_TOKEN: Final = 34
ANTI_CSRF: Final = "antiCsrfToken"


class Veil:
    """Masks, or reveals, what may open a session: tokens, and values that look like one."""

    def __init__(self, *, reveal: bool) -> None:
        self.is_lifted = reveal

    def secret(self, text: str) -> str:
        """A token as it may be seen."""
        return text if self.is_lifted else mask(text)

    def claims(self, claims: JsonObject) -> dict[str, JsonValue]:
        """Claims without the anti-CSRF value and without tokens inside other values."""
        if self.is_lifted:
            return dict(claims)
        return {name: self._claim(name, value) for name, value in claims.items()}

    def _claim(self, name: str, value: JsonValue) -> JsonValue:
        if name == ANTI_CSRF and isinstance(value, str):
            return mask(value)
        return self._value(value)

    def _value(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            return value if len(value) < _SHORTEST_TOKEN else mask_text(value)
        if isinstance(value, dict):
            return {name: self._claim(name, inner) for name, inner in value.items()}
        return [self._value(inner) for inner in value] if isinstance(value, list) else value
