import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core_people import signed_up
from core_stand import START_MS, Body, Stand, open_stand, read
from stctl.clock import FrozenClock, SystemEntropy
from stctl.core.service import open_core
from stctl.core.settings import CoreSettings
from stctl.exchange import Request

APP = "/recipe/multitenancy/app/v2"
REMOVE = "/recipe/multitenancy/app/remove"
TENANT = "/recipe/multitenancy/tenant/v2"
NEW_SESSION: Body = {
    "userId": "u1",
    "userDataInJWT": {},
    "userDataInDatabase": {},
    "enableAntiCsrf": False,
}


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand() as found:
        yield found.speaking("5.4")


def put(stand: Stand, app_id: str, path: str = "", **core_config: object) -> int:
    body = {"appId": app_id, "coreConfig": core_config}
    return stand.ask("PUT", f"{path}{APP}", body).status


def verified(stand: Stand, path: str, tokens: Body) -> str:
    body = {"accessToken": tokens["accessToken"]["token"], "checkDatabase": False}
    flags = {"enableAntiCsrf": False, "doAntiCsrfCheck": False}
    status: str = stand.post(f"{path}/recipe/session/verify", {**body, **flags})["status"]
    return status


def test_an_app_has_keys_sessions_users_and_settings_of_its_own(stand: Stand) -> None:
    assert put(stand, " A1 ", access_token_validity=100, access_token_validity_jitter=0) == 200
    tokens = stand.post("/appid-a1/recipe/session", NEW_SESSION)
    assert tokens["accessToken"]["expiry"] == START_MS // 1000 * 1000 + 100_000
    assert verified(stand, "/appid-a1", tokens) == "OK"
    assert verified(stand, "", tokens) == "TRY_REFRESH_TOKEN"
    assert stand.refresh(tokens)["status"] == "UNAUTHORISED"
    assert stand.handles_of("u1") == []
    user_id = signed_up(stand, "a@b.c", "/appid-a1")
    assert stand.get("/user/id", userId=user_id)["status"] == "UNKNOWN_USER_ID_ERROR"
    assert signed_up(stand, "a@b.c") != user_id


def test_an_app_may_differ_in_what_is_of_its_scope_only(stand: Stand) -> None:
    assert put(stand, "a1", port=1) == 400
    assert put(stand, "a1", recent_token_reuse_behaviour="UNAUTHORISED") == 400
    assert put(stand, "a1", paid_features=False) == 400
    assert put(stand, "a1", nosuch=1) == 400
    assert put(stand, "a1", access_token_validity=0) == 400
    assert put(stand, "a1", totp_max_attempts="x") == 400
    assert put(stand, "a1", password_hashing_alg="MD5") == 400
    assert put(stand, "a1", refresh_token_validity=1, access_token_validity=60) == 400
    assert stand.ask("GET", "/appid-a1/hello").status == 400
    assert put(stand, "a1", refresh_token_validity=1.01, access_token_validity=60) == 200


def test_new_settings_hold_at_once_and_a_null_takes_one_back(stand: Stand) -> None:
    assert read(stand.ask("PUT", APP, {"appId": "a1"}))["createdNew"] is True
    put(stand, "a1", access_token_validity_jitter=0)

    def lives_ms() -> int:
        access = stand.post("/appid-a1/recipe/session", NEW_SESSION)["accessToken"]
        return int(access["expiry"]) - int(access["createdTime"])

    assert lives_ms() == 3_600_000
    first = stand.post("/appid-a1/recipe/session", NEW_SESSION)
    put(stand, "a1", access_token_validity=7)
    assert lives_ms() == 7_000
    assert verified(stand, "/appid-a1", first) == "OK"
    put(stand, "a1", access_token_validity=None)
    assert lives_ms() == 3_600_000


def test_an_app_has_its_own_keys_to_be_asked_with(stand: Stand) -> None:
    put(stand, "a1", api_keys="a-key-of-the-app-0123456789")
    assert stand.ask("GET", "/apiversion").status == 200
    assert stand.ask("GET", "/appid-a1/apiversion").status == 401
    request = Request(
        method="GET",
        path="/appid-a1/apiversion",
        headers=[("api-key", "a-key-of-the-app-0123456789")],
    )
    assert stand.core.answer(request).status == 200


def test_the_public_app_has_the_settings_that_the_core_started_with(stand: Stand) -> None:
    assert put(stand, "public", access_token_validity=5) == 400
    assert stand.ask("PUT", APP, {"coreConfig": {"access_token_validity": 5}}).status == 400
    assert stand.ask("PUT", APP, {}).status == 200


