"""A key set that signatures are checked against, where one is given."""

from collections.abc import Callable, Mapping
from typing import Final

from stctl.recipe.reading import SessionToken
from stctl.recipe.situation import SignatureVerdict
from stctl.tokens.access import AccessToken, parse
from stctl.tokens.problem import TokenProblem
from stctl.tokens.signature import Signature

_VERDICTS: Final[Mapping[str, SignatureVerdict]] = {
    "holds": SignatureVerdict.HOLDS,
    "does-not-hold": SignatureVerdict.WRONG,
    "unknown-kid": SignatureVerdict.UNKNOWN_KEY,
}


class KeySet:
    """Tells whether access tokens were signed with one of the keys at hand."""

    def __init__(self, check: Callable[[AccessToken], Signature]) -> None:
        self._check = check

    def check(self, token: SessionToken) -> SignatureVerdict | None:
        """What the check comes to; None where it cannot be made."""
        try:
            return _VERDICTS.get(self._check(parse(token.text)).verdict)
        except TokenProblem:
            return None
