from itertools import pairwise

import pytest

from recorded_tokens import V2, V5, V5_CLAIMS, V5_ROTATED
from stctl.tokens.access import parse
from stctl.tokens.hashes import hash1
from stctl.tokens.lineage import (
    Member,
    Relation,
    linked,
    member_of_access,
    member_of_refresh,
    relate,
)
from stctl.tokens.refresh import RefreshContents, read_refresh_token


def access(text: str) -> Member:
    return member_of_access(parse(text))


def refresh(text: str, contents: RefreshContents | None = None) -> Member:
    return member_of_refresh(read_refresh_token(text), contents)


def opened(text: str, parent: str | None, handle: str = "h") -> Member:
    contents = RefreshContents(
        session_handle=handle,
        user_id="u",
        parent_refresh_token_hash1=None if parent is None else hash1(parent),
        nonce="n",
        anti_csrf_token=None,
    )
    return refresh(text, contents)


def relations(*members: Member) -> list[Relation]:
    return [pair.relation for pair in relate(members)]


# V5 has two children of one refresh token, V2 a line of four generations.
FIRST, CHILD, OTHER_CHILD = V5


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (access(CHILD.access), access(CHILD.access), "same-token"),
        (access(CHILD.access), refresh(CHILD.refresh), "same-generation"),
        (access(FIRST.access), access(CHILD.access), "parent"),
        (access(CHILD.access), access(FIRST.access), "child"),
        (access(CHILD.access), refresh(FIRST.refresh), "child"),
        (refresh(FIRST.refresh), access(CHILD.access), "parent"),
        (access(CHILD.access), access(OTHER_CHILD.access), "sibling"),
        (access(FIRST.access), access(V5_CLAIMS.access), "stranger"),
        (refresh(FIRST.refresh), refresh(CHILD.refresh), "unknown"),
        (refresh(FIRST.refresh), access(V5_CLAIMS.access), "unknown"),
        (access(V2[0].access), access(V2[1].access), "parent"),
        (access(V2[0].access), access(V2[2].access), "same-session"),
        (access(V5_ROTATED[0].access), access(V5_ROTATED[1].access), "same-session"),
    ],
)
def test_two_tokens_of_recorded_sessions(one: Member, other: Member, expected: Relation) -> None:
    assert relations(one, other) == [expected]


def test_an_access_token_tells_the_parent_of_the_refresh_token_beside_it() -> None:
    assert relations(refresh(FIRST.refresh), refresh(CHILD.refresh), access(CHILD.access)) == [
        "parent",
        "parent",
        "same-generation",
    ]


def test_siblings_of_one_parent_are_known_without_the_parent() -> None:
    members = [
        refresh(CHILD.refresh),
        refresh(OTHER_CHILD.refresh),
        access(CHILD.access),
        access(OTHER_CHILD.access),
    ]
    assert relations(*members)[0] == "sibling"


def test_opened_refresh_tokens_tell_their_parents() -> None:
    first, child, other = (one.refresh for one in V5)
    assert relations(opened(first, None), opened(child, first)) == ["parent"]
    assert relations(opened(child, first), opened(other, first)) == ["sibling"]
    assert relations(opened(first, None), opened(V5_ROTATED[0].refresh, None, "g")) == ["stranger"]
    assert relations(opened(first, None), opened(V5_ROTATED[2].refresh, "x")) == ["same-session"]


def test_large_sets_are_linked_without_comparing_every_pair() -> None:
    members = [access(one.access) for one in V2] + [refresh(one.refresh) for one in V2]
    found = {(pair.first, pair.second): pair.relation for pair in linked(members)}
    assert found == {
        (0, 1): "parent",
        (1, 2): "parent",
        (2, 3): "parent",
        (0, 4): "same-generation",
        (1, 5): "same-generation",
        (2, 6): "same-generation",
        (3, 7): "same-generation",
    }


def test_large_sets_show_siblings() -> None:
    members = [access(CHILD.access), access(OTHER_CHILD.access)]
    assert [pair.relation for pair in linked(members)] == ["sibling"]


def test_a_thousand_tokens_are_linked_in_no_time() -> None:
    texts = [str(number) for number in range(1000)]
    members = [
        Member(text=text, generation=hash1(text), parent=hash1(before), session_handle="h")
        for before, text in pairwise(["first", *texts])
    ]
    assert [pair.relation for pair in linked(members)] == ["parent"] * 999
