import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from core_people import PASSWORD, from_provider, linked, made_primary, mapped, signed_up
from core_stand import Body, Stand, open_stand

UNKNOWN = {"status": "UNKNOWN_USER_ID_ERROR"}


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand() as found:
        yield found.speaking("5.4")


def by_account(stand: Stand, union: str = "true", **accounts: str) -> list[str]:
    found = stand.get("/users/by-accountinfo", doUnionOfAccountInfo=union, **accounts)
    return [user["id"] for user in found["users"]]


def test_a_user_with_a_password_is_shown_in_full(stand: Stand) -> None:
    user_id = signed_up(stand, "Ann@Example.com")
    method: Body = {
        "tenantIds": ["public"],
        "recipeUserId": user_id,
        "verified": False,
        "timeJoined": stand.clock.now_ms() - 1,
        "recipeId": "emailpassword",
        "email": "ann@example.com",
    }
    assert stand.get("/user/id", userId=user_id)["user"] == {
        "id": user_id,
        "isPrimaryUser": False,
        "tenantIds": ["public"],
        "timeJoined": stand.clock.now_ms() - 1,
        "emails": ["ann@example.com"],
        "phoneNumbers": [],
        "thirdParty": [],
        "loginMethods": [method],
        "webauthn": {"credentialIds": []},
    }
    assert "webauthn" not in stand.speaking("5.2").get("/user/id", userId=user_id)["user"]


def test_below_4_0_sign_up_shows_a_plain_user_and_below_3_0_no_tenants(stand: Stand) -> None:
    body = {"email": "a@b.c", "password": PASSWORD}
    found = stand.speaking("3.1").post("/recipe/signup", body)
    user = found["user"]
    assert user == {
        "id": user["id"],
        "email": "a@b.c",
        "timeJoined": stand.clock.now_ms(),
        "tenantIds": ["public"],
    }
    assert "recipeUserId" not in found
    older = stand.speaking("2.7").post("/recipe/signup", {**body, "email": "b@b.c"})
    assert "tenantIds" not in older["user"]


def test_an_address_is_taken_once_in_a_tenant_and_by_each_recipe(stand: Stand) -> None:
    signed_up(stand, "a@b.c")
    again = stand.post("/recipe/signup", {"email": "A@B.C", "password": "other"})
    assert again == {"status": "EMAIL_ALREADY_EXISTS_ERROR"}
    assert from_provider(stand, "1", "a@b.c")["createdNewUser"] is True


def test_of_many_at_once_one_gets_the_address(tmp_path: Path) -> None:
    with open_stand(tmp_path / "core.db") as stand, ThreadPoolExecutor(8) as crew:
        body = {"email": "a@b.c", "password": PASSWORD}
        answers = list(crew.map(lambda _: stand.post("/recipe/signup", body), range(8)))
        assert sorted(answer["status"] for answer in answers) == [
            *["EMAIL_ALREADY_EXISTS_ERROR"] * 7,
            "OK",
        ]
        assert stand.get("/users/count")["count"] == 1


def test_a_file_of_before_there_were_users_gets_their_tables(tmp_path: Path) -> None:
    file = tmp_path / "core.db"
    with open_stand(file) as stand:
        session = stand.create("u1")
    with closing(sqlite3.connect(file)) as connection:
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%user%'"
        ).fetchall():
            if table != "user_last_active":
                connection.execute(f"DROP TABLE {table}")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    with open_stand(file) as stand:
        assert stand.look_up(session)["status"] == "OK"
        assert stand.get("/user/id", userId=signed_up(stand, "a@b.c"))["status"] == "OK"


def test_only_the_right_password_signs_in(stand: Stand) -> None:
    user_id = signed_up(stand, "a@b.c")

    def sign_in(email: str, password: str) -> Body:
        return stand.post("/recipe/signin", {"email": email, "password": password})

    assert sign_in("A@b.c", PASSWORD)["user"]["id"] == user_id
    wrong = {"status": "WRONG_CREDENTIALS_ERROR"}
    assert sign_in("a@b.c", PASSWORD + "x") == wrong
    assert sign_in("x@b.c", PASSWORD) == wrong
    assert stand.get("/users/count/active", since="0")["count"] == 1


def test_an_empty_password_is_refused_and_none_is_kept_in_the_clear(stand: Stand) -> None:
    assert stand.ask("POST", "/recipe/signup", {"email": "a@b.c", "password": ""}).status == 400
    signed_up(stand, "a@b.c")
    signed_up(stand, "b@b.c")
    rows = stand.core.parts.database.read("SELECT password_hash FROM emailpassword_users")
    hashes = [row[0] for row in rows]
    assert all(text.startswith("$scrypt$16384$8$1$") for text in hashes)
    assert PASSWORD not in "".join(hashes)
    assert hashes[0] != hashes[1]


def test_whoever_comes_back_from_a_provider_is_the_same_user_with_the_address_of_now(
    stand: Stand,
) -> None:
    first = from_provider(stand, "77", "a@b.c")
    second = from_provider(stand, "77", "New@b.c")
    assert (first["createdNewUser"], second["createdNewUser"]) == (True, False)
    assert second["user"]["id"] == first["user"]["id"]
    method = second["user"]["loginMethods"][0]
    assert method["email"] == "new@b.c"
    assert method["verified"] is True
    assert method["thirdParty"] == {"id": "google", "userId": "77"}


