"""Relates the tokens of a report to each other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from stctl.tokens.access import AccessToken
from stctl.tokens.lineage import (
    Kinship,
    Member,
    linked,
    member_of_access,
    member_of_refresh,
    relate,
)
from stctl.tokens.refresh import RefreshToken

if TYPE_CHECKING:
    from stctl.tokens.decoded import Item

MOST_RELATED: Final = 8
"""Up to this many session tokens every pair is related; beyond it only what a hash links."""


def kin_of(items: "Sequence[Item]") -> list[tuple[int, int, Kinship]]:
    """Pairs of numbers of items, each with what the first is to the second."""
    members = [(number, member) for number, item in enumerate(items) if (member := _member(item))]
    only_members = [member for _, member in members]
    pairs = relate(only_members) if len(members) <= MOST_RELATED else linked(only_members)
    return [(members[pair.first][0], members[pair.second][0], pair) for pair in pairs]


def _member(item: "Item") -> Member | None:
    from stctl.tokens.decoded import Decoded

    if not isinstance(item, Decoded):
        return None
    body = item.finding.body
    if isinstance(body, AccessToken):
        return member_of_access(body)
    return member_of_refresh(body, item.contents) if isinstance(body, RefreshToken) else None
