"""Where a token stands in the line of its session: the rules, without any doing.

Source: core, behaviour notes 2.3 and 2.4.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from stctl.core.engine.outcomes import Reuse
from stctl.tokens.access import AccessToken
from stctl.tokens.hashes import hash1


class Standing(Enum):
    """What a presented refresh token is to the row of its session."""

    CURRENT = "current"
    CHILD = "child"
    """Minted by a legacy refresh from the current token, and not used until now."""
    PREVIOUS_IN_WINDOW = "previous in window"
    REUSED = "reused"


class Line(Protocol):
    """What a session's row keeps of its refresh tokens; whoever looks back can keep it as well."""

    @property
    def current_hash2(self) -> str:
        """H2 of the token that is good."""
        ...

    @property
    def previous_hash2(self) -> str | None:
        """H2 of the token that the last rotation or promotion retired."""
        ...

    @property
    def rotated_at_ms(self) -> int | None:
        """When it was retired, in milliseconds since the epoch."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentedRefresh:
    """The hashes that place a refresh token."""

    hash1: str
    hash2: str
    parent_hash2: str | None
    """H of the parent hash inside the token; None for the first token of a session."""


def standing(row: Line, presented: PresentedRefresh, now_ms: int, grace_ms: int) -> Standing:
    """Return what the token is; the first that fits, in the order of `Standing`.

    The window of the previous token is inclusive: `now == rotated + grace` is still inside.
    """
    if presented.hash2 == row.current_hash2:
        return Standing.CURRENT
    if presented.parent_hash2 == row.current_hash2:
        return Standing.CHILD
    in_window = row.rotated_at_ms is not None and now_ms <= row.rotated_at_ms + grace_ms
    if in_window and presented.hash2 == row.previous_hash2:
        return Standing.PREVIOUS_IN_WINDOW
    return Standing.REUSED


def classify_reuse(row: Line, presented: PresentedRefresh) -> Reuse:
    """Return which kind of reuse it is; the grace window plays no part here."""
    if presented.hash2 == row.previous_hash2:
        return Reuse.RECENT_PREV
    if presented.parent_hash2 is not None and presented.parent_hash2 == row.previous_hash2:
        return Reuse.ORPHANED_BRANCH
    return Reuse.STALE_LINEAGE


def in_lineage(row: Line, token: AccessToken) -> bool:
    """Whether an access token belongs to the current or the previous generation.

    Its refresh token, or the one that was refreshed to get it, is the current or the previous one.
    """
    known = (row.current_hash2, row.previous_hash2)
    if hash1(token.refresh_token_hash1) in known:
        return True
    parent = token.parent_refresh_token_hash1
    return parent is not None and hash1(parent) in known


def promotes(row: Line, token: AccessToken) -> bool:
    """Whether the first use of this access token makes its refresh token the current one."""
    parent = token.parent_refresh_token_hash1
    return parent is not None and hash1(parent) == row.current_hash2
