"""User claims: what may go into a token, and when two sets of them are the same."""

import json
from typing import Final, cast

from stctl.core.refusals import BadRequest, ServerFailure
from stctl.jsontypes import JsonObject, JsonValue
from stctl.tokens.access import LAST_BASE64_VERSION, PROTECTED_CLAIMS

_LARGEST: Final = 2**63 - 1
_SMALLEST: Final = -(2**63)
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_DECODER: Final = json.JSONDecoder()


class ProtectedClaim(BadRequest):
    """A user claim has a name that the token needs for itself (400)."""

    def __init__(self) -> None:
        super().__init__("The user payload contains a protected field")


def to_text(value: JsonObject) -> str:
    """Return the JSON text under which an object is stored."""
    return _ENCODER.encode(value)


def to_object(text: str) -> dict[str, JsonValue]:
    """Return the object that was stored as `text`."""
    return cast("dict[str, JsonValue]", _DECODER.decode(text))


def refuse_protected(claims: JsonObject, version: int) -> None:
    """Raise `ProtectedClaim` if a claim has a name that is protected in that token version."""
    if not PROTECTED_CLAIMS[version].isdisjoint(claims):
        raise ProtectedClaim


def refuse_unfit(claims: JsonObject, version: int) -> None:
    """Raise if a token of that version cannot carry the claims.

    Up to version 2 user claims have a place of their own and anything fits. From version 3 on a
    protected name raises `ProtectedClaim`, an integer beyond 64 bits `ServerFailure` (500).
    Source: core, behaviour notes 2.1 and 3.3.
    """
    if version <= LAST_BASE64_VERSION:
        return
    refuse_protected(claims, version)
    if claims and not _fits(claims):
        raise ServerFailure("An integer of the user payload does not fit 64 bits")


def _fits(value: JsonValue | JsonObject) -> bool:
    if isinstance(value, int):
        return _SMALLEST <= value <= _LARGEST
    if isinstance(value, dict):
        return all(_fits(member) for member in value.values())
    if isinstance(value, list):
        return all(_fits(element) for element in value)
    return True


def same(one: JsonValue | JsonObject, other: JsonValue | JsonObject) -> bool:
    """Whether two values are the same JSON: order of members and form of numbers do not count.

    1 equals 1.0; true does not equal 1; null differs from absent. Source: core, behaviour notes
    2.3 step 10.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other
