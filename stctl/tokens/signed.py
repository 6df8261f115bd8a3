"""Signed tokens that are no access tokens: JWTs of `/recipe/jwt`, of OAuth2, and foreign ones."""

from dataclasses import dataclass

from stctl.jsontypes import JsonObject
from stctl.tokens.access import decode_part
from stctl.tokens.problem import TokenProblem, wrong_part_count

_PARTS = 3
_ENCRYPTED_PARTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedToken:
    """A JSON Web Token in the compact form, whatever its algorithm and claims."""

    text: str
    header: JsonObject
    payload: JsonObject
    signing_input: bytes
    signature_text: str
    refusal: TokenProblem
    """Why a core would not take it as an access token."""

    @property
    def kid(self) -> str | None:
        """The name of the key, where the header holds one."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else None


def read_signed_token(text: str, refusal: TokenProblem) -> SignedToken:
    """Read three parts whose first two are base64 of JSON objects; raises `TokenProblem`.

    Source: RFC 7515 section 3.1, RFC 7519 section 3.
    """
    parts = text.rstrip(".").split(".")
    if len(parts) == _PARTS - 1 and text.endswith("."):
        parts.append("")
    if len(parts) == _ENCRYPTED_PARTS:
        raise TokenProblem("token", "5 parts: an encrypted JWT, which only its recipient can read")
    if len(parts) != _PARTS:
        raise wrong_part_count(len(parts))
    header_text, payload_text, signature_text = parts
    return SignedToken(
        text=text,
        header=decode_part("header", header_text, 0),
        payload=decode_part("payload", payload_text, len(header_text) + 1),
        signing_input=text[: len(header_text) + 1 + len(payload_text)].encode("ascii"),
        signature_text=signature_text,
        refusal=refusal,
    )
