"""Encryption of refresh tokens.

A refresh token carries its session's handle, encrypted with a key that only the core has.
Source: core, behaviour notes 3.4 and 3.5.
"""

from functools import lru_cache
from hashlib import pbkdf2_hmac
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from stctl.clock import Entropy
from stctl.core.ahead import Ahead
from stctl.tokens.codec import encode_base64
from stctl.tokens.hashes import hash1
from stctl.tokens.problem import TokenProblem
from stctl.tokens.refresh import (
    MINTED_TYPE,
    RefreshContents,
    read_contents,
    read_refresh_token,
    write_contents,
)

_IV_BYTES: Final = 12
_KEY_BYTES: Final = 32
_ITERATIONS: Final = 100
_REMEMBERED_CIPHERS: Final = 4096


def new_key_text(entropy: Entropy) -> str:
    """Return a new refresh key: `1000:<128 hex>:<128 hex>`, all of it random but the form."""
    return f"1000:{entropy.token_bytes(64).hex()}:{entropy.token_bytes(64).hex()}"


class RefreshSealer:
    """Mints and opens the refresh tokens of one app. Safe to use from any thread."""

    def __init__(self, key_text: str, entropy: Entropy, *, ahead: bool = False) -> None:
        """With `ahead` the keys of coming tokens are derived beforehand, in a thread.

        They are drawn from `entropy` in no order that anybody could repeat.
        """
        self._password = key_text.encode("utf-8")
        self._entropy = entropy
        # A token that was just minted is likely to come back: its key need not be derived again.
        self._cipher = lru_cache(maxsize=_REMEMBERED_CIPHERS)(self._derive)
        self._ahead = Ahead(self._derived_iv) if ahead else None
        self._new_iv = self._ahead.take if self._ahead else self._derived_iv

    def close(self) -> None:
        """End the thread that derives keys, if there is one; tokens are still minted and opened."""
        if self._ahead is not None:
            self._ahead.stop()

    def _derive(self, iv: bytes) -> AESGCM:
        return AESGCM(pbkdf2_hmac("sha512", self._password, iv, _ITERATIONS, _KEY_BYTES))

    def _derived_iv(self) -> bytes:
        """Return 12 fresh random bytes whose cipher is remembered."""
        iv = self._entropy.token_bytes(_IV_BYTES)
        self._cipher(iv)
        return iv

    def new_nonce(self) -> str:
        """Return a fresh nonce: the hash of a random UUID."""
        return hash1(self._entropy.uuid())

    def seal(self, contents: RefreshContents) -> str:
        """Return the refresh token for `contents`, encrypted with fresh randomness."""
        return self.seal_with(self._new_iv(), contents)

    def seal_with(self, iv: bytes, contents: RefreshContents) -> str:
        """Return the refresh token for `contents` and these 12 bytes, which must never repeat."""
        sealed = iv + self._cipher(iv).encrypt(iv, write_contents(contents), None)
        return f"{encode_base64(sealed)}.{contents.nonce}.{MINTED_TYPE}"

    def open(self, token: str) -> RefreshContents:
        """Return what is inside a refresh token of this app; raises `TokenProblem`.

        Of the token's three parts only the type is not protected: a token whose type was exchanged
        for another known one still opens.
        """
        outer = read_refresh_token(token)
        sealed = outer.sealed()
        iv = sealed[:_IV_BYTES]
        try:
            plain = self._cipher(iv).decrypt(iv, sealed[_IV_BYTES:], None)
        except InvalidTag as error:
            raise TokenProblem("content", "it was not encrypted by this app") from error
        contents = read_contents(plain)
        if contents.nonce != outer.nonce:
            raise TokenProblem("nonce", "it differs from the one inside")
        return contents
