"""What a backend tells the scripts of a page about an access token that they cannot see."""

import json
from collections.abc import Sequence

from stctl.jsontypes import JsonObject, JsonValue
from stctl.sessions.answers import IssuedToken
from stctl.tokens.codec import CodecProblem, decode_base64_any, encode_base64, read_json_object

_OLD_PAYLOAD = "userData"


def encode_front_token(token: IssuedToken, user_id: str, order: Sequence[str]) -> str:
    """Base64 of `uid`, `ate` (expiry in ms) and `up` (payload), in the SDK's order.

    For token version 3 and newer `up` is the whole payload of the access token, before that the
    user's data alone.

    Source: SDKs, behaviour notes 1.2.
    """
    members: dict[str, JsonValue] = {
        "uid": user_id,
        "ate": token.expires_at_ms,
        "up": dict(_payload_of(token.token)),
    }
    ordered = {name: members[name] for name in order}
    text = json.dumps(ordered, ensure_ascii=False, separators=(",", ":"))
    return encode_base64(text.encode("utf-8", "replace"))


def decode_front_token(text: str) -> JsonObject | None:
    """Members of a front token; None for `remove` and for anything unreadable."""
    try:
        return read_json_object(decode_base64_any(text))
    except CodecProblem:
        return None


def anti_csrf_of(token: IssuedToken) -> str | None:
    """The anti-CSRF value inside an access token, if it has one."""
    value = _claims_of(token.token).get("antiCsrfToken")
    return value if isinstance(value, str) else None


def _claims_of(access_token: str) -> JsonObject:
    return read_json_object(decode_base64_any(access_token.split(".")[1]))


def _payload_of(access_token: str) -> JsonObject:
    payload = _claims_of(access_token)
    old = payload.get(_OLD_PAYLOAD)
    return old if isinstance(old, dict) and "sub" not in payload else payload
