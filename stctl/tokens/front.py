"""Front tokens: what a backend tells the browser of a session."""

from dataclasses import dataclass
from typing import Final

from stctl.jsontypes import JsonObject
from stctl.tokens.codec import CodecProblem, decode_base64_any, read_json_object
from stctl.tokens.problem import TokenProblem

REMOVED: Final = "remove"
"""In place of a front token: the session is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontToken:
    """User, expiry and payload of the access token that it came with."""

    text: str
    user_id: str
    access_token_expires_at_ms: int
    payload: JsonObject
    """From token version 3 the whole payload of the access token, below its user claims."""


def read_front_token(text: str) -> FrontToken:
    """Read base64 of JSON with `uid`, `ate` (ms) and `up`; raises `TokenProblem`.

    Source: SDKs, session notes 1.2.
    """
    try:
        raw = decode_base64_any(text)
    except CodecProblem as problem:
        raise TokenProblem("token", problem.reason, position=problem.position) from problem
    try:
        members = read_json_object(raw)
    except CodecProblem as problem:
        raise TokenProblem(
            "token", f"the decoded base64 is {problem.reason}", position=0
        ) from problem
    user_id, expiry, payload = (members.get(name) for name in ("uid", "ate", "up"))
    if not isinstance(user_id, str):
        raise TokenProblem("token", "the member `uid` is not a string", claim="uid")
    if isinstance(expiry, bool) or not isinstance(expiry, int | float):
        raise TokenProblem("token", "the member `ate` is not a number", claim="ate")
    if not isinstance(payload, dict):
        raise TokenProblem("token", "the member `up` is not an object", claim="up")
    return FrontToken(
        text=text, user_id=user_id, access_token_expires_at_ms=int(expiry), payload=payload
    )
