from typing import Any

import pytest

from fake_core import HANDLE, NEW_TOKENS, SESSION, UNAUTHORISED, VERSIONS, Asked, FakeCore, reply
from stctl.cdi.answers import KnownUser, UnknownUser, UnsupportedAlgorithm
from stctl.cdi.client import CdiClient
from stctl.cdi.retries import Repeat
from stctl.errors import ErrorKind, StctlError
from stctl.sessions.answers import (
    NewTokens,
    TokenTheftDetected,
    TryRefreshToken,
    Unauthorised,
    Verified,
)


def core(answers: dict[str, Any] | None = None) -> FakeCore:
    return FakeCore({"GET /apiversion": VERSIONS, **(answers or {})})


def test_the_first_call_finds_out_the_version_and_later_ones_keep_it() -> None:
    fake = core({"GET /recipe/session": UNAUTHORISED})
    client = CdiClient(fake, api_key="key")
    client.get_session("a")
    client.get_session("b")
    assert [call.path for call in fake.asked] == [
        "/apiversion",
        "/recipe/session",
        "/recipe/session",
    ]
    assert [call.header("cdi-version") for call in fake.asked] == [None, "5.4", "5.4"]
    assert {call.header("api-key") for call in fake.asked} == {"key"}


def test_a_forced_version_is_spoken_without_asking() -> None:
    fake = core({"GET /recipe/session": UNAUTHORISED})
    client = CdiClient(fake, cdi="5.6")
    client.get_session("a")
    assert [call.path for call in fake.asked] == ["/recipe/session"]
    assert fake.asked[0].header("cdi-version") == "5.6"


def test_a_forced_version_that_the_core_lacks_is_told_from_other_refusals() -> None:
    refusal = reply("cdi-version 2.10 not supported", status=400)
    client = CdiClient(core({"GET /recipe/session": refusal}), cdi="2.10")
    with pytest.raises(StctlError, match=r"does not speak CDI 2\.10") as caught:
        client.get_session("a")
    assert caught.value.kind is ErrorKind.CORE_VERSION
    assert "2.7, 2.21, 3.0, 4.0, 5.4, 5.6" in caught.value.hint
    client = CdiClient(core({"GET /recipe/session": refusal}), cdi="5.6")
    with pytest.raises(StctlError, match="not supported") as caught:
        client.get_session("a")
    assert caught.value.kind is ErrorKind.CORE_REFUSED


def test_bodies_say_their_charset_and_are_plain_ascii_on_the_wire() -> None:
    sent: list[bytes] = []

    class Wire(FakeCore):
        def send(self, method: str, path: str, **options: Any) -> Any:
            sent.append(options.get("body", b""))
            return super().send(method, path, **options)

    fake = Wire({"PUT /recipe/session/data": {"status": "OK"}})
    assert CdiClient(fake, cdi="5.4").set_session_data("h", {"näme": "日本😀"}) is None
    assert fake.asked[0].header("content-type") == "application/json; charset=utf-8"
    assert sent[0].isascii()
    assert fake.asked[0].body["userDataInDatabase"] == {"näme": "日本😀"}


def test_text_that_is_no_text_is_refused_before_it_is_sent() -> None:
    fake = core()
    client = CdiClient(fake, cdi="5.4")
    for ask in (client.handles_of_user, client.create_session):
        with pytest.raises(StctlError, match="not UTF-8 text") as caught:
            ask("anna\udcff")
        assert caught.value.kind is ErrorKind.INPUT_UNREADABLE
    assert fake.asked == []


def test_app_and_tenant_stand_in_the_path_only_where_the_call_wants_them() -> None:
    fake = FakeCore(
        {
            "POST /appid-a1/t1/recipe/session": NEW_TOKENS,
            "GET /appid-a1/recipe/session": UNAUTHORISED,
            "GET /appid-a1/recipe/session/user": {"status": "OK", "sessionHandles": []},
            "GET /appid-a1/t1/recipe/session/user": {"status": "OK", "sessionHandles": [HANDLE]},
            "POST /appid-a1/recipe/session/remove": {"status": "OK", "sessionHandlesRevoked": []},
            "POST /appid-a1/t1/recipe/session/remove": {
                "status": "OK",
                "sessionHandlesRevoked": [HANDLE],
            },
        }
    )
    client = CdiClient(fake, cdi="5.4", app_id="A1 ", tenant_id="t1")
    assert isinstance(client.create_session("u"), NewTokens)
    assert isinstance(client.get_session("h"), Unauthorised)
    assert client.handles_of_user("u") == []
    assert client.handles_of_user("u", across_tenants=False) == [HANDLE]
    assert client.revoke_user("u") == []
    assert client.revoke_user("u", across_tenants=False) == [HANDLE]
    assert client.revoke_handles([HANDLE]) == []
    assert client.target == "http://fake:3567, app a1, tenant t1"


