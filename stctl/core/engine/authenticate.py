"""Finds the key of an access token and checks its signature.

Source: core, behaviour notes 2.3 steps 1 to 3.
"""

import re
from functools import lru_cache
from typing import Final

from stctl.core.keyring import KeyRing
from stctl.core.keys import SigningKey
from stctl.core.refusals import ServerFailure
from stctl.tokens.access import (
    LAST_BASE64_VERSION,
    AccessToken,
    TokenStructure,
    read_claims,
    read_structure,
)
from stctl.tokens.codec import CodecProblem, decode_base64_any
from stctl.tokens.problem import TokenProblem

_REMEMBERED_TOKENS: Final = 4096
_STANDARD: Final = re.compile(r"[A-Za-z0-9+/]*")
_URL: Final = re.compile(r"[A-Za-z0-9_-]*")
_PADDINGS: Final = {0: ("",), 2: ("", "=="), 3: ("", "=")}
"""By the number of characters in the last group of four."""


class _OfNoKey(Exception):  # noqa: N818 - carries a token past the memory
    """A good token that names no key."""

    def __init__(self, token: AccessToken) -> None:
        super().__init__()
        self.token = token


class TokenJudge:
    """Authenticates the access tokens of one app. Safe to use from any thread.

    A backend shows the same token again and again, and its signature does not change: tokens that
    were found good are remembered for as long as their key is believed.
    """

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._remembered = lru_cache(maxsize=_REMEMBERED_TOKENS)(self._by_its_key)

    def authenticate(self, text: str) -> AccessToken:
        """Return what `authenticate` returns and raise what it raises."""
        try:
            token = self._remembered(text)
        except _OfNoKey as found:
            return found.token
        if token.kid is None or self._keys.named(token.kid) is None:
            raise _not_ours()
        return token

    def _by_its_key(self, text: str) -> AccessToken:
        token = authenticate(self._keys, text)
        if token.kid is None:
            raise _OfNoKey(token)
        return token


def _not_ours() -> TokenProblem:
    return TokenProblem("signature", "it was not made by a key of this app")


def authenticate(keys: KeyRing, text: str) -> AccessToken:
    """Return what an access token says, once its signature was found good.

    Raises `TokenProblem` when the token is malformed, lacks a claim, or was not signed by a key of
    this app; `ServerFailure` (500), as a core does, when a signature is no base64 although its key
    is known, and when a token of version 1 or 2 has no user claims.
    """
    structure = read_structure(text)
    if structure.kid is None:
        signed = _signed_by_any(keys, structure)
    else:
        key = keys.named(structure.kid)
        signed = key is not None and _signed_by(key, structure, _signature(structure))
    if not signed:
        raise _not_ours()
    return claims_of(structure)


def claims_of(structure: TokenStructure) -> AccessToken:
    """Return the claims; raises `TokenProblem`, or `ServerFailure` where a core fails."""
    try:
        return read_claims(structure)
    except TokenProblem as problem:
        if problem.claim == "userData":
            raise ServerFailure("An old access token has no user claims") from problem
        raise


def _signed_by_any(keys: KeyRing, structure: TokenStructure) -> bool:
    signature = _signature(structure)
    if any(_signed_by(key, structure, signature) for key in keys.all()):
        return True
    keys.reload()
    return any(_signed_by(key, structure, signature) for key in keys.all())


def _signed_by(key: SigningKey, structure: TokenStructure, signature: bytes) -> bool:
    return key.verifies(signature, structure.signing_input)


def _signature(structure: TokenStructure) -> bytes:
    bare = structure.signature_text.rstrip("=")
    padding = structure.signature_text[len(bare) :]
    alphabet = _STANDARD if structure.version <= LAST_BASE64_VERSION else _URL
    if padding not in _PADDINGS.get(len(bare) % 4, ()) or not alphabet.fullmatch(bare):
        raise ServerFailure("The signature of the access token is not base64")
    try:
        return decode_base64_any(bare)
    except CodecProblem as problem:
        raise ServerFailure("The signature of the access token is not base64") from problem