def test_who_may_make_change_list_and_remove_apps(stand: Stand) -> None:
    put(stand, "a1")
    put(stand, "a2")
    stand.ask("PUT", TENANT, {"tenantId": "t1"})
    assert put(stand, "a1", "/appid-a1", access_token_validity=9) == 200
    assert put(stand, "a2", "/appid-a1") == 403
    assert put(stand, "a1", "/t1") == 403
    assert put(stand, "a1", "/appid-nosuch") == 400
    listed = "/recipe/multitenancy/app/list/v2"
    assert stand.ask("GET", f"/appid-a1{listed}").status == 403
    apps = {app["appId"]: app["tenants"] for app in stand.get(listed)["apps"]}
    assert apps.keys() == {"public", "a1", "a2"}
    assert [tenant["tenantId"] for tenant in apps["public"]] == ["public", "t1"]
    assert apps["a1"][0]["coreConfig"] == {"access_token_validity": 9}
    assert stand.ask("POST", f"/appid-a1{REMOVE}", {"appId": "a1"}).status == 403


def test_an_app_goes_as_a_whole_and_comes_back_empty_with_new_keys(stand: Stand) -> None:
    put(stand, "a1")
    tokens = stand.post("/appid-a1/recipe/session", NEW_SESSION)
    active = "/appid-a1/users/count/active"
    assert stand.get(active, since="0")["count"] == 1
    assert stand.post(REMOVE, {"appId": "a1"}) == {"status": "OK", "didExist": True}
    assert stand.ask("POST", "/appid-a1/recipe/session", NEW_SESSION).status == 400
    assert stand.post(REMOVE, {"appId": "a1"}) == {"status": "OK", "didExist": False}
    put(stand, "a1")
    assert verified(stand, "/appid-a1", tokens) == "TRY_REFRESH_TOKEN"
    assert stand.get(active, since="0")["count"] == 0
    stand.post("/appid-a1/recipe/session", NEW_SESSION)
    assert stand.get(active, since="0")["count"] == 1


def test_an_app_that_is_gone_or_changed_leaves_no_thread_behind() -> None:
    settings = CoreSettings()
    with open_core(None, settings, FrozenClock(START_MS), SystemEntropy(), ahead=True) as core:
        stand = Stand(core=core, clock=FrozenClock(START_MS))
        before = set(threading.enumerate())
        put(stand, "a1")
        stand.post("/appid-a1/recipe/session", NEW_SESSION)
        put(stand, "a1", access_token_validity=7)
        stand.post("/appid-a1/recipe/session", NEW_SESSION)
        ours = set(threading.enumerate()) - before
        stand.post(REMOVE, {"appId": "a1"})
        for thread in ours:
            thread.join(timeout=10)
        assert ours
        assert not any(thread.is_alive() for thread in ours)


def test_an_app_with_tenants_and_the_public_app_are_not_removed(stand: Stand) -> None:
    put(stand, "a1")
    stand.ask("PUT", f"/appid-a1{TENANT}", {"tenantId": "t1"})
    assert stand.ask("POST", REMOVE, {"appId": "a1"}).status == 403
    stand.post("/appid-a1/recipe/multitenancy/tenant/remove", {"tenantId": "t1"})
    assert stand.ask("POST", REMOVE, {"appId": "a1"}).status == 200
    assert stand.ask("POST", REMOVE, {"appId": "public"}).status == 403


def test_what_another_process_did_to_an_app_is_seen_within_a_minute(tmp_path: Path) -> None:
    clock, db = FrozenClock(START_MS), tmp_path / "core.db"
    with open_stand(db, clock=clock) as one, open_stand(db, clock=clock) as other:
        put(one, "a1", access_token_validity_jitter=0)
        old = other.post("/appid-a1/recipe/session", NEW_SESSION)
        one.post(REMOVE, {"appId": "a1"})
        clock.wait_ms(1)
        put(one, "a1", access_token_validity_jitter=0, access_token_validity=9)
        clock.wait_ms(60_000)
        new = other.post("/appid-a1/recipe/session", NEW_SESSION)
        assert new["accessToken"]["expiry"] - new["accessToken"]["createdTime"] == 9_000
        assert verified(other, "/appid-a1", old) == "TRY_REFRESH_TOKEN"
        assert verified(one, "/appid-a1", new) == "OK"


@pytest.mark.parametrize("name", ["a_b", "appid-x", "", " ", "ü"])
def test_names_that_a_path_could_not_hold_are_refused(stand: Stand, name: str) -> None:
    assert put(stand, name) == 400


def test_without_paid_features_no_app_is_made() -> None:
    with open_stand(paid_features=False) as stand:
        assert put(stand, "a1", nosuch=1) == 402
        assert put(stand, "public") == 200


def test_the_older_form_makes_apps_too(stand: Stand) -> None:
    body = {"appId": "a1", "passwordlessEnabled": False}
    assert stand.ask("PUT", "/recipe/multitenancy/app", body).status == 200
    found = stand.speaking("4.0").get("/appid-a1/recipe/multitenancy/tenant")
    enabled = {name: found[name]["enabled"] for name in ("emailPassword", "passwordless")}
    assert enabled == {"emailPassword": True, "passwordless": False}
    listed = stand.get("/recipe/multitenancy/app/list")["apps"]
    assert "emailPassword" in json.dumps(listed)
