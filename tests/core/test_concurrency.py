"""Every one of many requests at once is answered rightly."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from core_stand import Body, Stand, open_stand

_THREADS = 64


@pytest.fixture(params=["memory", "file"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    db = tmp_path / "core.db" if request.param == "file" else None
    with open_stand(db) as stand:
        yield stand


def _at_once(work: Callable[[int], Body]) -> list[Body]:
    start = Barrier(_THREADS)

    def run(number: int) -> Body:
        start.wait(timeout=60)
        return work(number)

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(run, range(_THREADS)))


@pytest.mark.parametrize("cdi", ["2.20", "5.4", "5.6"])
def test_many_sessions_are_created_and_refreshed_at_once(stand: Stand, cdi: str) -> None:
    asking = stand.speaking(cdi)
    created = _at_once(lambda number: asking.create(f"u{number}"))
    assert len({one["session"]["handle"] for one in created}) == _THREADS
    refreshed = _at_once(lambda number: asking.refresh(created[number]))
    assert Counter(one["status"] for one in refreshed) == {"OK": _THREADS}
    again = _at_once(lambda number: asking.refresh(refreshed[number]))
    assert Counter(one["status"] for one in again) == {"OK": _THREADS}
    verified = _at_once(lambda number: asking.verify(again[number], database=True))
    assert Counter(one["status"] for one in verified) == {"OK": _THREADS}


def test_one_token_refreshed_at_once_leaves_exactly_one_current_token(stand: Stand) -> None:
    first = stand.create()
    answers = _at_once(lambda _: stand.refresh(first))
    assert Counter(one["status"] for one in answers) == {"OK": _THREADS}
    assert len({one["refreshToken"]["token"] for one in answers}) == _THREADS
    current = [one for one in answers if stand.verify(one, database=True)["status"] == "OK"]
    assert len(current) == 1
    assert stand.refresh(current[0])["status"] == "OK"


def test_one_legacy_token_refreshed_at_once_gives_siblings_of_which_one_wins(
    stand: Stand,
) -> None:
    legacy = stand.speaking("5.4")
    parent = legacy.create()
    siblings = _at_once(lambda _: legacy.refresh(parent))
    assert Counter(one["status"] for one in siblings) == {"OK": _THREADS}
    answers = _at_once(lambda number: legacy.refresh(siblings[number]))
    assert Counter(one["status"] for one in answers) == {
        "OK": 1,
        "TOKEN_THEFT_DETECTED": _THREADS - 1,
    }


def test_one_access_token_verified_at_once_promotes_once(stand: Stand) -> None:
    legacy = stand.speaking("5.4")
    child = legacy.refresh(legacy.create())
    answers = _at_once(lambda _: legacy.verify(child))
    assert Counter(one["status"] for one in answers) == {"OK": _THREADS}
    assert all("accessToken" in one for one in answers)


def test_reuse_and_rotation_at_once_end_in_one_of_two_orders(stand: Stand) -> None:
    first = stand.create()
    second = stand.refresh(first)
    stand.clock.wait_ms(31_000)

    def work(number: int) -> Body:
        return stand.refresh(first if number == 0 else second)

    answers = _at_once(work)
    statuses = Counter(one["status"] for one in answers[1:])
    assert answers[0]["status"] == "TOKEN_THEFT_DETECTED"
    assert set(statuses) <= {"OK", "UNAUTHORISED"}
    assert stand.look_up(first)["status"] == "UNAUTHORISED"


def test_two_cores_on_one_file_serve_the_same_sessions(tmp_path: Path) -> None:
    path = tmp_path / "core.db"
    with open_stand(path) as one, open_stand(path, clock=one.clock) as other:
        first = one.create()
        second = other.refresh(first)
        assert one.verify(second, database=True)["status"] == "OK"
        assert other.handles_of() == one.handles_of() == [first["session"]["handle"]]
        stands = (one, other)
        answers = _at_once(lambda number: stands[number % 2].refresh(second))
        assert Counter(answer["status"] for answer in answers) == {"OK": _THREADS}
