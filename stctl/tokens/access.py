"""Access tokens, versions 1 to 5: their structure, their claims, and how they are written.

Reading goes in the two steps of a core: `read_structure` is what must hold before a signature can
be checked, `read_claims` what must hold after it. Neither looks at the signature or at the time.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from stctl.jsontypes import JsonObject, JsonValue
from stctl.tokens.codec import (
    CodecProblem,
    decode_base64_any,
    encode_base64,
    encode_base64url,
    read_json_object,
    write_json,
)
from stctl.tokens.problem import TokenPart, TokenProblem, wrong_part_count

__all__ = [
    "LAST_BASE64_VERSION",
    "PROTECTED_CLAIMS",
    "PUBLIC_TENANT",
    "AccessClaims",
    "AccessToken",
    "TokenProblem",
    "TokenStructure",
    "decode_part",
    "parse",
    "read_claims",
    "read_structure",
    "signing_input",
]

PUBLIC_TENANT: Final = "public"
LAST_BASE64_VERSION: Final = 2
"""Up to this version: fixed header, standard base64 with padding, times in milliseconds."""
_FIRST_WITH_TENANT: Final = 4
_FIRST_WITH_RECIPE_USER: Final = 5
_NEWEST: Final = 5
_PARTS: Final = 3
_CACHED_HEADER_LENGTH: Final = 512

_FIXED_HEADERS: Final = {
    encode_base64(write_json({"alg": "RS256", "typ": "JWT", "version": str(version)})): version
    for version in (1, 2)
}
_FIXED_HEADER_TEXT: Final = {version: text for text, version in _FIXED_HEADERS.items()}
_VERSIONS: Final = {"3": 3, "4": 4, "5": 5}

_V2 = frozenset({"userId", "expiryTime", "timeCreated", "sessionHandle", "refreshTokenHash1"})
_V3 = frozenset(
    {
        "sub",
        "exp",
        "iat",
        "sessionHandle",
        "refreshTokenHash1",
        "parentRefreshTokenHash1",
        "antiCsrfToken",
    }
)
PROTECTED_CLAIMS: Final[Mapping[int, frozenset[str]]] = {
    1: _V2,
    2: _V2,
    3: _V3,
    4: _V3 | {"tId"},
    5: _V3 | {"tId", "rsub"},
}
"""By token version: the names that must be there, and that user claims cannot take.

