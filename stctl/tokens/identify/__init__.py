"""Finds out what a pasted thing is: one token, or several, wherever they are wrapped."""

from stctl.tokens.identify.entry import identify
from stctl.tokens.identify.model import (
    MOST_FOUND,
    Body,
    Broken,
    Cleared,
    Finding,
    Found,
    Kind,
    Place,
    Source,
)

__all__ = [
    "MOST_FOUND",
    "Body",
    "Broken",
    "Cleared",
    "Finding",
    "Found",
    "Kind",
    "Place",
    "Source",
    "identify",
]
