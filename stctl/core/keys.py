"""RSA keys as a core keeps, publishes and uses them.

Key material is text: base64 of the public key (X.509 SubjectPublicKeyInfo, DER), a separator, and
base64 of the private key (PKCS#8, DER). Source: core, behaviour notes 4.1 and 4.4.
"""

from base64 import b64decode, b64encode
from functools import cached_property
from typing import Final, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from stctl.tokens.codec import encode_base64url

_EXPONENT: Final = 65537
_BITS: Final = 2048
_PADDING: Final = PKCS1v15()
_HASH: Final = SHA256()


def generate_material() -> str:
    """Key material of a new RSA-2048 key. Takes a noticeable moment; hold no lock meanwhile."""
    private = generate_private_key(_EXPONENT, _BITS)
    public_der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private_der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return f"{b64encode(public_der).decode()}|{b64encode(private_der).decode()}"


class SigningKey:
    """One RSA key. Its parts are parsed when they are first needed, and only once."""

    def __init__(self, kid: str, created_at_ms: int, material: str) -> None:
        self.kid = kid
        self.created_at_ms = created_at_ms
        # Old rows have a semicolon.
        public, _, private = material.replace(";", "|").partition("|")
        self.public_base64 = public
        """Public part as the legacy key members give it."""
        self._private_base64 = private

    @cached_property
    def _private(self) -> RSAPrivateKey:
        der = b64decode(self._private_base64)
        # The core itself made the key: checking its primes again would cost more than signing.
        key = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
        return cast("RSAPrivateKey", key)

    @cached_property
    def _public(self) -> RSAPublicKey:
        return cast("RSAPublicKey", load_der_public_key(b64decode(self.public_base64)))

    @cached_property
    def jwk(self) -> dict[str, str]:
        """Public part as an entry of a JSON Web Key Set."""
        numbers = self._public.public_numbers()
        return {
            "kty": "RSA",
            "kid": self.kid,
            "n": _encode_number(numbers.n),
            "e": _encode_number(numbers.e),
            "alg": "RS256",
            "use": "sig",
        }

    def sign(self, data: bytes) -> bytes:
        """Return the RS256 signature; the same for the same data."""
        return self._private.sign(data, _PADDING, _HASH)

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether this key made the signature."""
        try:
            self._public.verify(signature, data, _PADDING, _HASH)
        except InvalidSignature:
            return False
        return True


def _encode_number(number: int) -> str:
    return encode_base64url(number.to_bytes((number.bit_length() + 7) // 8))
