"""Checks signatures against a key set. The only place that knows a cryptography library.

Nothing here looks at the time: an expired token whose signature holds is genuine and expired, and
both are worth knowing apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from stctl.jsontypes import JsonObject, JsonValue
from stctl.tokens.access import LAST_BASE64_VERSION, AccessToken
from stctl.tokens.codec import CodecProblem, decode_base64_any
from stctl.tokens.signed import SignedToken

_ALGORITHM: Final = "RS256"
_URL_ALPHABET: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

SignatureVerdict: TypeAlias = Literal["holds", "does-not-hold", "unknown-kid", "not-verifiable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What the check of one signature came to."""

    verdict: SignatureVerdict
    kid: str | None
    """The key that signed (`holds`), else the one that the token names."""
    reason: str
    """Why, as a sentence."""

    @property
    def is_no(self) -> bool:
        """Whether the token must not be believed."""
        return self.verdict != "holds"


class KeySetProblem(ValueError):  # noqa: N818 - a finding about input, reported as such
    """A document is no key set, or no key of it can be used."""


class KeySet:
    """RSA public keys by their id, read from a JWKS document (RFC 7517)."""

    def __init__(self, document: JsonValue | JsonObject) -> None:
        """Read the usable keys; others (`kty` not RSA, `use` not `sig`) are passed over.

        Raises `KeySetProblem` where there is no list of keys, or none is usable.
        """
        from jwt.algorithms import RSAAlgorithm

        self._rsa: RSAAlgorithm = RSAAlgorithm(RSAAlgorithm.SHA256)
        listed = document.get("keys") if isinstance(document, Mapping) else None
        if not isinstance(listed, list):
            raise KeySetProblem("it has no list `keys`")
        self._keys: dict[str, Any] = {}
        for number, key in enumerate(listed):
            self._add(key, f"#{number}")
        if not self._keys:
            raise KeySetProblem("it has no RSA key for signatures")

    def _add(self, key: JsonValue, fallback: str) -> None:
        if not isinstance(key, dict) or key.get("kty") != "RSA" or key.get("use", "sig") != "sig":
            return
        from jwt.exceptions import InvalidKeyError

        try:
            public = self._rsa.from_jwk({"kty": "RSA", "n": key["n"], "e": key["e"]})
        except (InvalidKeyError, ValueError, KeyError, TypeError) as problem:
            raise KeySetProblem(f"its key {key.get('kid', fallback)} is broken") from problem
        kid = key.get("kid")
        self._keys[kid if isinstance(kid, str) else fallback] = public

    @property
    def kids(self) -> Sequence[str]:
        """The ids of the keys, in the order of the document."""
        return tuple(self._keys)

    def check(self, token: AccessToken | SignedToken) -> Signature:
        """Whether a key of the set made the token's signature.

        Versions 1 and 2 name no key, so all are tried; from version 3 only the named one counts.

        Source: core, behaviour notes 2.3 step 2.
        """
        is_old = isinstance(token, AccessToken) and token.version <= LAST_BASE64_VERSION
        signed = token.structure if isinstance(token, AccessToken) else token
        if signed.header.get("alg") != _ALGORITHM:
            return _no("not-verifiable", token.kid, "Only RS256 is checked.")
        problem = _form_problem(signed.signature_text, is_old=is_old)
        if problem is not None:
            return _no("does-not-hold", token.kid, problem)
        signature = decode_base64_any(signed.signature_text)
        if is_old:
            return self._check_all(signed.signing_input, signature)
        return self._check_one(token.kid, signed.signing_input, signature)

    def _check_all(self, signed: bytes, signature: bytes) -> Signature:
        for kid in self._keys:
            if self._holds(kid, signed, signature):
                return _holds(kid)
        count = len(self._keys)
        return _no("does-not-hold", None, f"None of the {count} keys of the set made it.")

    def _check_one(self, kid: str | None, signed: bytes, signature: bytes) -> Signature:
        if kid is None:
            return _no("not-verifiable", None, "The header names no key.")
        if kid not in self._keys:
            known = ", ".join(self._keys)
            return _no("unknown-kid", kid, f"The key set has {known}.")
        if self._holds(kid, signed, signature):
            return _holds(kid)
        return _no("does-not-hold", kid, f"The key {kid} did not make it.")

    def _holds(self, kid: str, signed: bytes, signature: bytes) -> bool:
        return self._rsa.verify(signed, self._keys[kid], signature)


def _form_problem(text: str, *, is_old: bool) -> str | None:
    if not text:
        return "There is no signature."
    if not is_old and not _URL_ALPHABET.issuperset(text.rstrip("=")):
        return "It is not base64url."
    try:
        decode_base64_any(text)
    except CodecProblem as problem:
        return f"It is not base64: {problem.reason}."
    return None


def _holds(kid: str) -> Signature:
    return Signature(verdict="holds", kid=kid, reason=f"The key {kid} made it.")


def _no(verdict: SignatureVerdict, kid: str | None, reason: str) -> Signature:
    return Signature(verdict=verdict, kid=kid, reason=reason)
