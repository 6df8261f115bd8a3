"""The core's public keys as a backend SDK keeps them.

Source: SDKs, behaviour notes 2.3.
"""

from typing import Final

from stctl.clock import Clock
from stctl.errors import StctlError
from stctl.recipe.reading import SessionToken
from stctl.recipe.situation import SignatureVerdict
from stctl.scenarios.core_link import Core
from stctl.tokens.access import TokenProblem, parse
from stctl.tokens.signature import KeySet, KeySetProblem

_KEPT_MS: Final = 4 * 3600 * 1000


class KeyCache:
    """Fetches the key set once, again after four hours, and again for a key that it lacks."""

    def __init__(self, core: Core, clock: Clock) -> None:
        self._core = core
        self._clock = clock
        self._keys: KeySet | None = None
        self._fetched_at_ms = 0

    def refresh(self) -> bool:
        """Fetch the keys; whether that went well. What was known before stays known."""
        try:
            self._keys = KeySet(self._core.key_client.jwks().document)
        except (StctlError, KeySetProblem):
            return False
        self._fetched_at_ms = self._clock.now_ms()
        return True

    def check(self, token: SessionToken) -> SignatureVerdict:
        """Check a signature; the core is asked for its keys only where that is needed."""
        if self._keys is None or self._clock.now_ms() - self._fetched_at_ms > _KEPT_MS:
            self.refresh()
        if self._keys is None:
            return SignatureVerdict.KEYS_UNREACHABLE
        verdict = _check(token, self._keys)
        if verdict is SignatureVerdict.UNKNOWN_KEY:
            return (
                _check(token, self._keys) if self.refresh() else SignatureVerdict.KEYS_UNREACHABLE
            )
        return verdict


def _check(token: SessionToken, keys: KeySet) -> SignatureVerdict:
    try:
        verdict = keys.check(parse(token.text)).verdict
    except TokenProblem:
        # The SDK could read it and the token rules cannot: no key can have signed such a thing.
        return SignatureVerdict.WRONG
    match verdict:
        case "holds":
            return SignatureVerdict.HOLDS
        case "unknown-kid":
            return SignatureVerdict.UNKNOWN_KEY
        case "does-not-hold" | "not-verifiable":
            return SignatureVerdict.WRONG
