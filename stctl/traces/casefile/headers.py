"""Headers as a report shows them: secrets masked, and everything beside them legible.

Masking a cookie as a whole would hide what a reader looks for: the names, whether one is there
twice, and the attributes that a cookie is set with.
"""

from collections.abc import Iterable
from typing import Final

from stctl.exchange import Pairs
from stctl.recipe.response import REMOVE
from stctl.redact import KEY_HEADER, SECRET_HEADERS, hide, mask, mask_text

_SCHEMES: Final = frozenset({"authorization", "proxy-authorization"})
_SAYING: Final = frozenset({"", REMOVE})
"""Values of secret headers that are an order and no secret."""


def shown_headers(headers: Pairs, secrets: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Names and values, in order, as people may see them."""
    known = tuple(secrets)
    return tuple((name, _shown(name.lower(), value, known)) for name, value in headers)


def _shown(name: str, value: str, secrets: tuple[str, ...]) -> str:
    if name == "cookie":
        return "; ".join(_pair(piece) for piece in value.split(";"))
    if name == "set-cookie":
        first, mark, rest = value.partition(";")
        return _pair(first) + mark + mask_text(rest, secrets)
    if name == KEY_HEADER:
        return hide(value)
    if name in _SCHEMES:
        scheme, space, token = value.partition(" ")
        return f"{scheme} {mask(token)}" if space else mask(value)
    if name in SECRET_HEADERS:
        return value if value in _SAYING else mask(value)
    return mask_text(value, secrets)


def _pair(text: str) -> str:
    """`name=value` with the value masked; a text without a name is a value."""
    name, mark, value = text.strip().partition("=")
    return f"{name}={mask(value)}" if mark else mask(name)
