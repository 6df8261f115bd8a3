"""Stands for what must have been there and is not shown."""

from typing import Final

from stctl.sessions.answers import IssuedToken

# Three parts that decode to empty objects: the shape is all that the tree needs.
_SHAPE: Final = ".".join(("e30",) * 3)
UNSEEN_TOKEN: Final = IssuedToken(token=_SHAPE, expires_at_ms=1, created_at_ms=0)
"""A token of which nothing is known but that it was there."""
