"""How tokens of one session descend from each other, proved by nothing but their hashes.

An access token names its refresh token by H1, and mostly the parent of that as well; a refresh
token is its own H1, and names its parent only inside its encrypted content. Tokens that share a
refresh token are one generation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

from stctl.tokens.access import AccessToken
from stctl.tokens.hashes import hash1
from stctl.tokens.refresh import RefreshContents, RefreshToken

Relation: TypeAlias = Literal[
    "same-token",
    "same-generation",
    "parent",
    "child",
    "sibling",
    "same-session",
    "stranger",
    "unknown",
]
"""What the first of two tokens is to the second.

`same-session`: one session, but no hash links them; a grandparent looks like that. `stranger`:
proved to be of different sessions. `unknown`: the hashes cannot tell.
"""

PROOFS: dict[Relation, str] = {
    "same-token": "The two texts are equal.",
    "same-generation": "Both belong to one refresh token: H1 is equal.",
    "parent": "H1 of the one is the parent hash of the other.",
    "child": "The parent hash of the one is H1 of the other.",
    "sibling": "Both name one parent hash: a refresh token was refreshed twice.",
    "same-session": "One session handle, but no hash links them: they are further apart.",
    "stranger": "They are of different sessions.",
    "unknown": "No hash links them, and one of them hides its session or its parent.",
}
"""What proves each relation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A token with what it says of its descent."""

    text: str
    generation: str
    """H1 of its refresh token."""
    parent: str | None
    """H1 of that token's parent; None where it is not named.

    Not named does not mean that there is none: promotion takes the name out of an access token,
    and CDI 5.6 never puts it in.
    """
    session_handle: str | None
    is_first: bool = False
    """Proved to be the first of its session: only the content of a refresh token can prove it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinship:
    """What one member (by its number) is to a later one."""

    first: int
    second: int
    relation: Relation


def member_of_access(token: AccessToken) -> Member:
    """Descent of an access token."""
    return Member(
        text=token.structure.text,
        generation=token.refresh_token_hash1,
        parent=token.parent_refresh_token_hash1,
        session_handle=token.session_handle,
    )


def member_of_refresh(token: RefreshToken, contents: RefreshContents | None) -> Member:
    """Descent of a refresh token, whose contents may be known."""
    parent = contents.parent_refresh_token_hash1 if contents else None
    return Member(
        text=token.text,
        generation=hash1(token.text),
        parent=parent,
        session_handle=contents.session_handle if contents else None,
        is_first=contents is not None and parent is None,
    )


def relate(members: Sequence[Member]) -> list[Kinship]:
    """The relation of every pair, in order of their numbers.

    What one token says of its generation holds for all tokens of it: an access token tells the
    parent and the session of the refresh token that was issued with it.
    """
    known = _pool(members)
    return [
        Kinship(first=one, second=other, relation=_relation(known[one], known[other]))
        for one, other in combinations(range(len(members)), 2)
    ]


def linked(members: Sequence[Member]) -> Iterator[Kinship]:
    """Only the pairs of neighbours that a hash links, for sets too large for every pair.

    Each member is related to the one before it in its generation, and each generation's first
    member to the first members of its parent generation and of the sibling before it.
    """
    known = _pool(members)
    first_of: dict[str, int] = {}
    child_of: dict[str, int] = {}
    for number, member in enumerate(known):
        if member.generation in first_of:
            yield _kinship(known, first_of[member.generation], number)
            continue
        first_of[member.generation] = number
        if member.parent is not None:
            if member.parent in child_of:
                yield _kinship(known, child_of[member.parent], number)
            child_of.setdefault(member.parent, number)
    for number in first_of.values():
        parent = known[number].parent
        if parent in first_of:
            yield _kinship(known, *sorted((first_of[parent], number)))


def _kinship(members: Sequence[Member], one: int, other: int) -> Kinship:
    return Kinship(first=one, second=other, relation=_relation(members[one], members[other]))


def _pool(members: Sequence[Member]) -> list[Member]:
    """The members, each with what the others of its generation know."""
    parents: dict[str, str] = {}
    handles: dict[str, str] = {}
    for member in members:
        if member.parent is not None:
            parents.setdefault(member.generation, member.parent)
        if member.session_handle is not None:
            handles.setdefault(member.generation, member.session_handle)
    for member in members:
        # Parent and child are of one session; what names the one names the other.
        parent = parents.get(member.generation)
        handle = handles.get(member.generation)
        if parent is not None and handle is not None:
            handles.setdefault(parent, handle)
    return [
        Member(
            text=member.text,
            generation=member.generation,
            parent=member.parent or parents.get(member.generation),
            session_handle=member.session_handle or handles.get(member.generation),
            is_first=member.is_first,
        )
        for member in members
    ]


def _relation(one: Member, other: Member) -> Relation:
    if one.text == other.text:
        return "same-token"
    return _proved_by_hash(one, other) or _proved_by_session(one, other)


def _proved_by_hash(one: Member, other: Member) -> Relation | None:
    if one.generation == other.generation:
        return "same-generation"
    if one.generation == other.parent:
        return "parent"
    if other.generation == one.parent:
        return "child"
    return "sibling" if one.parent is not None and one.parent == other.parent else None


def _proved_by_session(one: Member, other: Member) -> Relation:
    if one.session_handle is None or other.session_handle is None:
        # A session has one first refresh token, so two of them are of two sessions.
        return "stranger" if one.is_first and other.is_first else "unknown"
    return "same-session" if one.session_handle == other.session_handle else "stranger"
