"""A key set that signatures are checked against, where one is given."""

from typing import Protocol

from stctl.recipe.reading import SessionToken
from stctl.recipe.situation import SignatureVerdict


class KeySet(Protocol):
    """Tells whether a token was signed with one of its keys."""

    def check(self, token: SessionToken) -> SignatureVerdict | None:
        """What the check comes to; None where it cannot be made."""
        ...
