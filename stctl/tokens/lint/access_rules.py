"""Rules for access tokens of every version."""

import json
from collections.abc import Iterator
from typing import Final

from stctl.jsontypes import JsonObject, JsonValue
from stctl.tokens.access import (
    LAST_BASE64_VERSION,
    PROTECTED_CLAIMS,
    PUBLIC_TENANT,
    AccessToken,
)
from stctl.tokens.codec import decode_base64_any
from stctl.tokens.keys import creation_of_key_ms
from stctl.tokens.lint.remark import Remark
from stctl.tokens.lint.text_rules import remarks_on_length, remarks_on_text
from stctl.tokens.lint.time_rules import remarks_on_times
from stctl.tokens.times import Validity, utc_text

_HEX: Final = frozenset("0123456789abcdef")
_HASH_LENGTH: Final = 64
_UUID_GROUPS: Final = [8, 4, 4, 4, 12]
_DOTS_OF_A_JWT: Final = 2


def remarks_on_access(token: AccessToken, validity: Validity) -> Iterator[Remark]:
    """Everything odd about an access token."""
    structure = token.structure
    if "version" not in structure.header:
        yield Remark("no-version", "The header has no `version`.")
    yield from remarks_on_times(structure.payload, validity)
    yield from _on_key(token)
    is_old = token.version <= LAST_BASE64_VERSION
    yield from remarks_on_text(structure.text, structure.signature_text, is_old=is_old)
    yield from remarks_on_length(structure.signature_text)
    yield from _on_doubled_claims(structure.text.split(".")[1])
    yield from _on_user_claims(token.user_claims)
    yield from _on_lineage_claims(token)


def _on_key(token: AccessToken) -> Iterator[Remark]:
    made_ms = creation_of_key_ms(token.kid) if token.kid else None
    if made_ms is not None and made_ms // 1000 > token.issued_at_ms // 1000:
        told = f"Key of {utc_text(made_ms)}, token of {utc_text(token.issued_at_ms)}."
        yield Remark("key-newer-than-token", told)


def _on_doubled_claims(payload_text: str) -> Iterator[Remark]:
    names: list[str] = []

    def note(members: list[tuple[str, JsonValue]]) -> None:
        # The outermost object is finished last, so its names are the ones that stay.
        names[:] = [name for name, _ in members]

    json.loads(decode_base64_any(payload_text), object_pairs_hook=note)
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        yield Remark("duplicate-claim", f"Twice: {', '.join(doubled)}.")


def _on_user_claims(claims: JsonObject) -> Iterator[Remark]:
    nested = [claim for claim, value in claims.items() if _is_jwt(value)]
    if nested:
        yield Remark("nested-jwt", f"In the claim {', '.join(nested)}.")
    if "aud" in claims:
        yield Remark("aud-claim", "Set among the user claims.")
    if claims.get("stt", 0) != 0:
        yield Remark("token-type-claim", "Set among the user claims.")


def _is_jwt(value: JsonValue) -> bool:
    if not isinstance(value, str) or not value.startswith("eyJ"):
        return False
    return value.count(".") == _DOTS_OF_A_JWT and " " not in value


def _on_lineage_claims(token: AccessToken) -> Iterator[Remark]:
    hashes = (token.refresh_token_hash1, token.parent_refresh_token_hash1)
    if not all(value is None or _is_hash(value) for value in hashes):
        yield Remark("hash-form", "refreshTokenHash1 or parentRefreshTokenHash1.")
    uuid, _, tenant = token.session_handle.partition("_")
    if [len(group) for group in uuid.split("-") if _HEX.issuperset(group)] != _UUID_GROUPS:
        yield Remark("handle-form", "A core makes none of this form.")
    elif "tId" in PROTECTED_CLAIMS[token.version] and token.tenant_id != (tenant or PUBLIC_TENANT):
        told = f"Handle of `{tenant or PUBLIC_TENANT}`, claim of `{token.tenant_id}`."
        yield Remark("tenant-differs", told)


def _is_hash(value: str) -> bool:
    return len(value) == _HASH_LENGTH and _HEX.issuperset(value)
