from collections.abc import Iterator

import pytest

from core_stand import Body, Stand, open_stand, read

PATH = "/recipe/user/metadata"


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand() as found:
        yield found.speaking("5.4")


def put(stand: Stand, **update: object) -> Body:
    body = {"userId": "u1", "metadataUpdate": update}
    metadata: Body = read(stand.ask("PUT", PATH, body))["metadata"]
    return metadata


def test_updates_are_merged_one_level_deep(stand: Stand) -> None:
    assert put(stand, a=1, b={"c": 1, "d": None}, n=None) == {"a": 1, "b": {"c": 1, "d": None}}
    assert put(stand, a=None, b={"e": 2}, f=[None]) == {"b": {"e": 2}, "f": [None]}
    assert stand.get(PATH, userId="u1")["metadata"] == {"b": {"e": 2}, "f": [None]}


def test_nothing_is_an_empty_object_and_removing_is_no_fault_twice(stand: Stand) -> None:
    put(stand, a=1)
    for _ in range(2):
        assert stand.post(f"{PATH}/remove", {"userId": "u1"}) == {"status": "OK"}
        assert stand.get(PATH, userId="u1")["metadata"] == {}


def test_many_are_asked_for_at_once_in_their_order(stand: Stand) -> None:
    put(stand, a=1)
    asked = ["u2", "u1", *(f"x{number}" for number in range(498))]
    users = stand.post(f"{PATH}/bulk", {"userIds": asked})["users"]
    assert [user["userId"] for user in users] == asked
    assert [user["metadata"] for user in users[:3]] == [None, {"a": 1}, None]
    assert stand.ask("POST", f"{PATH}/bulk", {"userIds": [*asked, "y"]}).status == 400


@pytest.mark.parametrize("update", [None, [], "x", 1])
def test_an_update_is_an_object(stand: Stand, update: object) -> None:
    assert stand.ask("PUT", PATH, {"userId": "u1", "metadataUpdate": update}).status == 400


@pytest.mark.parametrize(("cdi", "status"), [("4.0", 200), ("5.0", 403)])
def test_metadata_belongs_to_the_app(stand: Stand, cdi: str, status: int) -> None:
    asking = stand.speaking(cdi)
    assert asking.ask("GET", f"/t1{PATH}", None, userId="u1").status == status
