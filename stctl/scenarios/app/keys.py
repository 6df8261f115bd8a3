"""The public keys of an app's core, fetched anew when a token names one that is not among them."""

from typing import TYPE_CHECKING

from stctl.cdi.client import CdiClient
from stctl.tokens.access import AccessToken

if TYPE_CHECKING:
    from stctl.tokens.signature import KeySet, Signature


class CoreKeys:
    """Checks signatures with the key set of a core, which is fetched when first needed."""

    def __init__(self, client: CdiClient) -> None:
        self._client = client
        self._keys: KeySet | None = None

    def check(self, token: AccessToken) -> "Signature":
        """What the check comes to; raises the errors of a core that cannot be asked."""
        keys = self._keys or self._fetch()
        found = keys.check(token)
        if found.verdict == "unknown-kid":
            return self._fetch().check(token)
        return found

    def _fetch(self) -> "KeySet":
        from stctl.tokens.signature import KeySet

        self._keys = KeySet(self._client.jwks().document)
        return self._keys
