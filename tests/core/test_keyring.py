from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core_stand import START_MS, material
from stctl.clock import FrozenClock, SystemEntropy
from stctl.core.keyring import KeyHome, KeyRing
from stctl.core.rotation import RotationRules
from stctl.core.store import Database, key_values, open_database, signing_keys, tenants
from stctl.core.store.signing_keys import DynamicKeyRow

_HOUR_MS = 3_600_000
_RULES = RotationRules(update_interval_ms=_HOUR_MS, access_token_validity_ms=600_000)
_DATA = b"what is signed"


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(START_MS)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path / "core.db")
    with database.transaction() as sql:
        tenants.create(sql, "public", "public", START_MS)
    yield database
    database.close()


def _ring(database: Database, clock: FrozenClock, *, to_dynamic: bool = True) -> KeyRing:
    home = KeyHome(app_id="public", database=database, clock=clock, entropy=SystemEntropy())
    return KeyRing(home, _RULES, migrate_to_dynamic=to_dynamic)


def _put_dynamic(database: Database, age_ms: int, number: int = 1) -> str:
    row = DynamicKeyRow(created_at_ms=START_MS - age_ms, material=material(number))
    signing_keys.add_dynamic(database.write, "public", row)
    return f"d-{row.created_at_ms}"


def test_the_first_dynamic_key_is_made_when_it_is_needed(
    database: Database, clock: FrozenClock
) -> None:
    ring = _ring(database, clock)
    assert signing_keys.dynamic_since(database.read, "public", 0) == []
    assert ring.signing(static=False).kid == f"d-{START_MS}"
    assert len(signing_keys.dynamic_since(database.read, "public", 0)) == 1


def test_a_made_key_verifies_what_it_signed_and_nothing_else(
    database: Database, clock: FrozenClock
) -> None:
    key = _ring(database, clock).signing(static=True)
    signature = key.sign(_DATA)
    assert len(signature) == 256
    assert key.verifies(signature, _DATA)
    assert not key.verifies(signature, _DATA + b"!")
    assert b64decode(key.public_base64).startswith(b"\x30\x82")


def test_a_successor_is_published_a_minute_before_it_signs(
    database: Database, clock: FrozenClock
) -> None:
    first = _put_dynamic(database, 0)
    ring = _ring(database, clock)
    clock.wait_ms(_HOUR_MS - 60_000)
    assert [key.kid for key in ring.dynamic()] == [first]
    clock.wait_ms(1)
    second = f"d-{clock.now_ms()}"
    assert [key.kid for key in ring.dynamic()] == [second, first]
    assert ring.signing(static=False).kid == first
    clock.wait_ms(60_000)
    assert ring.signing(static=False).kid == second


def test_an_old_key_is_believed_for_its_interval_and_two_validities(
    database: Database, clock: FrozenClock
) -> None:
    kid = _put_dynamic(database, 0)
    ring = _ring(database, clock)
    clock.wait_ms(_HOUR_MS + 1_200_000)
    assert ring.named(kid) is not None
    clock.wait_ms(1)
    assert ring.named(kid) is None
    assert kid not in {key.kid for key in ring.dynamic()}
    ring.forget_old()
    assert len(signing_keys.dynamic_since(database.read, "public", 0)) == 1


def test_a_key_that_another_process_made_is_found_by_its_name(
    database: Database, clock: FrozenClock
) -> None:
    _put_dynamic(database, 1000)
    ring = _ring(database, clock)
    ring.all()
    other = _put_dynamic(database, 0, number=2)
    assert ring.named(other) is not None
    assert ring.named("d-1") is None


def test_two_rings_on_one_file_agree_on_one_key(tmp_path: Path, clock: FrozenClock) -> None:
    databases = [open_database(tmp_path / "core.db") for _ in range(2)]
    with databases[0].transaction() as sql:
        tenants.create(sql, "public", "public", START_MS)
    rings = [_ring(database, clock) for database in databases]
    with ThreadPoolExecutor(8) as pool:
        kids = list(pool.map(lambda index: rings[index % 2].signing(static=True).kid, range(8)))
        signing = list(pool.map(lambda index: rings[index % 2].signing(static=False).kid, range(8)))
    assert len(set(kids)) == 1
    assert len(set(signing)) == 1
    for database in databases:
        database.close()


@pytest.mark.parametrize("to_dynamic", [True, False])
def test_the_one_key_of_very_old_cores_is_moved(
    database: Database, clock: FrozenClock, to_dynamic: bool
) -> None:
    old = material(1).replace("|", ";")
    key_values.put(
        database.write,
        "public",
        "public",
        name=key_values.LEGACY_SIGNING_KEY,
        value=old,
        now_ms=START_MS - 5,
    )
    ring = _ring(database, clock, to_dynamic=to_dynamic)
    key = ring.signing(static=not to_dynamic)
    assert key.public_base64 == old.partition(";")[0]
    assert key.kid == f"d-{START_MS - 5}" if to_dynamic else key.kid.startswith("s-")
    assert key.verifies(key.sign(_DATA), _DATA)
    place = ("public", "public", key_values.LEGACY_SIGNING_KEY)
    assert key_values.get(database.read, *place) is None


def test_known_keys_are_used_without_asking_the_database(
    database: Database, clock: FrozenClock
) -> None:
    _put_dynamic(database, 0)
    ring = _ring(database, clock)
    kid = ring.signing(static=False).kid
    database.close()
    assert ring.signing(static=False).kid == kid
    assert ring.named(kid) is not None
