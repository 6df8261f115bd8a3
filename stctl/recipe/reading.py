"""How an SDK reads an access token before it checks anything: unreadable means absent.

This is the SDK's view, which differs from a core's in small things: a header without a version
means 3 here and 5 there, and what one SDK wants to see in a payload another does not look at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from stctl.jsontypes import JsonObject, JsonValue
from stctl.recipe.profiles.profile import Profile
from stctl.sessions.handle import tenant_of_handle
from stctl.tokens.codec import (
    CodecProblem,
    decode_base64_any,
    encode_base64,
    read_json_object,
    write_json,
)

_PARTS: Final = 3
_OLD_VERSION: Final = 2
_FIRST_JWT_VERSION: Final = 3
_FIRST_WITH_TENANT: Final = 4
_FIRST_WITH_RECIPE_USER: Final = 5
_OLD_HEADERS: Final = frozenset(
    encode_base64(write_json({"alg": "RS256", "typ": "JWT", "version": version}))
    for version in ("1", "2")
)

# Far beyond any date, and still a whole number once it is in milliseconds.
_FARTHEST_S: Final = 10**15

Kinds = Mapping[str, type | tuple[type, ...]]
_NUMBER: Final = (int, float)
_OLD_CLAIMS: Final[Kinds] = {
    "sessionHandle": str,
    "userId": str,
    "refreshTokenHash1": str,
    "userData": dict,
    "expiryTime": _NUMBER,
    "timeCreated": _NUMBER,
}
_CLAIMS: Final[Kinds] = {
    "sub": str,
    "exp": _NUMBER,
    "iat": _NUMBER,
    "sessionHandle": str,
    "refreshTokenHash1": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionToken:
    """An access token as an SDK sees it; times in milliseconds since the epoch."""

    text: str
    version: int
    """2 for the two old forms, else what the header says, 3 where it says nothing."""
    kid: str | None
    user_id: str
    recipe_user_id: str
    tenant_id: str
    session_handle: str
    refresh_token_hash1: str
    parent_refresh_token_hash1: str | None
    anti_csrf_token: str | None
    created_at_ms: int
    expires_at_ms: int
    payload: JsonObject
    """What the app may see: the whole payload from version 3 on, the user's data before."""

    @property
    def is_dynamic(self) -> bool:
        """Whether a dynamic key signed it, by the name of the key."""
        return self.kid is not None and self.kid.startswith("d-")


def read_session_token(text: str, profile: Profile) -> SessionToken | None:
    """Return the session token in a text, or None where the SDK counts it as absent.

    Source: SDKs, behaviour notes 2.2, steps 2 and 3.
    """
    return _read(
        text,
        refuses_other_types=profile.refuses_other_token_types,
        wants_tenant=profile.wants_tenant_claim,
        wants_recipe_user=profile.wants_recipe_user_claim,
    )


# Whoever infers what happened reads one token many times.
@lru_cache(maxsize=512)
def _read(
    text: str, *, refuses_other_types: bool, wants_tenant: bool, wants_recipe_user: bool
) -> SessionToken | None:
    decoded = _decode(text)
    if decoded is None:
        return None
    version, kid, payload = decoded
    if version == _OLD_VERSION:
        return _old_token(text, payload) if _fits(payload, _OLD_CLAIMS) else None
    if refuses_other_types and payload.get("stt", 0) != 0:
        return None
    wanted = dict(_CLAIMS)
    if version >= _FIRST_WITH_TENANT and wants_tenant:
        wanted["tId"] = str
    if version >= _FIRST_WITH_RECIPE_USER and wants_recipe_user:
        wanted["rsub"] = str
    return _token(text, version, kid, payload) if _fits(payload, wanted) else None


@lru_cache(maxsize=512)
def _decode(text: str) -> tuple[int, str | None, JsonObject] | None:
    """Version, name of the key, and payload."""
    parts = text.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        header = _read_header(parts[0])
        payload = read_json_object(decode_base64_any(parts[1]))
    except (CodecProblem, ValueError):
        return None
    return None if header is None else (*header, payload)


def _read_header(text: str) -> tuple[int, str | None] | None:
    if text in _OLD_HEADERS:
        return _OLD_VERSION, None
    header = read_json_object(decode_base64_any(text))
    named = header.get("version", str(_FIRST_JWT_VERSION))
    kid = header.get("kid")
    if header.get("typ") != "JWT" or not isinstance(named, str) or not isinstance(kid, str):
        return None
    if not named.isdecimal() or int(named) < _FIRST_JWT_VERSION:
        return None
    return int(named), kid


def _fits(payload: JsonObject, wanted: Kinds) -> bool:
    return all(
        isinstance(payload.get(name), kind) and not isinstance(payload.get(name), bool)
        for name, kind in wanted.items()
    )


def _text(value: JsonValue, otherwise: str) -> str:
    return value if isinstance(value, str) else otherwise


def _text_or_none(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None


def _milliseconds(value: JsonValue, unit_ms: int) -> int:
    if not isinstance(value, int | float):
        return 0
    return int(min(max(value, -_FARTHEST_S), _FARTHEST_S) * unit_ms)


def _old_token(text: str, payload: JsonObject) -> SessionToken:
    user_id = _text(payload["userId"], "")
    user_data = payload["userData"]
    handle = _text(payload["sessionHandle"], "")
    return SessionToken(
        text=text,
        version=_OLD_VERSION,
        kid=None,
        user_id=user_id,
        recipe_user_id=user_id,
        tenant_id=tenant_of_handle(handle),
        session_handle=handle,
        refresh_token_hash1=_text(payload["refreshTokenHash1"], ""),
        parent_refresh_token_hash1=_text_or_none(payload.get("parentRefreshTokenHash1")),
        anti_csrf_token=_text_or_none(payload.get("antiCsrfToken")),
        created_at_ms=_milliseconds(payload["timeCreated"], 1),
        expires_at_ms=_milliseconds(payload["expiryTime"], 1),
        payload=user_data if isinstance(user_data, dict) else {},
    )


def _token(text: str, version: int, kid: str | None, payload: JsonObject) -> SessionToken:
    user_id = _text(payload["sub"], "")
    handle = _text(payload["sessionHandle"], "")
    return SessionToken(
        text=text,
        version=version,
        kid=kid,
        user_id=user_id,
        recipe_user_id=_text(payload.get("rsub"), user_id),
        tenant_id=_text(payload.get("tId"), tenant_of_handle(handle)),
        session_handle=handle,
        refresh_token_hash1=_text(payload["refreshTokenHash1"], ""),
        parent_refresh_token_hash1=_text_or_none(payload.get("parentRefreshTokenHash1")),
        anti_csrf_token=_text_or_none(payload.get("antiCsrfToken")),
        created_at_ms=_milliseconds(payload["iat"], 1000),
        expires_at_ms=_milliseconds(payload["exp"], 1000),
        payload=payload,
    )
