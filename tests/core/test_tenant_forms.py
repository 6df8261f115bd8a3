from collections.abc import Iterator

import pytest

from core_people import from_provider, linked, made_primary, mapped, signed_up
from core_stand import Body, Stand, open_stand

OLD = "/recipe/multitenancy/tenant"
NEW = f"{OLD}/v2"
LOGINS = ("emailPassword", "thirdParty", "passwordless")


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand() as found:
        yield found.speaking("5.4")


def put(stand: Stand, path: str = NEW, **body: object) -> int:
    return stand.ask("PUT", path, {"tenantId": "t1", **body}).status


def shown(stand: Stand, cdi: str) -> tuple[bool, ...]:
    """Which logins the older form shows as switched on."""
    found = stand.speaking(cdi).get(f"/t1{OLD}")
    return tuple(found[name]["enabled"] for name in LOGINS)


def test_the_older_form_switches_logins_on_which_the_newer_one_shows_as_factors(
    stand: Stand,
) -> None:
    assert put(stand.speaking("3.0"), OLD) == 200
    assert shown(stand, "3.0") == (False, False, False)
    assert stand.get(f"/t1{NEW}")["firstFactors"] == []
    put(stand.speaking("4.0"), OLD, passwordlessEnabled=True, emailPasswordEnabled=True)
    assert shown(stand, "4.0") == (True, False, True)
    passwordless = ["otp-email", "otp-phone", "link-email", "link-phone"]
    assert stand.get(f"/t1{NEW}")["firstFactors"] == ["emailpassword", *passwordless]
    put(stand.speaking("4.0"), OLD, thirdPartyEnabled=True)
    assert "firstFactors" not in stand.get(f"/t1{NEW}")


def test_the_older_form_of_old_callers_shows_factors_as_logins(stand: Stand) -> None:
    put(stand)
    assert shown(stand, "5.0") == shown(stand, "4.0") == (False, False, False)
    assert "firstFactors" not in stand.speaking("5.0").get(f"/t1{OLD}")
    put(stand, firstFactors=["link-phone"], requiredSecondaryFactors=["totp"])
    assert shown(stand, "4.0") == (False, False, True)
    assert shown(stand, "5.0") == (True, True, True)
    put(stand.speaking("4.0"), OLD, passwordlessEnabled=False)
    assert shown(stand, "4.0") == (False, False, False)
    found = stand.speaking("5.0").get(f"/t1{OLD}")
    assert (found["firstFactors"], found["requiredSecondaryFactors"]) == (["link-phone"], ["totp"])
    assert "firstFactors" not in stand.speaking("4.0").get(f"/t1{OLD}")


def test_the_older_form_knows_factors_from_5_0_on_and_holds_them_against_logins(
    stand: Stand,
) -> None:
    put(stand.speaking("4.0"), OLD, emailPasswordEnabled=True, firstFactors=["thirdparty"])
    assert stand.get(f"/t1{NEW}")["firstFactors"] == ["emailpassword"]
    newer = stand.speaking("5.0")
    assert put(newer, OLD, firstFactors=["thirdparty"]) == 400
    assert put(newer, OLD, requiredSecondaryFactors=["otp-email"]) == 400
    assert put(newer, OLD, firstFactors=[]) == 400
    assert put(newer, OLD, firstFactors=["emailpassword"]) == 200
    assert put(newer, OLD, emailPasswordEnabled=False) == 400


@pytest.mark.parametrize(
    "body",
    [
        {"emailPasswordEnabled": True},
        {"firstFactors": ["totp", "totp"]},
        {"requiredSecondaryFactors": []},
        {"coreConfig": None},
        {"tenantId": ""},
    ],
)
def test_what_the_newer_form_refuses(stand: Stand, body: Body) -> None:
    assert put(stand, NEW, **body) == 400


def test_tenants_are_listed_in_the_older_form_by_the_public_one(stand: Stand) -> None:
    put(stand)
    listed = stand.get(f"{OLD}/list")["tenants"]
    assert [one["tenantId"] for one in listed] == ["public", "t1"]
    assert listed[0]["passwordless"] == {"enabled": True}
    assert stand.ask("GET", f"/t1{OLD}/list").status == 403


def test_a_setting_of_the_app_may_be_repeated_by_a_tenant_and_not_differ(stand: Stand) -> None:
    assert put(stand, coreConfig={"access_token_validity": 3600}) == 200
    assert put(stand, coreConfig={"access_token_validity": 3601}) == 400
    assert put(stand, coreConfig={"password_hashing_alg": "ARGON2"}) == 400
    assert put(stand, coreConfig={"totp_max_attempts": 7}) == 200
    app = {"appId": "a1", "coreConfig": {"access_token_validity": 60}}
    assert stand.ask("PUT", "/recipe/multitenancy/app/v2", app).status == 200
    in_app = f"/appid-a1{NEW}"
    assert put(stand, in_app, coreConfig={"access_token_validity": 60}) == 200
    assert put(stand, in_app, coreConfig={"access_token_validity": 3600}) == 400
    app["coreConfig"] = {"access_token_validity": 61}
    assert stand.ask("PUT", "/recipe/multitenancy/app/v2", app).status == 400


