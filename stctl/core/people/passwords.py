"""Passwords are kept as scrypt hashes (RFC 7914) that name their own costs."""

import hashlib
import hmac
from typing import Final

from stctl.clock import Entropy
from stctl.tokens.codec import decode_base64_any, encode_base64

_COST: Final = 2**14
_BLOCK_SIZE: Final = 8
_PARALLEL: Final = 1
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32


def hashed(password: str, entropy: Entropy) -> str:
    """Return the text to store, `$scrypt$cost$block size$parallel$salt$hash`, with a new salt."""
    salt = entropy.token_bytes(_SALT_BYTES)
    digest = _scrypt(password, salt, (_COST, _BLOCK_SIZE, _PARALLEL))
    costs = f"{_COST}${_BLOCK_SIZE}${_PARALLEL}"
    return f"$scrypt${costs}${encode_base64(salt)}${encode_base64(digest)}"


def matches(password: str, stored: str) -> bool:
    """Whether it is the password whose hash was stored; a hash of another kind matches nothing."""
    parts = stored.split("$")
    if parts[:2] != ["", "scrypt"]:
        return False
    cost, block_size, parallel = (int(part) for part in parts[2:5])
    salt, expected = decode_base64_any(parts[5]), decode_base64_any(parts[6])
    return hmac.compare_digest(_scrypt(password, salt, (cost, block_size, parallel)), expected)


def _scrypt(password: str, salt: bytes, costs: tuple[int, int, int]) -> bytes:
    cost, block_size, parallel = costs
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost,
        r=block_size,
        p=parallel,
        dklen=_HASH_BYTES,
    )