def test_a_primary_user_s_provider_cannot_bring_the_address_of_another_primary_user(
    stand: Stand,
) -> None:
    made_primary(stand, signed_up(stand, "taken@b.c"))
    user_id = from_provider(stand, "77", "a@b.c")["user"]["id"]
    made_primary(stand, user_id)
    assert from_provider(stand, "77", "taken@b.c")["status"] == "EMAIL_CHANGE_NOT_ALLOWED_ERROR"
    assert stand.get("/user/id", userId=user_id)["user"]["emails"] == ["a@b.c"]


def test_any_account_or_all_accounts_may_be_asked_for(stand: Stand) -> None:
    both = signed_up(stand, "a@b.c")
    provider = from_provider(stand, "77", "z@b.c")["user"]["id"]
    other = signed_up(stand, "z@b.c")
    made_primary(stand, both)
    linked(stand, provider, both)
    third = {"thirdPartyId": "google", "thirdPartyUserId": "77"}
    assert by_account(stand, email="Z@b.c") == [both, other]
    assert by_account(stand, email="z@b.c", **third) == [both, other]
    assert by_account(stand, union="false", email="a@b.c", **third) == [both]
    assert by_account(stand, union="false", email="z@b.c", phoneNumber="+1") == []
    assert by_account(stand, phoneNumber="+1") == []
    assert by_account(stand, "false", email="a@b.c", webauthnCredentialId="c") == []


def test_half_a_provider_account_is_refused(stand: Stand) -> None:
    query = {"doUnionOfAccountInfo": "true", "thirdPartyId": "google"}
    assert stand.ask("GET", "/users/by-accountinfo", None, **query).status == 400


def test_a_user_s_sessions_roles_and_metadata_go_with_it(stand: Stand) -> None:
    user_id = signed_up(stand, "a@b.c")
    stand.create(user_id)
    stand.create("somebody else")
    stand.ask("PUT", "/recipe/user/metadata", {"userId": user_id, "metadataUpdate": {"a": 1}})
    stand.ask("PUT", "/recipe/role", {"role": "admin"})
    stand.ask("PUT", "/recipe/user/role", {"userId": user_id, "role": "admin"})
    assert stand.post("/user/remove", {"userId": user_id}) == {"status": "OK"}
    assert stand.get("/user/id", userId=user_id) == UNKNOWN
    assert stand.handles_of(user_id) == []
    assert len(stand.handles_of("somebody else")) == 1
    assert stand.get("/recipe/user/metadata", userId=user_id)["metadata"] == {}
    assert stand.get("/recipe/role/users", role="admin")["users"] == []
    assert signed_up(stand, "a@b.c") != user_id


def test_removing_nobody_is_no_fault_and_ends_nobody_s_sessions(stand: Stand) -> None:
    stand.create("no user")
    assert stand.post("/user/remove", {"userId": "no user"}) == {"status": "OK"}
    assert len(stand.handles_of("no user")) == 1


def test_removing_a_linked_user_takes_all_login_methods_or_the_one(stand: Stand) -> None:
    whole, part = signed_up(stand, "a@b.c"), signed_up(stand, "b@b.c")
    made_primary(stand, whole)
    linked(stand, part, whole)
    stand.create(whole)
    stand.create(part)
    stand.post("/user/remove", {"userId": part, "removeAllLinkedAccounts": False})
    user = stand.get("/user/id", userId=whole)["user"]
    assert user["emails"] == ["a@b.c"]
    assert len(stand.handles_of(whole)) == 1
    again = signed_up(stand, "b@b.c")
    linked(stand, again, whole)
    stand.post("/user/remove", {"userId": again})
    assert stand.get("/user/id", userId=whole) == UNKNOWN
    assert stand.handles_of(whole) == []


def test_a_login_method_that_gave_the_id_leaves_it_to_the_others(stand: Stand) -> None:
    whole, part = signed_up(stand, "a@b.c"), signed_up(stand, "b@b.c")
    made_primary(stand, whole)
    linked(stand, part, whole)
    stand.post("/user/remove", {"userId": whole, "removeAllLinkedAccounts": False})
    user = stand.get("/user/id", userId=part)["user"]
    assert (user["id"], user["emails"]) == (whole, ["b@b.c"])
    assert stand.create(part)["session"]["userId"] == whole
    assert stand.get("/users")["users"][0]["id"] == whole
    stand.post("/user/remove", {"userId": whole})
    assert stand.get("/user/id", userId=part) == UNKNOWN
    assert stand.get("/users/count", includeAllTenants="true")["count"] == 0


def test_a_mapped_user_is_found_and_removed_by_both_ids(stand: Stand) -> None:
    user_id = signed_up(stand, "a@b.c")
    mapped(stand, user_id, "ext")
    for one in (user_id, "ext"):
        found = stand.get("/user/id", userId=one)["user"]
        assert (found["id"], found["loginMethods"][0]["recipeUserId"]) == ("ext", "ext")
    stand.create("ext")
    stand.post("/user/remove", {"userId": "ext"})
    assert stand.get("/user/id", userId=user_id) == UNKNOWN
    assert stand.handles_of("ext") == []
    assert stand.get("/recipe/userid/map", userId="ext")["status"] == "UNKNOWN_MAPPING_ERROR"


def test_the_id_has_to_be_given(stand: Stand) -> None:
    assert stand.ask("GET", "/user/id").status == 400
    assert stand.ask("POST", "/user/remove", {}).status == 400


@pytest.mark.parametrize(("cdi", "status"), [("4.0", 200), ("5.0", 403)])
def test_users_belong_to_the_app_from_5_0_on(stand: Stand, cdi: str, status: int) -> None:
    asking = stand.speaking(cdi)
    assert asking.ask("GET", "/t1/user/id", None, userId="alice").status == status
    assert asking.ask("POST", "/t1/user/remove", {"userId": "alice"}).status == status
