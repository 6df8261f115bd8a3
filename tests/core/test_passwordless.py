from collections.abc import Iterator

import pytest

from core_stand import Body, Stand, open_stand

CODE = "/recipe/signinup/code"
MINUTES_15_MS = 900_000


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand() as found:
        yield found.speaking("5.4")


def by_link(stand: Stand, code: Body) -> Body:
    body = {"preAuthSessionId": code["preAuthSessionId"], "linkCode": code["linkCode"]}
    return stand.post(f"{CODE}/consume", body)


def typed(stand: Stand, code: Body, text: str) -> Body:
    names = ("preAuthSessionId", "deviceId")
    body = {**{name: code[name] for name in names}, "userInputCode": text}
    return stand.post(f"{CODE}/consume", body)


def test_a_link_lets_somebody_in_once_and_shows_that_the_address_is_theirs(stand: Stand) -> None:
    code = stand.post(CODE, {"email": "A@b.c"})
    assert code["codeLifetime"] == MINUTES_15_MS
    found = by_link(stand, code)
    assert found["createdNewUser"] is True
    method = found["user"]["loginMethods"][0]
    assert (method["recipeId"], method["email"]) == ("passwordless", "a@b.c")
    assert method["verified"] is True
    assert found["consumedDevice"]["email"] == "a@b.c"
    assert by_link(stand, code) == {"status": "RESTART_FLOW_ERROR"}
    again = by_link(stand, stand.post(CODE, {"email": "a@b.c"}))
    assert (again["createdNewUser"], again["recipeUserId"]) == (False, found["recipeUserId"])


def test_a_user_with_a_phone_is_listed_with_its_number(stand: Stand) -> None:
    code = stand.post(CODE, {"phoneNumber": "+4912345"})
    user_id = typed(stand, code, code["userInputCode"])["user"]["id"]
    (user,) = stand.get("/users", phone="+49")["users"]
    assert (user["id"], user["phoneNumbers"], user["emails"]) == (user_id, ["+4912345"], [])
    assert user["loginMethods"][0]["verified"] is True
    query = {"doUnionOfAccountInfo": "false", "phoneNumber": "+4912345"}
    assert stand.get("/users/by-accountinfo", **query)["users"] == [user]
    plain = stand.speaking("3.1").get("/users", phone="+49")["users"][0]["user"]
    assert plain["phoneNumber"] == "+4912345"


def test_too_many_wrong_codes_end_the_login(stand: Stand) -> None:
    code = stand.post(CODE, {"email": "a@b.c", "userInputCode": "right"})
    for failed in range(1, 5):
        assert typed(stand, code, "wrong") == {
            "status": "INCORRECT_USER_INPUT_CODE_ERROR",
            "failedCodeInputAttemptCount": failed,
            "maximumCodeInputAttempts": 5,
        }
    assert typed(stand, code, "wrong") == {"status": "RESTART_FLOW_ERROR"}
    assert typed(stand, code, "right") == {"status": "RESTART_FLOW_ERROR"}


def test_a_code_is_good_for_a_while_and_can_be_sent_again(stand: Stand) -> None:
    code = stand.post(CODE, {"email": "a@b.c", "userInputCode": "one"})
    stand.clock.wait_ms(MINUTES_15_MS + 1)
    assert typed(stand, code, "one")["status"] == "EXPIRED_USER_INPUT_CODE_ERROR"
    assert by_link(stand, code)["status"] == "RESTART_FLOW_ERROR"
    again = {"deviceId": code["deviceId"]}
    used = stand.post(CODE, {**again, "userInputCode": "one"})
    assert used == {"status": "USER_INPUT_CODE_ALREADY_USED_ERROR"}
    second = stand.post(CODE, {**again, "userInputCode": "two"})
    assert second["preAuthSessionId"] == code["preAuthSessionId"]
    assert typed(stand, second, "two")["status"] == "OK"
    assert stand.post(CODE, again) == {"status": "RESTART_FLOW_ERROR"}


def test_the_lifetime_and_the_attempts_are_the_tenant_s(stand: Stand) -> None:
    config = {"passwordless_code_lifetime": 5, "passwordless_max_code_input_attempts": 1}
    body = {"tenantId": "t1", "coreConfig": config}
    stand.ask("PUT", "/recipe/multitenancy/tenant/v2", body)
    code = stand.post(f"/t1{CODE}", {"email": "a@b.c"})
    assert code["codeLifetime"] == 5
    names = ("preAuthSessionId", "deviceId")
    wrong = {**{name: code[name] for name in names}, "userInputCode": "x"}
    assert stand.post(f"/t1{CODE}/consume", wrong)["status"] == "RESTART_FLOW_ERROR"


@pytest.mark.parametrize(
    "body", [{}, {"email": "a", "phoneNumber": "b"}, {"deviceId": "§"}, {"email": None}]
)
def test_exactly_one_way_has_to_be_given(stand: Stand, body: Body) -> None:
    assert stand.ask("POST", CODE, body).status == 400


def test_a_device_and_a_session_of_different_logins_do_not_go_together(stand: Stand) -> None:
    one, other = (stand.post(CODE, {"email": "a@b.c"}) for _ in range(2))
    body = {"preAuthSessionId": one["preAuthSessionId"], "deviceId": other["deviceId"]}
    refused = stand.ask("POST", f"{CODE}/consume", {**body, "userInputCode": "x"})
    assert refused.status == 400
    assert stand.ask("POST", f"{CODE}/consume", body).status == 400
