from collections.abc import Iterator

import pytest

from core_people import mapped, signed_up
from core_stand import Body, Stand, open_stand

MAP = "/recipe/userid/map"
INFO = "/recipe/userid/external-user-id-info"
UNKNOWN = {"status": "UNKNOWN_MAPPING_ERROR"}


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand() as found:
        yield found.speaking("5.4")


@pytest.fixture
def user_id(stand: Stand) -> str:
    return signed_up(stand, "a@b.c")


def removed(stand: Stand, user_id: str, **more: object) -> Body:
    return stand.post(f"{MAP}/remove", {"userId": user_id, **more})


def exists(own: bool, external: bool) -> Body:
    return {
        "status": "USER_ID_MAPPING_ALREADY_EXISTS_ERROR",
        "doesSuperTokensUserIdExist": own,
        "doesExternalUserIdExist": external,
    }


def test_each_id_is_mapped_once(stand: Stand, user_id: str) -> None:
    other = signed_up(stand, "b@b.c")
    assert mapped(stand, user_id, "ext") == {"status": "OK"}
    assert mapped(stand, user_id, "ext") == exists(own=True, external=True)
    assert mapped(stand, user_id, "new") == exists(own=True, external=False)
    assert mapped(stand, other, "ext") == exists(own=False, external=True)
    assert mapped(stand, "nobody", "new") == {"status": "UNKNOWN_SUPERTOKENS_USER_ID_ERROR"}


def test_a_mapping_is_found_by_the_kind_of_id_that_is_meant(stand: Stand, user_id: str) -> None:
    mapped(stand, user_id, " ext ", externalUserIdInfo="note")
    whole = {
        "status": "OK",
        "superTokensUserId": user_id,
        "externalUserId": "ext",
        "externalUserIdInfo": "note",
    }
    for one, kind in ((user_id, "SUPERTOKENS"), ("ext", "EXTERNAL"), ("ext", "ANY")):
        assert stand.get(MAP, userId=one, userIdType=kind) == whole
    assert stand.get(MAP, userId=user_id) == whole
    assert stand.get(MAP, userId="ext", userIdType="SUPERTOKENS") == UNKNOWN
    assert stand.get(MAP, userId=user_id, userIdType="EXTERNAL") == UNKNOWN
    assert stand.ask("GET", MAP, None, userId="ext", userIdType="any").status == 400


def test_the_note_is_replaced_and_taken_away(stand: Stand, user_id: str) -> None:
    mapped(stand, user_id, "ext", externalUserIdInfo=None)
    assert "externalUserIdInfo" not in stand.get(MAP, userId="ext")

    def put(**body: object) -> int:
        return stand.ask("PUT", INFO, {"userId": "ext", **body}).status

    assert put(externalUserIdInfo="note") == 200
    assert stand.get(MAP, userId="ext")["externalUserIdInfo"] == "note"
    assert put(externalUserIdInfo=None) == 200
    assert "externalUserIdInfo" not in stand.get(MAP, userId="ext")
    assert put() == 400
    assert put(externalUserIdInfo=" ") == 400


def test_an_id_that_something_is_kept_under_is_mapped_by_force_only(
    stand: Stand, user_id: str
) -> None:
    stand.create(user_id)
    body = {"superTokensUserId": user_id, "externalUserId": "ext"}
    assert stand.ask("POST", MAP, body).status == 400
    assert mapped(stand, user_id, "ext", force=True) == {"status": "OK"}


def test_a_user_s_own_id_is_nobody_s_external_id(stand: Stand, user_id: str) -> None:
    other = signed_up(stand, "b@b.c")
    body = {"superTokensUserId": user_id, "externalUserId": other}
    assert stand.ask("POST", MAP, body).status == 400


def test_a_mapping_in_use_is_removed_by_force_only(stand: Stand, user_id: str) -> None:
    mapped(stand, user_id, "ext")
    stand.create("ext")
    assert stand.ask("POST", f"{MAP}/remove", {"userId": "ext"}).status == 400
    assert removed(stand, "ext", userIdType="SUPERTOKENS")["didMappingExist"] is False
    assert removed(stand, "ext", force=True)["didMappingExist"] is True
    assert removed(stand, "ext")["didMappingExist"] is False


def test_sessions_of_a_mapped_user_have_the_external_id(stand: Stand, user_id: str) -> None:
    before = stand.create("ext")
    stand.post("/recipe/session/remove", {"userId": "ext"})
    mapped(stand, user_id, "ext")
    by_own, by_external = stand.create(user_id), stand.create("ext")
    for answer in (by_own, by_external, stand.refresh(by_own)):
        assert answer["session"]["userId"] == answer["session"]["recipeUserId"] == "ext"
    handles = {one["session"]["handle"] for one in (by_own, by_external)}
    assert set(stand.handles_of("ext")) == handles
    assert stand.handles_of(user_id) == []
    assert before["session"]["handle"] not in handles
    removed(stand, "ext", force=True)
    assert stand.create(user_id)["session"]["userId"] == user_id


@pytest.mark.parametrize("field", ["superTokensUserId", "externalUserId"])
def test_ids_cannot_be_empty(stand: Stand, field: str) -> None:
    body = {"superTokensUserId": "a", "externalUserId": "b", field: " "}
    assert stand.ask("POST", MAP, body).status == 400
