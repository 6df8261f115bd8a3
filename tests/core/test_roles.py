from collections.abc import Iterator

import pytest

from core_stand import Body, Stand, open_stand, read

UNKNOWN = {"status": "UNKNOWN_ROLE_ERROR"}
TENANT = "/recipe/multitenancy/tenant/v2"


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand() as found:
        yield found.speaking("5.4")


def put(stand: Stand, role: str, *permissions: str) -> Body:
    body = {"role": role, "permissions": [*permissions]}
    return read(stand.ask("PUT", "/recipe/role", body))


def give(stand: Stand, user_id: str, role: str, tenant: str = "") -> Body:
    body = {"userId": user_id, "role": role}
    return read(stand.ask("PUT", f"{tenant}/recipe/user/role", body))


def permissions(stand: Stand, role: str) -> set[str]:
    return set(stand.get("/recipe/role/permissions", role=role)["permissions"])


def test_a_role_is_made_once_and_permissions_add_up(stand: Stand) -> None:
    assert put(stand, " editor ", "read")["createdNewRole"] is True
    assert put(stand, "editor", "read", " write ")["createdNewRole"] is False
    assert permissions(stand, "editor") == {"read", "write"}
    assert stand.get("/recipe/permission/roles", permission="write")["roles"] == ["editor"]
    assert stand.get("/recipe/roles")["roles"] == ["editor"]


def test_permissions_are_taken_one_by_one_or_all(stand: Stand) -> None:
    put(stand, "editor", "a", "b", "c")
    path = "/recipe/role/permissions/remove"
    assert stand.post(path, {"role": "editor", "permissions": ["a", "x"]}) == {"status": "OK"}
    assert permissions(stand, "editor") == {"b", "c"}
    stand.post(path, {"role": "editor"})
    assert permissions(stand, "editor") == set()
    assert stand.post(path, {"role": "nosuch"}) == UNKNOWN


def test_a_role_is_had_in_one_tenant_and_gone_with_the_role(stand: Stand) -> None:
    stand.ask("PUT", TENANT, {"tenantId": "t1"})
    put(stand, "editor")
    assert give(stand, "u1", "editor", "/t1")["didUserAlreadyHaveRole"] is False
    assert give(stand, "u1", "editor", "/t1")["didUserAlreadyHaveRole"] is True
    assert stand.get("/t1/recipe/user/roles", userId="u1")["roles"] == ["editor"]
    assert stand.get("/recipe/user/roles", userId="u1")["roles"] == []
    assert stand.get("/t1/recipe/role/users", role="editor")["users"] == ["u1"]
    assert stand.post("/recipe/role/remove", {"role": "editor"})["didRoleExist"] is True
    assert stand.get("/t1/recipe/user/roles", userId="u1")["roles"] == []
    assert stand.post("/recipe/role/remove", {"role": "editor"})["didRoleExist"] is False


def test_roles_of_a_tenant_go_with_it(stand: Stand) -> None:
    stand.ask("PUT", TENANT, {"tenantId": "t1"})
    put(stand, "editor")
    give(stand, "u1", "editor", "/t1")
    stand.post("/recipe/multitenancy/tenant/remove", {"tenantId": "t1"})
    stand.ask("PUT", TENANT, {"tenantId": "t1"})
    assert stand.get("/t1/recipe/user/roles", userId="u1")["roles"] == []


def test_a_role_is_taken_from_who_has_it(stand: Stand) -> None:
    put(stand, "editor")
    give(stand, "u1", "editor")
    body = {"userId": "u1", "role": "editor"}
    assert stand.post("/recipe/user/role/remove", body)["didUserHaveRole"] is True
    assert stand.post("/recipe/user/role/remove", body)["didUserHaveRole"] is False


def test_an_unknown_role_is_an_answer(stand: Stand) -> None:
    assert give(stand, "u1", "nosuch") == UNKNOWN
    body = {"userId": "u1", "role": "nosuch"}
    assert stand.post("/recipe/user/role/remove", body) == UNKNOWN
    assert stand.get("/recipe/role/users", role="nosuch") == UNKNOWN
    assert stand.get("/recipe/role/permissions", role="nosuch") == UNKNOWN


@pytest.mark.parametrize(
    "body", [{}, {"role": ""}, {"role": " "}, {"role": "a", "permissions": ["b", " "]}]
)
def test_names_cannot_be_missing_or_empty(stand: Stand, body: Body) -> None:
    assert stand.ask("PUT", "/recipe/role", body).status == 400


def test_what_belongs_to_the_app_is_not_asked_through_a_tenant(stand: Stand) -> None:
    for path in ("/recipe/roles", "/recipe/role/permissions", "/recipe/permission/roles"):
        query = {"role": "r", "permission": "p"}
        assert stand.ask("GET", f"/t1{path}", None, **query).status == 403
    assert stand.speaking("4.0").ask("GET", "/t1/recipe/roles").status == 200
    assert stand.ask("GET", "/t1/recipe/user/roles", None, userId="u1").status == 400
