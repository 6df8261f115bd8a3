"""Changes tokens as somebody without their key would."""

import json
from typing import Any

from stctl.tokens.codec import decode_base64_any, encode_base64url


def edit_payload(
    token: str, *, header: dict[str, Any] | None = None, payload: dict[str, Any] | None = None
) -> str:
    """The token with other members in its header or payload, and the signature it had."""
    parts = token.split(".")
    for index, changes in ((0, header), (1, payload)):
        members = {**json.loads(decode_base64_any(parts[index])), **(changes or {})}
        parts[index] = encode_base64url(json.dumps(members, separators=(",", ":")).encode())
    return ".".join(parts)
