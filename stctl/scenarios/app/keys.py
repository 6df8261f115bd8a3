"""Which access tokens of an app are genuine: by the key set of its core, or for having been seen.

Whoever has no key still knows a forgery of a token that the app itself gave out: one text has one
signature, so the same text with another signature is not signed.
"""

from typing import TYPE_CHECKING

from stctl.cdi.client import CdiClient
from stctl.tokens.access import AccessToken

if TYPE_CHECKING:
    from stctl.tokens.signature import KeySet, Signature, SignatureVerdict


class Signatures:
    """Checks signatures as far as that can be done."""

    def __init__(self, core: CdiClient | None) -> None:
        """`core` has the keys, which are fetched when first needed; None where it is not known."""
        self._core = core
        self._keys: KeySet | None = None
        self._seen: dict[str, str] = {}

    def saw(self, token: str) -> None:
        """Note an access token that the app, or its core, gave out."""
        text, _, signature = token.rpartition(".")
        self._seen[text] = signature

    def check(self, token: AccessToken) -> "Signature":
        """What the check comes to, `not-verifiable` where nothing is known of the token.

        Raises the errors of a core that cannot be asked.
        """
        if self._core is None:
            return self._by_sight(token)
        found = (self._keys or self._fetch(self._core)).check(token)
        if found.verdict == "unknown-kid":
            # The core may have begun to sign with another key.
            return self._fetch(self._core).check(token)
        return found

    def _fetch(self, core: CdiClient) -> "KeySet":
        from stctl.tokens.signature import KeySet

        self._keys = KeySet(core.jwks().document)
        return self._keys

    def _by_sight(self, token: AccessToken) -> "Signature":
        from stctl.tokens.signature import Signature

        text, _, signature = token.structure.text.rpartition(".")
        known = self._seen.get(text)
        verdict: SignatureVerdict = "not-verifiable"
        if known is not None:
            verdict = "holds" if known == signature else "does-not-hold"
        return Signature(verdict=verdict, kid=None, reason="as the app gave it out, or not")
