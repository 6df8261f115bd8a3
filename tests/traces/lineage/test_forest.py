"""Whatever a trace shows, and in whatever order: its families are trees."""

from collections.abc import Iterable
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from lineages import families, played, recorded, told_in
from stctl.render.lineage.branches import rows_of
from stctl.render.lineage.dot import dot_text
from stctl.render.lineage.svg import forest_svg
from stctl.render.lineage.tree import family_blocks
from stctl.render.plain import layout
from stctl.traces.explain.story import Told
from stctl.traces.lineage import Family, LineageReader
from stctl.traces.lineage.model import UseKind
from stctl.traces.lineage.moves import Move
from stctl.traces.lineage.token_facts import AccessFacts

HASHES = st.sampled_from("abcdefgh")
HANDLES = st.sampled_from(["s1", "s2", "s3"])


@cache
def told() -> tuple[Told, ...]:
    """What a few sessions tell, with branches of both kinds of rules."""
    entries = [
        *recorded("refresh-race.express.default.cookie"),
        *played("theft", "stale-lineage", "5.6"),
        *played("race", "many-clients", "5.4"),
    ]
    return tuple(told_in([{**one, "_initiator": None} for one in entries]))


def assert_forest(found: Iterable[Family]) -> None:
    seen: set[str] = set()
    for family in found:
        own = [one.refresh_hash for one in family.generations]
        assert len(own) == len({*own})
        assert seen.isdisjoint(own)
        seen.update(own)
        above: set[str] = set()
        for one in family.generations:
            # A parent stands before its child or is not there at all: no way leads in a circle.
            assert one.parent_hash not in own or one.parent_hash in above
            above.add(one.refresh_hash)
        assert sorted(row.generation.refresh_hash for row in rows_of(family)) == sorted(own)


def grown(history: Iterable[Move], sessions: int = 99, generations: int = 99) -> list[Family]:
    reader = LineageReader(most_sessions=sessions, most_generations=generations)
    for move in history:
        reader.take(move)
    return reader.families()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_order_and_any_part_of_a_trace_gives_trees(data: st.DataObject) -> None:
    every = told()
    order = data.draw(st.permutations(range(len(every))))
    kept = order[: data.draw(st.integers(0, len(order)))]
    reader = LineageReader()
    for place in kept:
        reader.add(every[place])
    assert_forest(reader.families())


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30))
def test_a_trace_that_is_cut_at_both_ends_gives_trees(begin: int, end: int) -> None:
    entries = played("race", "many-clients", "5.4")
    assert_forest(families(entries[begin : len(entries) - end]))


def facts() -> st.SearchStrategy[AccessFacts]:
    return st.builds(
        AccessFacts,
        hash=HASHES,
        generation=HASHES,
        parent=st.none() | HASHES,
        handle=st.none() | HANDLES,
        user_id=st.none() | st.just("u"),
        minted_at_ms=st.integers(0, 9),
        expires_at_ms=st.integers(0, 9),
    )


def moves() -> st.SearchStrategy[Move]:
    return st.builds(
        Move,
        entry=st.integers(0, 50),
        order=st.integers(0, 50),
        at_ms=st.integers(0, 10**6),
        ended_at_ms=st.integers(0, 10**6),
        kind=st.none() | st.sampled_from(UseKind),
        source=st.none() | st.tuples(st.none() | HASHES, st.none() | HASHES),
        presented=st.none() | HASHES,
        access=st.none() | facts(),
        given=st.none() | HASHES,
        minted=st.lists(facts(), max_size=2).map(tuple),
        carried=st.lists(facts(), max_size=2).map(tuple),
        seen=st.lists(HASHES, max_size=2).map(tuple),
        handle=st.none() | HANDLES,
        error=st.none() | st.sampled_from(["TOKEN_THEFT_DETECTED", "UNAUTHORISED"]),
        reuse=st.none() | st.sampled_from(["RECENT_PREV", "STALE_LINEAGE", "?"]),
        lost=st.none() | st.just("lost"),
        cdi=st.none() | st.sampled_from(["5.4", "5.6", "x"]),
        revoked=st.lists(HANDLES, max_size=1).map(tuple),
    )


@settings(max_examples=80, deadline=None)
@given(st.lists(moves(), max_size=25))
def test_tokens_that_contradict_each_other_give_trees_that_can_be_drawn(
    history: list[Move],
) -> None:
    found = grown(history)
    assert_forest(found)
    for family in found:
        for width in (40, 120):
            assert [*layout(family_blocks(family, width))]
    assert forest_svg(found).endswith("</svg>\n")
    assert "".join(dot_text(found)).count("{") == "".join(dot_text(found)).count("}")


@settings(max_examples=80, deadline=None)
@given(st.lists(moves(), max_size=25), st.integers(1, 3), st.integers(1, 4))
def test_however_little_may_be_kept_what_is_kept_are_trees(
    history: list[Move], sessions: int, generations: int
) -> None:
    found = grown(history, sessions, generations)
    assert_forest(found)
    assert len(found) <= sessions
    assert all(len(family.generations) <= generations for family in found)