Source: core, behaviour notes 3.3.
"""


class TokenStructure(NamedTuple):
    """A token that is sound enough for its signature to be checked."""

    text: str
    version: int
    """1 to 5; 5 also where the header names none."""
    kid: str | None
    """None for versions 1 and 2, whose header names no key."""
    header: JsonObject
    payload: JsonObject
    signing_input: bytes
    signature_text: str


class AccessToken(NamedTuple):
    """What an access token says; times in milliseconds since the epoch."""

    version: int
    kid: str | None
    user_id: str
    recipe_user_id: str
    """Equals `user_id` below version 5, which does not carry it."""
    tenant_id: str
    """`public` below version 4, which does not carry it."""
    session_handle: str
    issued_at_ms: int
    expires_at_ms: int
    refresh_token_hash1: str
    parent_refresh_token_hash1: str | None
    anti_csrf_token: str | None
    user_claims: JsonObject
    structure: TokenStructure


class AccessClaims(NamedTuple):
    """What goes into a new access token; times in milliseconds since the epoch."""

    user_id: str
    recipe_user_id: str
    tenant_id: str
    session_handle: str
    issued_at_ms: int
    expires_at_ms: int
    refresh_token_hash1: str
    parent_refresh_token_hash1: str | None
    anti_csrf_token: str | None
    user_claims: JsonObject


def parse(text: str) -> AccessToken:
    """Read both steps at once; raises `TokenProblem` of either."""
    return read_claims(read_structure(text))


def read_structure(text: str) -> TokenStructure:
    """Read what a core reads before it looks at the signature; raises `TokenProblem`.

    Dots at the end count for nothing, as in a core. A header without `version` means 5.

    Source: core, behaviour notes 3.1 and 3.2.
    """
    parts = text.rstrip(".").split(".")
    if len(parts) != _PARTS:
        raise wrong_part_count(len(parts))
    header_text, payload_text, signature_text = parts
    version, kid, header = (
        _cached_header(header_text)
        if len(header_text) <= _CACHED_HEADER_LENGTH
        else _read_header(header_text)
    )
    return TokenStructure(
        text=text,
        version=version,
        kid=kid,
        header=header,
        payload=decode_part("payload", payload_text, len(header_text) + 1),
        signing_input=text[: len(header_text) + 1 + len(payload_text)].encode("ascii"),
        signature_text=signature_text,
    )


def _read_header(text: str) -> tuple[int, str | None, JsonObject]:
    fixed = _FIXED_HEADERS.get(text)
    header = decode_part("header", text, 0)
    if fixed is not None:
        return fixed, None, header
    for name, wanted in (("typ", "JWT"), ("alg", "RS256")):
        if header.get(name) != wanted:
            raise TokenProblem("header", f'`{name}` is not "{wanted}"', claim=name)
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise TokenProblem("header", "`kid` is not a string", claim="kid")
    return _read_version(header), kid, header


# One key signs thousands of tokens, and all of them share one header text.
_cached_header = lru_cache(maxsize=64)(_read_header)


def _read_version(header: JsonObject) -> int:
    named = header.get("version", str(_NEWEST))
    version = _VERSIONS.get(named) if isinstance(named, str) else None
    if version is None:
        raise TokenProblem("header", '`version` is not "3", "4" or "5"', claim="version")
    return version


def decode_part(part: TokenPart, text: str, offset: int) -> JsonObject:
    """Read the JSON object of one part, whose text starts at `offset`; raises `TokenProblem`."""
    try:
        raw = decode_base64_any(text)
    except CodecProblem as problem:
        position = None if problem.position is None else offset + problem.position
        raise TokenProblem(part, problem.reason, position=position) from problem
    try:
        return read_json_object(raw)
    except CodecProblem as problem:
        if problem.position is None:
            raise TokenProblem(part, problem.reason, position=offset) from problem
        # Four characters carry three bytes.
        position = offset + problem.position * 4 // 3
        reason = f"{problem.reason} (byte {problem.position} of the decoded {part})"
        raise TokenProblem(part, reason, position=position) from problem


def read_claims(structure: TokenStructure) -> AccessToken:
    """Read the claims that a core demands once the signature holds; raises `TokenProblem`.

    Every protected name of the version must be there; where none is allowed, null counts as being
    there. Times may be written with a fraction or an exponent and are cut down to whole units.

    Source: core, behaviour notes 3.3.
    """
    payload = structure.payload
    for name in PROTECTED_CLAIMS[structure.version]:
        if name not in payload:
            raise TokenProblem("payload", f"the claim `{name}` is missing", claim=name)
    if structure.version <= LAST_BASE64_VERSION:
        return _read_old_claims(structure, payload)
    return _read_new_claims(structure, payload)


def _read_old_claims(structure: TokenStructure, payload: JsonObject) -> AccessToken:
    user_claims = payload.get("userData")
    if not isinstance(user_claims, dict):
        raise TokenProblem("payload", "the claim `userData` is not an object", claim="userData")
    user_id = _text(payload, "userId")
    return AccessToken(
        version=structure.version,
        kid=None,
        user_id=user_id,
        recipe_user_id=user_id,
        tenant_id=PUBLIC_TENANT,
        session_handle=_text(payload, "sessionHandle"),
        issued_at_ms=_whole(payload, "timeCreated"),
        expires_at_ms=_whole(payload, "expiryTime"),
        refresh_token_hash1=_text(payload, "refreshTokenHash1"),
        parent_refresh_token_hash1=_text_or_none(payload, "parentRefreshTokenHash1"),
        anti_csrf_token=_text_or_none(payload, "antiCsrfToken"),
        user_claims=user_claims,
        structure=structure,
    )


def _read_new_claims(structure: TokenStructure, payload: JsonObject) -> AccessToken:
    version = structure.version
    user_id = _text(payload, "sub")
    protected = PROTECTED_CLAIMS[version]
    return AccessToken(
        version=version,
        kid=structure.kid,
        user_id=user_id,
        recipe_user_id=_text(payload, "rsub") if version >= _FIRST_WITH_RECIPE_USER else user_id,
        tenant_id=_text(payload, "tId") if version >= _FIRST_WITH_TENANT else PUBLIC_TENANT,
        session_handle=_text(payload, "sessionHandle"),
        issued_at_ms=_whole(payload, "iat") * 1000,
        expires_at_ms=_whole(payload, "exp") * 1000,
        refresh_token_hash1=_text(payload, "refreshTokenHash1"),
        parent_refresh_token_hash1=_text_or_none(payload, "parentRefreshTokenHash1"),
        anti_csrf_token=_text_or_none(payload, "antiCsrfToken"),
        user_claims={name: value for name, value in payload.items() if name not in protected},
        structure=structure,
    )


def _text(payload: JsonObject, name: str) -> str:
    value = payload[name]
    if not isinstance(value, str):
        raise TokenProblem("payload", f"the claim `{name}` is not a string", claim=name)
    return value


def _text_or_none(payload: JsonObject, name: str) -> str | None:
    return None if payload.get(name) is None else _text(payload, name)


def _whole(payload: JsonObject, name: str) -> int:
    value = payload[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenProblem("payload", f"the claim `{name}` is not a number", claim=name)
    return int(value)


def signing_input(version: int, kid: str | None, claims: AccessClaims) -> str:
    """`header.payload` of a new access token, ready to be signed.

    Versions 1 and 2: fixed header (`kid` is not used), standard base64 with padding, milliseconds,
    what is not there is left out, user claims under `userData`. From version 3: base64url without
    padding, times cut down to seconds, null for what is not there, user claims spread at the top.
    A user claim never overrides a protected one; refusing such claims is the caller's task
    (`PROTECTED_CLAIMS`).

    Source: core, behaviour notes 3.1 and 3.3.
    """
    if version <= LAST_BASE64_VERSION:
        return f"{_FIXED_HEADER_TEXT[version]}.{_encode(encode_base64, _old_payload(claims))}"
    header = {"kid": kid, "typ": "JWT", "version": str(version), "alg": "RS256"}
    payload = _new_payload(version, claims)
    return f"{_encode(encode_base64url, header)}.{_encode(encode_base64url, payload)}"


def _encode(base64: Callable[[bytes], str], value: Mapping[str, JsonValue]) -> str:
    return base64(write_json(value))


def _old_payload(claims: AccessClaims) -> dict[str, JsonValue]:
    payload: dict[str, JsonValue] = {
        "userId": claims.user_id,
        "expiryTime": claims.expires_at_ms,
        "timeCreated": claims.issued_at_ms,
        "sessionHandle": claims.session_handle,
        "refreshTokenHash1": claims.refresh_token_hash1,
    }
    if claims.parent_refresh_token_hash1 is not None:
        payload["parentRefreshTokenHash1"] = claims.parent_refresh_token_hash1
    if claims.anti_csrf_token is not None:
        payload["antiCsrfToken"] = claims.anti_csrf_token
    payload["userData"] = dict(claims.user_claims)
    return payload


def _new_payload(version: int, claims: AccessClaims) -> dict[str, JsonValue]:
    payload: dict[str, JsonValue] = {
        "iat": claims.issued_at_ms // 1000,
        "exp": claims.expires_at_ms // 1000,
        "sub": claims.user_id,
    }
    if version >= _FIRST_WITH_TENANT:
        payload["tId"] = claims.tenant_id
    if version >= _FIRST_WITH_RECIPE_USER:
        payload["rsub"] = claims.recipe_user_id
    payload["sessionHandle"] = claims.session_handle
    payload["refreshTokenHash1"] = claims.refresh_token_hash1
    payload["parentRefreshTokenHash1"] = claims.parent_refresh_token_hash1
    payload["antiCsrfToken"] = claims.anti_csrf_token
    return {**payload, **claims.user_claims, **payload}
