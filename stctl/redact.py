"""Masks secrets: tokens, API keys, cookies. All that people or files see goes through here."""

import re
from collections.abc import Iterable

KEY_HEADER = "api-key"
SECRET_HEADERS = frozenset(
    {
        KEY_HEADER,
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "st-access-token",
        "st-refresh-token",
        "front-token",
        "anti-csrf",
        "id-refresh-token",
    }
)
"""Headers whose value is a secret as a whole, in lower case."""

_KEPT = 6
_SHORTEST_SHOWN = 24
# A signed token, a refresh token or a long opaque run of base64 inside other text.
_TOKEN_LIKE = re.compile(
    r"[A-Za-z0-9+/_=%-]{16,}\.[A-Za-z0-9+/_=%-]{16,}\.[A-Za-z0-9+/_=%-]+"
    r"|[A-Za-z0-9+/=%]{40,}\.[0-9a-f]{64}(?:\.V\d)?"
)


def fingerprint(secret: str) -> str:
    """Eight hex digits that are the same for the same secret and tell nothing else about it."""
    import hashlib

    return hashlib.sha256(b"stctl:" + secret.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def mask(secret: str) -> str:
    """A secret as people may see it: its ends when it is long, and its fingerprint.

    Below 24 characters no character is shown. The empty string stays empty: there is nothing to
    hide, and an emptied token means something.
    """
    if not secret:
        return ""
    if len(secret) < _SHORTEST_SHOWN:
        return f"…({fingerprint(secret)})"
    return f"{secret[:_KEPT]}…{secret[-_KEPT:]} ({fingerprint(secret)})"


def hide(secret: str) -> str:
    """A secret of which people may see nothing but that it is one: an API key, for one.

    Unlike a token, a key is good for years, and each of its characters helps who guesses it.
    """
    return f"…({fingerprint(secret)})" if secret else ""


def mask_header(name: str, value: str) -> str:
    """Return the value of a header, masked when the header is a secret one."""
    if name.lower() == KEY_HEADER:
        return hide(value)
    return mask(value) if name.lower() in SECRET_HEADERS else mask_text(value)


def mask_text(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` with every given secret hidden, and everything that looks like a token masked."""
    present = [secret for secret in secrets if secret and secret in text]
    for secret in sorted(present, key=len, reverse=True):
        text = text.replace(secret, hide(secret))
    return _TOKEN_LIKE.sub(lambda found: mask(found.group()), text)
