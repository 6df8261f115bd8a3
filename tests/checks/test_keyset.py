from stctl.checks.key_changes import watch_keys
from stctl.checks.keyset import KeySituation, read_situation
from stctl.clock import FrozenClock
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonObject

HOUR = 3_600_000
NOW = 1_795_000_000_000


def document(*kids: str) -> JsonObject:
    return {"keys": [{"kid": kid, "kty": "RSA"} for kid in kids]}


def d(age_ms: int) -> str:
    return f"d-{NOW - age_ms}"


def roles(found: KeySituation) -> list[str]:
    return [one.role for one in found.keys]


def test_the_newest_dynamic_key_signs_and_static_keys_stand_apart() -> None:
    found = read_situation(document(d(9 * HOUR), d(HOUR), "s-a", "s-b"), 60, NOW)
    assert [one.kid for one in found.keys] == [d(HOUR), d(9 * HOUR), "s-a", "s-b"]
    assert roles(found) == ["signs", "verifies", "signs", "verifies"]
    assert (found.signer, found.static_signer) == (d(HOUR), "s-a")


def test_a_key_younger_than_a_minute_waits_for_its_turn() -> None:
    older = 23 * HOUR + 59 * 60_000
    found = read_situation(document(d(59_999), d(older)), 24 * 3600, NOW)
    assert roles(found) == ["next", "signs"]
    at_a_minute = read_situation(document(d(60_000), d(older)), 24 * 3600, NOW)
    assert roles(at_a_minute) == ["signs", "verifies"]


def test_a_young_key_signs_at_once_where_it_is_alone_or_the_other_is_too_old() -> None:
    assert roles(read_situation(document(d(5)), 3600, NOW)) == ["signs"]
    # It may be kept for an hour less the minute: so a key signs for an hour.
    hourly = 3600 - 60 - 5
    assert roles(read_situation(document(d(5_000), d(HOUR)), hourly, NOW)) == ["signs", "verifies"]


def test_the_interval_and_the_next_key_follow_from_how_long_the_set_may_be_kept() -> None:
    found = read_situation(document(d(HOUR)), (168 - 1) * 3600 - 60, NOW)
    assert found.interval_ms == 168 * HOUR
    assert found.next_key_at_ms == NOW + 167 * HOUR - 60_000
    assert not found.is_due


def test_an_age_of_one_second_says_that_a_key_is_due_and_nothing_of_the_interval() -> None:
    found = read_situation(document(d(500 * HOUR)), 1, NOW)
    assert (found.is_due, found.interval_ms) == (True, None)


def test_without_a_cache_header_the_next_key_is_unknown() -> None:
    found = read_situation(document(d(HOUR)), None, NOW)
    assert (found.next_key_at_ms, found.interval_ms, found.is_due) == (None, None, False)


def test_entries_without_an_id_and_sets_without_keys_are_no_trouble() -> None:
    assert read_situation({"keys": [{}, 5, {"kid": 7}]}, None, NOW).keys == []
    assert read_situation({}, 5, NOW).signer is None


def test_watching_tells_what_comes_goes_and_starts_to_sign_on_a_clock_that_never_waits() -> None:
    clock = FrozenClock(NOW)
    looks: list[JsonObject | StctlError] = [
        document("d-1"),
        document("d-1"),
        StctlError(ErrorKind.CORE_DOWN, "down"),
        StctlError(ErrorKind.CORE_DOWN, "down"),
        document(f"d-{NOW + 4 * 30_000}", "d-1"),
        document(f"d-{NOW + 4 * 30_000}", "d-1"),
        document(f"d-{NOW + 4 * 30_000}", "d-1"),
        document(f"d-{NOW + 4 * 30_000}"),
    ]
    sets = iter(looks)

    def look() -> KeySituation:
        found = next(sets)
        if isinstance(found, StctlError):
            raise found
        return read_situation(found, None, clock.now_ms())

    told = list(watch_keys(look, clock, 30_000, 8))
    assert [one.kind for one in told] == [
        "first-look",
        "unreachable",
        "reachable",
        "published",
        "signer",
        "withdrawn",
    ]
    assert [one.at_ms - NOW for one in told] == [0, 60_000, 120_000, 120_000, 180_000, 210_000]
    signer = told[4]
    assert (signer.before, signer.kid) == ("d-1", f"d-{NOW + 120_000}")