@pytest.mark.parametrize(
    "options",
    [
        {"tenant_id": "recipe"},
        {"tenant_id": "T_1"},
        {"tenant_id": ""},
        {"app_id": "a/b"},
        {"api_key": "k\u00e9y"},
        {"api_key": "k\r\nx: y"},
    ],
)
def test_what_no_core_can_have_is_refused_before_anything_is_sent(options: Any) -> None:
    with pytest.raises(StctlError) as caught:
        CdiClient(core(), **options)
    assert caught.value.kind is ErrorKind.SETTING_INVALID


def test_a_tenant_needs_a_version_that_has_tenants() -> None:
    client = CdiClient(core(), cdi="2.21", tenant_id="t1")
    with pytest.raises(StctlError, match=r"tenant t1 needs CDI 3\.0") as caught:
        client.create_session("u")
    assert caught.value.kind is ErrorKind.CORE_VERSION


def test_only_create_and_refresh_are_marked_as_not_repeatable() -> None:
    ok = {"status": "OK", "sessionHandlesRevoked": []}
    fake = FakeCore(
        {
            "POST /recipe/session": NEW_TOKENS,
            "POST /recipe/session/refresh": NEW_TOKENS,
            "POST /recipe/session/verify": {"status": "OK", "session": SESSION},
            "POST /recipe/session/remove": ok,
        }
    )
    client = CdiClient(fake, cdi="5.4")
    client.create_session("u")
    client.refresh_session("t")
    client.verify_session("t")
    client.revoke_handles(["h"])
    assert [call.repeat for call in fake.asked] == [
        Repeat.ONCE,
        Repeat.ONCE,
        Repeat.SAFE,
        Repeat.SAFE,
    ]


def test_refresh_has_three_answers() -> None:
    theft = {
        "status": "TOKEN_THEFT_DETECTED",
        "session": {"handle": HANDLE, "userId": "u1", "recipeUserId": "r1"},
    }
    for answer, kind in (
        (NEW_TOKENS, NewTokens),
        (UNAUTHORISED, Unauthorised),
        (theft, TokenTheftDetected),
    ):
        fake = FakeCore({"POST /recipe/session/refresh": answer})
        assert isinstance(CdiClient(fake, cdi="5.4").refresh_session("t"), kind)


def test_verify_has_three_answers() -> None:
    again = {"status": "TRY_REFRESH_TOKEN", "message": "expired"}
    for answer, kind in (
        ({"status": "OK", "session": SESSION}, Verified),
        (UNAUTHORISED, Unauthorised),
        (again, TryRefreshToken),
    ):
        fake = FakeCore({"POST /recipe/session/verify": answer})
        assert isinstance(CdiClient(fake, cdi="5.4").verify_session("t"), kind)


def test_data_and_payload_are_read_and_written_or_unauthorised() -> None:
    fake = FakeCore(
        {
            "GET /recipe/session/data": {"status": "OK", "userDataInDatabase": {}},
            "GET /recipe/jwt/data": {"status": "OK", "userDataInJWT": {"a": 1}},
            "PUT /recipe/session/data": UNAUTHORISED,
            "PUT /recipe/jwt/data": {"status": "OK"},
        }
    )
    client = CdiClient(fake, cdi="5.4")
    assert client.get_session_data("h&x=1") == {}
    assert client.get_jwt_payload("h") == {"a": 1}
    assert isinstance(client.set_session_data("h", {"b": 2}), Unauthorised)
    assert client.set_jwt_payload("h", {}) is None
    assert fake.asked[0].query == {"sessionHandle": "h&x=1"}
    assert fake.asked[2].body == {"sessionHandle": "h", "userDataInDatabase": {"b": 2}}


def test_regenerate_keeps_the_stored_payload_unless_one_is_given() -> None:
    fake = FakeCore({"POST /recipe/session/regenerate": {"status": "OK", "session": SESSION}})
    client = CdiClient(fake, cdi="5.4")
    client.regenerate("t")
    client.regenerate("t", {})
    assert "userDataInJWT" not in fake.asked[0].body
    assert fake.asked[1].body["userDataInJWT"] == {}


