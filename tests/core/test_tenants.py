from collections.abc import Iterator

import pytest

from core_stand import Body, Stand, open_stand, read
from stctl.exchange import Request

TENANT = "/recipe/multitenancy/tenant/v2"
LIST = "/recipe/multitenancy/tenant/list/v2"
REMOVE = "/recipe/multitenancy/tenant/remove"


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand() as found:
        yield found.speaking("5.4")


def put(stand: Stand, tenant_id: str, **more: object) -> int:
    return stand.ask("PUT", TENANT, {"tenantId": tenant_id, **more}).status


def described(stand: Stand, tenant_id: str) -> Body:
    return stand.get(f"/{tenant_id}{TENANT}")


def test_a_tenant_is_made_once_and_serves_sessions(stand: Stand) -> None:
    assert read(stand.ask("PUT", TENANT, {"tenantId": " T1 "}))["createdNew"] is True
    assert read(stand.ask("PUT", TENANT, {"tenantId": "t1"}))["createdNew"] is False
    body = {"userId": "u", "userDataInJWT": {}, "userDataInDatabase": {}, "enableAntiCsrf": False}
    session = stand.post("/t1/recipe/session", body)["session"]
    assert session["tenantId"] == "t1"
    assert session["handle"].endswith("_t1")


def test_a_new_tenant_has_no_factors_and_no_settings(stand: Stand) -> None:
    put(stand, "t1")
    assert described(stand, "t1") == {
        "status": "OK",
        "tenantId": "t1",
        "thirdParty": {"providers": []},
        "firstFactors": [],
        "coreConfig": {},
    }


def test_a_tenant_that_is_not_there_is_an_answer(stand: Stand) -> None:
    assert described(stand, "t1") == {"status": "TENANT_NOT_FOUND_ERROR"}


def test_factors_stay_unless_named_and_a_null_takes_them_back(stand: Stand) -> None:
    put(stand, "t1", firstFactors=["emailpassword"], requiredSecondaryFactors=["totp"])
    put(stand, "t1", firstFactors=None)
    found = described(stand, "t1")
    assert "firstFactors" not in found
    assert found["requiredSecondaryFactors"] == ["totp"]


def test_settings_are_merged_and_a_null_takes_one_away(stand: Stand) -> None:
    put(stand, "t1", coreConfig={"ip_deny_regex": "10.*", "ip_allow_regex": "127.*"})
    put(stand, "t1", coreConfig={"ip_deny_regex": None})
    assert described(stand, "t1")["coreConfig"] == {"ip_allow_regex": "127.*"}


@pytest.mark.parametrize(
    "config", [{"access_token_validity": 10}, {"nosuch": 1}, {"ip_deny_regex": "("}]
)
def test_settings_that_a_tenant_cannot_have_are_refused(stand: Stand, config: Body) -> None:
    assert put(stand, "t1", coreConfig=config) == 400
    assert described(stand, "t1") == {"status": "TENANT_NOT_FOUND_ERROR"}


@pytest.mark.parametrize(
    "name", ["recipe", "config", "users", "hello", "a_b", "appid-x", "", "ü", "a/b"]
)
def test_names_that_a_path_could_not_hold_are_refused(stand: Stand, name: str) -> None:
    assert stand.ask("PUT", TENANT, {"tenantId": name or " "}).status == 400


def test_the_address_rules_of_a_tenant_hold_for_its_paths_alone(stand: Stand) -> None:
    put(stand, "t1", coreConfig={"ip_deny_regex": r"127\..*"})

    def status(path: str) -> int:
        return stand.core.answer(Request(method="GET", path=path)).status

    assert status("/t1/hello") == 403
    assert status("/hello") == 200


def test_the_list_has_every_tenant_and_is_for_the_public_one_alone(stand: Stand) -> None:
    put(stand, "t1")
    stand.clock.wait_ms(1)
    put(stand, "t2")
    found = stand.get(LIST)["tenants"]
    assert [one["tenantId"] for one in found] == ["public", "t1", "t2"]
    assert stand.ask("GET", f"/t1{LIST}").status == 403


def test_a_tenant_may_change_itself_and_nobody_else(stand: Stand) -> None:
    put(stand, "t1")
    assert stand.ask("PUT", f"/t1{TENANT}", {"firstFactors": ["otp-email"]}).status == 200
    assert described(stand, "t1")["firstFactors"] == ["otp-email"]
    assert stand.ask("PUT", f"/t1{TENANT}", {"tenantId": "t2"}).status == 403
    assert stand.ask("PUT", f"/nosuch{TENANT}", {}).status == 400


def test_removing_a_tenant_ends_its_sessions(stand: Stand) -> None:
    put(stand, "t1")
    body = {"userId": "u", "userDataInJWT": {}, "userDataInDatabase": {}, "enableAntiCsrf": False}
    handle = stand.post("/t1/recipe/session", body)["session"]["handle"]
    assert stand.post(REMOVE, {"tenantId": "t1"}) == {"status": "OK", "didExist": True}
    assert stand.post(REMOVE, {"tenantId": "t1"}) == {"status": "OK", "didExist": False}
    assert stand.ask("GET", "/recipe/session", sessionHandle=handle).status == 400
    put(stand, "t1")
    assert stand.get("/recipe/session", sessionHandle=handle)["status"] == "UNAUTHORISED"


def test_the_public_tenant_cannot_be_removed(stand: Stand) -> None:
    assert stand.ask("POST", REMOVE, {"tenantId": "public"}).status == 403


def test_without_paid_features_no_tenant_is_made(stand: Stand) -> None:
    del stand
    with open_stand(paid_features=False) as found:
        free = found.speaking("5.4")
        assert put(free, "t1") == 402
        assert put(free, "public") == 200
        assert described(free, "t1") == {"status": "TENANT_NOT_FOUND_ERROR"}
