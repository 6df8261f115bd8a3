"""Makes stand-ins for secrets: what looks like the secret and is of no use to anybody.

A stand-in has the length of the secret, its letters, digits and marks in their places, and is the
same wherever the secret was, so that a token can be followed from an answer to the next request. It
comes from the secret by a keyed hash; whoever has no key cannot come back to the secret.

A signed token keeps its claims, which are no secret, and loses its signature. Access tokens name
their refresh token, and that one's parent, by a hash. The stand-in of a refresh token is made from
that hash, and the claims get the hash of the stand-in: lineage holds among stand-ins as it held
among the tokens. So these stand-ins all have one length.
"""

import re
from base64 import b64encode
from functools import lru_cache
from hashlib import shake_256
from typing import Final
from urllib.parse import quote, unquote

from stctl.tokens.codec import CodecProblem, decode_base64_any, read_json_object
from stctl.tokens.hashes import hash1

REFRESH_TOKEN: Final = re.compile(r"[A-Za-z0-9+/=]{40,}\.[0-9a-f]{64}(?:\.V\d)?")
_HASHES: Final = re.compile(r'("(?:parentR|r)efreshTokenHash1"\s*:\s*")([0-9a-f]{64})(?=")')
_NAME_OF_HASHES: Final = "efreshTokenHash1"
_ANTI_CSRF: Final = re.compile(r'("antiCsrfToken"\s*:\s*")([^"\\]+)(?=")')
_PARTS: Final = 3
_SEALED_SIZE: Final = 288
"""Bytes of the encrypted part of a stand-in for a refresh token; about what real ones have."""
_HEX: Final = frozenset("0123456789abcdef")
_MARKS: Final = frozenset("-._:~ ")
_PLAIN: Final = frozenset({"", "remove", "true", "false", "null", "none"})
_MOST_KEPT: Final = 4096


class StandIns:
    """Stand-ins that belong together: one key for all that one recorder writes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        # Methods are not cached: this cache ends with its owner.
        self._known = lru_cache(maxsize=_MOST_KEPT)(self._made)

    def of(self, secret: str) -> str:
        """The stand-in for a secret; what is no secret in any place (`remove`) stays.

        A percent-encoded secret has the stand-in of the secret, percent-encoded.
        """
        return secret if secret.lower() in _PLAIN else self._known(secret)

    def in_hashes(self, text: str) -> str:
        """JSON text in which refresh tokens are named by the hashes of their stand-ins."""
        if _NAME_OF_HASHES not in text:
            return text
        return _HASHES.sub(lambda found: found[1] + hash1(self._refresh(found[2])), text)

    def _made(self, secret: str) -> str:
        plain = unquote(secret)
        if plain != secret:
            return quote(self.of(plain), safe="/" if "/" in secret else "")
        if REFRESH_TOKEN.fullmatch(secret):
            return self._refresh(hash1(secret))
        return self._signed(secret) or self._front(secret) or self._shaped(secret)

    def _refresh(self, its_hash: str) -> str:
        """The stand-in for the refresh token that has this hash."""
        chance = self._bytes("refresh", its_hash, _SEALED_SIZE + 32)
        sealed = b64encode(chance[:_SEALED_SIZE]).decode("ascii")
        return f"{sealed}.{chance[_SEALED_SIZE:].hex()}.V2"

    def _signed(self, secret: str) -> str | None:
        parts = secret.split(".")
        if len(parts) != _PARTS or _object_text(parts[0]) is None:
            return None
        claims = self._encoded_claims(parts[1])
        try:
            size = len(decode_base64_any(parts[2]))
        except CodecProblem:
            return None
        signature = _encoded(self._bytes("signature", secret, size), parts[2])
        return claims and f"{parts[0]}.{claims}.{signature}"

    def _front(self, secret: str) -> str | None:
        """A front token has claims and no signature."""
        text = _object_text(secret)
        if text is None or '"uid"' not in text or '"ate"' not in text:
            return None
        return self._encoded_claims(secret)

    def _encoded_claims(self, encoded: str) -> str | None:
        text = _object_text(encoded)
        if text is None:
            return None
        changed = _ANTI_CSRF.sub(lambda found: found[1] + self.of(found[2]), self.in_hashes(text))
        return encoded if changed == text else _encoded(changed.encode("utf-8"), encoded)

    def _shaped(self, secret: str) -> str:
        chance = self._bytes("shape", secret, len(secret))
        is_hex = _HEX.issuperset(set(secret) - _MARKS)
        pairs = zip(secret, chance, strict=True)
        return "".join(_other(char, byte, is_hex=is_hex) for char, byte in pairs)

    def _bytes(self, purpose: str, text: str, count: int) -> bytes:
        seed = b"\0".join((self._key, purpose.encode(), text.encode("utf-8", "surrogatepass")))
        return shake_256(seed).digest(count)


def _other(char: str, byte: int, *, is_hex: bool) -> str:
    """Another character of the same kind; marks stay."""
    if char.isdecimal():
        return str(byte % 10)
    if char.isupper():
        return chr(ord("A") + byte % 26)
    if char.isalpha():
        return chr(ord("a") + byte % (6 if is_hex else 26))
    return char


def _object_text(encoded: str) -> str | None:
    """The JSON object that is encoded in base64; None where there is none."""
    try:
        raw = decode_base64_any(encoded)
        read_json_object(raw)
        return raw.decode("utf-8")
    except (CodecProblem, ValueError, RecursionError):
        return None


def _encoded(data: bytes, like: str) -> str:
    """Base64 in the alphabet, and with the padding, that another text has."""
    bare = b64encode(data).decode("ascii").rstrip("=")
    if not ("+" in like or "/" in like or like.endswith("=")):
        bare = bare.replace("+", "-").replace("/", "_")
    return bare + "=" * (len(like) - len(like.rstrip("=")))