def test_service_calls_speak_no_version_and_keys_keep_their_age() -> None:
    jwks = reply('{"keys": []}', headers=[("Cache-Control", "max-age=60, must-revalidate")])
    fake = FakeCore({"GET /hello": reply("Hello\n"), "GET /.well-known/jwks.json": jwks})
    client = CdiClient(fake)
    assert client.hello() == "Hello"
    keys = client.jwks()
    assert (keys.document, keys.max_age_s) == ({"keys": []}, 60)
    assert {call.header("cdi-version") for call in fake.asked} == {None}


def test_the_core_signs_or_says_that_it_lacks_the_algorithm() -> None:
    fake = FakeCore({"POST /recipe/jwt": {"status": "OK", "jwt": "a.b.c"}})
    client = CdiClient(fake, cdi="5.4")
    assert client.sign_jwt({"x": None}, validity_s=60, jwks_domain="http://d") == "a.b.c"
    assert fake.asked[0].body["payload"] == {"x": None}
    fake.answers = {"POST /recipe/jwt": {"status": "UNSUPPORTED_ALGORITHM_ERROR"}}
    answer = client.sign_jwt({}, validity_s=60, jwks_domain="d", algorithm="ES256")
    assert answer == UnsupportedAlgorithm(algorithm="ES256")


def test_configuration_is_read_where_the_core_publishes_it() -> None:
    entry = {
        "key": "access_token_validity",
        "valueType": "number",
        "value": 3600,
        "description": "d",
        "isDifferentAcrossTenants": False,
        "possibleValues": None,
        "defaultValue": 3600,
    }
    path = "GET /recipe/dashboard/tenant/core-config"
    fake = FakeCore({path: {"status": "OK", "config": [entry]}})
    (read,) = CdiClient(fake, cdi="5.4").core_config()
    assert (read.key, read.value, read.default) == ("access_token_validity", 3600, 3600)
    with pytest.raises(StctlError, match=r"needs CDI 5\.1"):
        CdiClient(fake, cdi="5.0").core_config()
    fake = FakeCore({"GET /config": {"status": "NOT_ALLOWED"}})
    assert CdiClient(fake, cdi="5.4").config(1) is None


def test_the_handshake_ended_with_2_20() -> None:
    with pytest.raises(StctlError, match=r"ended with CDI 2\.20"):
        CdiClient(core(), cdi="2.21").handshake()


def test_users_are_known_or_unknown() -> None:
    fake = FakeCore({"GET /user/id": {"status": "UNKNOWN_USER_ID_ERROR"}})
    assert CdiClient(fake, cdi="5.4").user("u") == UnknownUser(user_id="u")
    fake = FakeCore({"GET /user/id": {"status": "OK", "user": {"id": "u"}}})
    assert CdiClient(fake, cdi="5.4").user("u") == KnownUser(user={"id": "u"})


def test_a_missing_key_is_told_from_a_wrong_one() -> None:
    refusal = reply("Invalid API key", status=401)
    for key, words in ((None, "no API key was given"), ("wrong", "Invalid API key")):
        client = CdiClient(FakeCore({"GET /apiversion": refusal}), api_key=key)
        with pytest.raises(StctlError, match=words) as caught:
            client.get_session("h")
        assert caught.value.kind is ErrorKind.CORE_KEY_REFUSED
        assert caught.value.detail.count("no API key") == (key is None)


def test_advice_for_doubt_is_given_only_when_the_call_itself_is_in_doubt() -> None:
    down = StctlError(ErrorKind.CORE_FAILED, "HTTP 500")
    negotiating = CdiClient(FakeCore({"GET /apiversion": down}))
    with pytest.raises(StctlError) as caught:
        negotiating.refresh_session("t")
    assert "blindly" not in caught.value.hint
    asking = CdiClient(FakeCore({"POST /recipe/session/refresh": down}), cdi="5.6")
    with pytest.raises(StctlError) as caught:
        asking.refresh_session("t")
    assert "blindly" in caught.value.hint


def test_an_answer_of_another_call_is_no_answer() -> None:
    def odd(_call: Asked) -> dict[str, Any]:
        return {"status": "TRY_REFRESH_TOKEN", "message": "m"}

    client = CdiClient(FakeCore({"POST /recipe/session/refresh": odd}), cdi="5.4")
    with pytest.raises(StctlError, match="'TRY_REFRESH_TOKEN', which this call") as caught:
        client.refresh_session("t")
    assert caught.value.kind is ErrorKind.CORE_WRONG_SHAPE


def test_closing_the_client_closes_its_transport() -> None:
    fake = core()
    CdiClient(fake).close()
    assert fake.is_closed