def test_the_effective_settings_of_a_tenant_can_be_asked_for(stand: Stand) -> None:
    path = "/recipe/dashboard/tenant/core-config"
    app = {"appId": "a1", "coreConfig": {"access_token_validity": 60, "saml_claims_validity": 5}}
    stand.ask("PUT", "/recipe/multitenancy/app/v2", app)
    put(stand, f"/appid-a1{NEW}", coreConfig={"ip_deny_regex": "10.*", "totp_max_attempts": 7})
    rows = {row["key"]: row for row in stand.get(f"/appid-a1/t1{path}")["config"]}
    assert rows["access_token_validity"] | {"description": ""} == {
        "key": "access_token_validity",
        "valueType": "number",
        "value": 60,
        "description": "",
        "isDifferentAcrossTenants": False,
        "possibleValues": None,
        "isNullable": False,
        "defaultValue": 3600,
        "isPluginProperty": False,
        "isPluginPropertyEditable": False,
    }
    values = {name: row["value"] for name, row in rows.items()}
    assert (values["ip_deny_regex"], values["totp_max_attempts"]) == ("10.*", 7)
    assert values["saml_claims_validity"] == 5
    hidden = {"api_keys", "port", "recent_token_reuse_behaviour", "paid_features", "log_level"}
    assert hidden.isdisjoint(rows)
    enum = rows["password_hashing_alg"]
    assert (enum["valueType"], enum["possibleValues"]) == ("enum", ["ARGON2", "BCRYPT"])
    assert stand.ask("GET", f"/nosuch{path}").status == 400


def test_a_user_is_put_into_a_tenant_and_taken_out_with_sessions_and_roles(stand: Stand) -> None:
    put(stand)
    user_id = signed_up(stand, "a@b.c")
    mapped(stand, user_id, "ext")
    body = {"recipeUserId": "ext"}
    path = f"/t1{OLD}/user"
    assert stand.post(path, body) == {"status": "OK", "wasAlreadyAssociated": False}
    assert stand.post(path, body) == {"status": "OK", "wasAlreadyAssociated": True}
    assert stand.get("/user/id", userId="ext")["user"]["tenantIds"] == ["public", "t1"]
    assert stand.get("/t1/users/count")["count"] == 1
    session = {"userId": "ext", "userDataInJWT": {}, "userDataInDatabase": {}}
    stand.post("/t1/recipe/session", {**session, "enableAntiCsrf": False})
    kept = stand.create("ext")["session"]["handle"]
    assert stand.post(f"{path}/remove", body) == {"status": "OK", "wasAssociated": True}
    assert stand.post(f"{path}/remove", body) == {"status": "OK", "wasAssociated": False}
    assert stand.handles_of("ext") == [kept]
    assert stand.get("/user/id", userId="ext")["user"]["tenantIds"] == ["public"]


def test_a_user_without_any_tenant_stays_a_user_of_the_app(stand: Stand) -> None:
    put(stand)
    user_id = signed_up(stand, "a@b.c", "/t1")
    stand.post(f"{OLD}/remove", {"tenantId": "t1"})
    assert stand.get("/user/id", userId=user_id)["user"]["tenantIds"] == []
    assert stand.get("/users/count", includeAllTenants="true")["count"] == 1
    assert stand.post(f"{OLD}/user", {"recipeUserId": user_id})["status"] == "OK"
    assert stand.get("/users/count")["count"] == 1


def test_an_account_that_is_in_use_in_the_tenant_keeps_a_user_out(stand: Stand) -> None:
    put(stand)
    path = f"/t1{OLD}/user"
    here = signed_up(stand, "a@b.c")
    there = signed_up(stand, "a@b.c", "/t1")
    assert stand.post(path, {"recipeUserId": here})["status"] == "EMAIL_ALREADY_EXISTS_ERROR"
    provider = from_provider(stand, "7", "p@b.c")["user"]["id"]
    from_provider(stand, "7", "p@b.c", "/t1")
    taken = stand.post(path, {"recipeUserId": provider})
    assert taken["status"] == "THIRD_PARTY_USER_ALREADY_EXISTS_ERROR"
    made_primary(stand, there)
    other = from_provider(stand, "8", "a@b.c")["user"]["id"]
    made_primary(stand, other)
    assert stand.post(path, {"recipeUserId": other})["status"] == "ASSOCIATION_NOT_ALLOWED_ERROR"
    assert stand.post(path, {"recipeUserId": "nobody"}) == {"status": "UNKNOWN_USER_ID_ERROR"}
    assert linked(stand, here, other)["status"] == "OK"


def test_putting_users_into_tenants_wants_a_licence() -> None:
    with open_stand(paid_features=False) as stand:
        assert stand.ask("POST", f"{OLD}/user", {"recipeUserId": "u"}).status == 402
