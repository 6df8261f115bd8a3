import re

from stctl.clock import FrozenClock, SeededEntropy, SystemClock, SystemEntropy

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_a_frozen_clock_moves_only_by_what_is_waited() -> None:
    clock = FrozenClock(1000)
    clock.wait_ms(31_000)
    assert (clock.now_ms(), clock.now_ms()) == (32_000, 32_000)


def test_the_system_clock_counts_milliseconds_and_returns_at_once_from_no_wait() -> None:
    clock = SystemClock()
    before = clock.now_ms()
    clock.wait_ms(-5)
    assert 1_700_000_000_000 < before <= clock.now_ms()


def test_seeded_chance_repeats_itself_and_differs_between_seeds() -> None:
    one, same, other = SeededEntropy(1), SeededEntropy(1), SeededEntropy(2)
    drawn = [one.uuid(), one.token_bytes(12), one.fraction()]
    assert drawn == [same.uuid(), same.token_bytes(12), same.fraction()]
    assert drawn != [other.uuid(), other.token_bytes(12), other.fraction()]


def test_both_sources_make_version_4_uuids_and_fractions_below_one() -> None:
    for source in (SystemEntropy(), SeededEntropy(1)):
        assert UUID4.fullmatch(source.uuid())
        assert all(0 <= source.fraction() < 1 for _ in range(50))
        assert len(source.token_bytes(7)) == 7
