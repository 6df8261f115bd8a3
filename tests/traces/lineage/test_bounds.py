"""A family tree of a long trace stays small, and says what was left out."""

import tracemalloc

from stctl.traces.lineage import LineageReader, UseKind
from stctl.traces.lineage.moves import Move
from stctl.traces.lineage.token_facts import AccessFacts


def refreshed(place: int, old: str, new: str, handle: str) -> Move:
    minted = AccessFacts(f"a{new}", new, None, handle, "u", 0, 0)
    return Move(
        entry=place,
        order=place,
        at_ms=1000 * place,
        ended_at_ms=1000 * place + 5,
        kind=UseKind.REFRESHED,
        presented=old,
        given=new,
        minted=(minted,),
    )


def used(place: int, generation: str, handle: str, agent: str = "x") -> Move:
    return Move(
        entry=place,
        order=place,
        at_ms=1000 * place,
        ended_at_ms=1000 * place + 5,
        kind=UseKind.VERIFIED,
        source=(None, agent),
        access=AccessFacts(f"a{place}", generation, None, handle, "u", 0, 0),
    )


def test_of_too_many_sessions_the_oldest_are_forgotten_and_counted() -> None:
    reader = LineageReader(most_sessions=3)
    for place in range(10):
        reader.take(used(place, f"g{place}", f"s{place}"))
    assert [one.session_handle for one in reader.families()] == ["s7", "s8", "s9"]
    assert reader.forgotten_sessions == 7


def test_a_session_that_is_still_used_is_not_the_oldest() -> None:
    reader = LineageReader(most_sessions=2)
    reader.take(used(0, "g0", "s0"))
    reader.take(used(1, "g1", "s1"))
    reader.take(used(2, "g0", "s0"))
    reader.take(used(3, "g3", "s3"))
    assert [one.session_handle for one in reader.families()] == ["s0", "s3"]


def test_of_a_long_line_the_oldest_generations_are_forgotten_and_counted() -> None:
    reader = LineageReader(most_generations=5)
    for place in range(20):
        reader.take(refreshed(place, f"g{place}", f"g{place + 1}", "s"))
    (family,) = reader.families()
    assert [one.refresh_hash for one in family.generations] == [f"g{n}" for n in range(16, 21)]
    assert family.forgotten == 16
    assert family.generations[-1].is_current


def test_of_many_uses_the_first_and_the_last_are_kept_and_all_are_counted() -> None:
    reader = LineageReader()
    for place in range(1000):
        reader.take(used(place, "g", "s"))
    (family,) = reader.families()
    (one,) = family.generations
    assert one.use_count == 1000
    assert len(one.uses) < 60
    assert (one.uses[0].entry, one.uses[-1].entry) == (0, 999)
    assert one.access_count == 1000
    assert len(one.access_tokens) < 60


def test_clients_without_end_do_not_grow_a_family_without_end() -> None:
    reader = LineageReader()
    for place in range(2000):
        reader.take(used(place, "g", "s", agent=f"client {place}"))
    (family,) = reader.families()
    assert len(family.clients) == 200


def test_memory_does_not_grow_with_the_trace() -> None:
    reader = LineageReader(most_sessions=50)

    def read(begin: int, end: int) -> int:
        for place in range(begin, end):
            session = place // 4
            reader.take(
                refreshed(place, f"{session}.{place}", f"{session}.{place + 1}", str(session))
            )
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        early = read(0, 2000)
        late = read(2000, 20_000)
    finally:
        tracemalloc.stop()
    assert late < early * 1.5
