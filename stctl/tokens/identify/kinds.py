"""Decides what one unwrapped value is."""

import re
from typing import TYPE_CHECKING, Final

from stctl.tokens.access import read_claims, read_structure
from stctl.tokens.identify.model import Body, Kind
from stctl.tokens.problem import TokenProblem, wrong_part_count

if TYPE_CHECKING:
    from stctl.tokens.front import FrontToken
    from stctl.tokens.signed import SignedToken

_UUID_KINDS: Final = {"session-handle", "anti-csrf-token", "id-refresh-token"}
_UUID_LIKE: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{16,}(?:[_;][\w-]+)?")
_HISTORIC_REFRESH: Final = re.compile(r"[0-9a-fA-F-]{36}\.V0", re.IGNORECASE)
_REFRESH_ENDING: Final = re.compile(r"\.[0-9a-fA-F]{64}\.[^.]*$|\.[Vv]\d\.*$")
_JSON_OBJECT: Final = "eyJ"
"""How base64 of a JSON object begins."""


def classify(text: str, expected: Kind | None) -> tuple[Kind, Body]:
    """Kind and contents of a value; raises `TokenProblem` when it is no token of any kind.

    The value's own form decides. `expected`, from the place where it was found, only tells apart
    what has no form of its own, and which problem to name.
    """
    if _UUID_LIKE.fullmatch(text) or (expected in _UUID_KINDS and "." not in text):
        return _opaque(text, expected)
    if _HISTORIC_REFRESH.fullmatch(text):
        raise TokenProblem("token", "a refresh token of the historic form V0, which no core takes")
    if _REFRESH_ENDING.search(text) or (expected == "refresh-token" and not _is_json(text)):
        return "refresh-token", _refresh(text)
    if "." not in text:
        return _without_dots(text, expected)
    return _signed(text)


def _opaque(text: str, expected: Kind | None) -> tuple[Kind, Body]:
    from stctl.tokens.opaque import read_opaque

    opaque = read_opaque(text, expected)
    return opaque.kind, opaque


def _refresh(text: str) -> Body:
    from stctl.tokens.refresh import read_refresh_token

    refresh = read_refresh_token(text)
    refresh.sealed()
    return refresh


def _is_json(text: str) -> bool:
    return text.startswith(_JSON_OBJECT)


def _without_dots(text: str, expected: Kind | None) -> tuple[Kind, Body]:
    if expected == "access-token":
        raise wrong_part_count(1)
    if expected == "front-token":
        from stctl.tokens.front import read_front_token

        return "front-token", read_front_token(text)
    if _is_json(text):
        return "front-token", _front_or_part(text)
    raise TokenProblem(
        "token",
        "neither three parts with dots (access or refresh token), nor base64 of JSON (front "
        "token), nor a UUID",
        position=0,
    )


def _front_or_part(text: str) -> "FrontToken":
    from stctl.tokens.front import read_front_token

    try:
        return read_front_token(text)
    except TokenProblem as problem:
        raise TokenProblem(
            "token",
            f"1 dot-separated part instead of 3, and no front token either ({problem.reason})",
            position=problem.position,
        ) from problem


def _signed(text: str) -> tuple[Kind, Body]:
    try:
        structure = read_structure(text)
    except TokenProblem as refusal:
        return _other_signed(text, refusal)
    try:
        return "access-token", read_claims(structure)
    except TokenProblem as refusal:
        return _other_signed(structure.text, refusal)


def _other_signed(text: str, refusal: TokenProblem) -> tuple[Kind, Body]:
    from stctl.tokens.signed import read_signed_token

    signed = read_signed_token(text, refusal)
    return _kind_of_signed(signed), signed


def _kind_of_signed(token: "SignedToken") -> Kind:
    from stctl.tokens.keys import kind_of_key

    if "stt" in token.payload:
        return "oauth2-token"
    if "version" in token.header:
        return "jwt"
    if token.kid is not None and kind_of_key(token.kid) != "other":
        return "core-jwt"
    return "jwt"
