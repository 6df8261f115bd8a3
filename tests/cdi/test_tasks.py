from collections.abc import Iterator, Mapping
from threading import Lock, current_thread

import pytest

from fake_core import HANDLE, UNAUTHORISED, Asked, FakeCore
from stctl.cdi.client import CdiClient
from stctl.cdi.tasks import in_parallel, page_of, sessions_in_detail
from stctl.errors import ErrorKind, StctlError
from stctl.sessions.answers import Unauthorised
from stctl.sessions.info import SessionInfo


def test_answers_come_in_the_order_of_the_questions() -> None:
    assert list(in_parallel(lambda item: item * item, range(50), workers=4)) == [
        item * item for item in range(50)
    ]


def test_no_more_questions_are_under_way_than_there_are_workers() -> None:
    seen: set[str] = set()
    lock = Lock()

    def note(item: int) -> int:
        with lock:
            seen.add(current_thread().name)
        return item

    list(in_parallel(note, range(100), workers=3))
    assert 1 <= len(seen) <= 3


def test_questions_are_drawn_only_as_answers_are_taken() -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for item in range(1000):
            drawn.append(item)
            yield item

    answers = in_parallel(lambda item: item, items(), workers=2)
    assert next(answers) == 0
    assert len(drawn) <= 3


def test_an_error_comes_out_at_its_place() -> None:
    def ask(item: int) -> int:
        if item == 3:
            raise StctlError(ErrorKind.CORE_DOWN, "refused")
        return item

    taken: list[int] = []
    with pytest.raises(StctlError, match="refused"):
        taken.extend(in_parallel(ask, range(10), workers=2))
    assert taken == [0, 1, 2]


def test_a_session_that_ended_meanwhile_is_unauthorised_in_the_list() -> None:
    def answer(call: Asked) -> Mapping[str, object]:
        if call.query["sessionHandle"] == "gone":
            return UNAUTHORISED
        return {
            "status": "OK",
            "sessionHandle": call.query["sessionHandle"],
            "userId": "u",
            "recipeUserId": "u",
            "tenantId": "public",
            "userDataInDatabase": {},
            "userDataInJWT": {},
            "expiry": 2,
            "timeCreated": 1,
        }

    client = CdiClient(FakeCore({"GET /recipe/session": answer}), cdi="5.4")
    found = dict(sessions_in_detail(client, [HANDLE, "gone"]))
    assert isinstance(found[HANDLE], SessionInfo)
    assert isinstance(found["gone"], Unauthorised)


def test_pages_are_cut_from_a_stable_order() -> None:
    handles = ["c", "a", "e", "b", "d"]
    pages = [page_of(handles, limit=2, number=number) for number in (1, 2, 3)]
    assert [page.handles for page in pages] == [("a", "b"), ("c", "d"), ("e",)]
    assert {(page.total, page.pages) for page in pages} == {(5, 3)}


@pytest.mark.parametrize("limit", [None, 0])
def test_without_a_limit_everything_is_one_page(limit: int | None) -> None:
    assert page_of(["b", "a"], limit=limit).handles == ("a", "b")
    assert page_of([], limit=limit).pages == 1


def test_a_page_beyond_the_last_is_wrong_usage() -> None:
    with pytest.raises(StctlError, match="the list has 1 of 2") as caught:
        page_of(["a"], limit=2, number=2)
    assert caught.value.kind is ErrorKind.USAGE
