"""Refresh tokens: the outer form that everybody can read, and the contents that a key opens."""

from dataclasses import dataclass
from typing import Final

from stctl.jsontypes import JsonObject, JsonValue
from stctl.tokens.access import PUBLIC_TENANT
from stctl.tokens.codec import CodecProblem, decode_base64_any, read_json_object, write_json
from stctl.tokens.hashes import hash1, hash2
from stctl.tokens.problem import TokenProblem, wrong_part_count

MINTED_TYPE: Final = "V2"
_TYPES: Final = frozenset({"V0", "V1", "V2"})
_PARTS: Final = 3
_SMALLEST_SEALED: Final = 12 + 16
"""Bytes of a nonce and a tag around nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """The three parts of a refresh token."""

    text: str
    sealed_text: str
    """The encrypted part, standard base64."""
    nonce: str
    """Must equal the nonce inside; 64 hex characters in every token that a core made."""
    type: str
    """`V0`, `V1` or `V2`, upper case whatever the token writes."""

    @property
    def hash1(self) -> str:
        """H1 over the whole token as it was issued."""
        return hash1(self.text)

    @property
    def hash2(self) -> str:
        """H2: what the core's row of the session holds."""
        return hash2(self.text)

    def sealed(self) -> bytes:
        """Nonce, cipher text and tag; raises `TokenProblem` when they cannot be."""
        try:
            raw = decode_base64_any(self.sealed_text)
        except CodecProblem as problem:
            raise TokenProblem("content", problem.reason, position=problem.position) from problem
        if len(raw) < _SMALLEST_SEALED:
            raise TokenProblem("content", "too short to be encrypted content", position=0)
        return raw


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshContents:
    """What is encrypted inside a refresh token. There is no time in it."""

    session_handle: str
    user_id: str
    """The login method's (recipe) user id."""
    parent_refresh_token_hash1: str | None
    """H1 of the token that it was refreshed from; None for the first of a session."""
    nonce: str
    anti_csrf_token: str | None
    tenant_id: str = PUBLIC_TENANT


def read_refresh_token(text: str) -> RefreshToken:
    """Read the outer form; raises `TokenProblem`. Dots at the end count for nothing.

    The historic `<uuid>.V0` has two parts and is refused, as a core refuses it.

    Source: core, behaviour notes 2.4 step 2 and 3.4.
    """
    parts = text.rstrip(".").split(".")
    if len(parts) != _PARTS:
        raise wrong_part_count(len(parts))
    sealed_text, nonce, suffix = parts
    kind = suffix.upper()
    if kind not in _TYPES:
        raise TokenProblem(
            "type", "the last part is not V0, V1 or V2", position=len(sealed_text) + len(nonce) + 2
        )
    return RefreshToken(text=text, sealed_text=sealed_text, nonce=nonce, type=kind)


def read_contents(plain: bytes) -> RefreshContents:
    """Read the decrypted JSON; raises `TokenProblem` where a member is missing or ill-typed.

    Source: core, behaviour notes 3.4.
    """
    try:
        members = read_json_object(plain)
    except CodecProblem as problem:
        raise TokenProblem("content", f"the decrypted content is {problem.reason}") from problem
    return RefreshContents(
        session_handle=_required(members, "sessionHandle"),
        user_id=_required(members, "userId"),
        parent_refresh_token_hash1=_optional(members, "parentRefreshTokenHash1"),
        nonce=_required(members, "nonce"),
        anti_csrf_token=_optional(members, "antiCsrfToken"),
        tenant_id=_optional(members, "tenantId") or PUBLIC_TENANT,
    )


def _required(members: JsonObject, name: str) -> str:
    value = _optional(members, name)
    if value is None:
        raise TokenProblem("content", f"the member `{name}` is missing", claim=name)
    return value


def _optional(members: JsonObject, name: str) -> str | None:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise TokenProblem("content", f"the member `{name}` is not a string", claim=name)
    return value


def write_contents(contents: RefreshContents) -> bytes:
    """JSON to be encrypted into a refresh token; absent members and tenant `public` left out.

    Source: core, behaviour notes 3.4.
    """
    members: dict[str, JsonValue] = {
        "sessionHandle": contents.session_handle,
        "userId": contents.user_id,
        "parentRefreshTokenHash1": contents.parent_refresh_token_hash1,
        "nonce": contents.nonce,
        "antiCsrfToken": contents.anti_csrf_token,
        "tenantId": None if contents.tenant_id == PUBLIC_TENANT else contents.tenant_id,
    }
    return write_json({name: value for name, value in members.items() if value is not None})
