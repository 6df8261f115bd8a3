"""Access tokens made to order. Nobody signed them."""

import base64
import json
from typing import Any

HEADER = {"kid": "d-1795539573519", "typ": "JWT", "version": "5", "alg": "RS256"}
ISSUED_S = 1_795_540_000
PAYLOAD: dict[str, Any] = {
    "iat": ISSUED_S,
    "exp": ISSUED_S + 3500,
    "sub": "u1",
    "tId": "public",
    "rsub": "u1",
    "sessionHandle": "11111111-2222-4333-8444-555555555555",
    "refreshTokenHash1": "a" * 64,
    "parentRefreshTokenHash1": None,
    "antiCsrfToken": None,
}
SIGNATURE = base64.urlsafe_b64encode(b"\1" * 256).decode().rstrip("=")


def base64url(value: Any) -> str:
    """Base64url without padding of bytes, or of the JSON of anything else."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def made(
    *,
    header: dict[str, Any] | None = None,
    payload: dict[str, Any] | bytes | None = None,
    signature: str = SIGNATURE,
) -> str:
    """A version 5 token with these members of header and payload replaced or added."""
    whole = payload if isinstance(payload, bytes) else {**PAYLOAD, **(payload or {})}
    return f"{base64url({**HEADER, **(header or {})})}.{base64url(whole)}.{signature}"
