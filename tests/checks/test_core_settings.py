import pytest

from fake_core import Answer, FakeCore, reply
from stctl.cdi.client import CdiClient
from stctl.checks.core_settings import CoreConfig, read_core_config
from stctl.errors import ErrorKind, StctlError

NOW = 1_795_000_000_000
PUBLISHED = "GET /recipe/dashboard/tenant/core-config"
VERSIONS = ["2.20", "5.1", "5.4"]
HANDSHAKE = {
    "status": "OK",
    "jwtSigningPublicKey": "k",
    "jwtSigningPublicKeyExpiryTime": 5,
    "jwtSigningPublicKeyList": [],
    "accessTokenBlacklistingEnabled": False,
    "accessTokenValidity": 3_600_000,
    "refreshTokenValidity": 8_640_000_000,
}


def entry(key: str, value: object, default: object) -> dict[str, object]:
    return {
        "key": key,
        "valueType": "number",
        "value": value,
        "defaultValue": default,
        "description": "…",
        "isDifferentAcrossTenants": False,
    }


def config(cdi: str | None = None, **answers: Answer) -> tuple[CoreConfig, FakeCore]:
    core = FakeCore(
        {
            "GET /apiversion": {"versions": VERSIONS},
            PUBLISHED: answers.get("published", reply("Not found", status=404)),
            "POST /recipe/handshake": answers.get("handshake", reply("gone", status=404)),
            "GET /.well-known/jwks.json": reply(
                f'{{"keys":[{{"kid":"d-{NOW - 3_600_000}"}}]}}',
                headers=[("Cache-Control", f"max-age={3600 - 60}, must-revalidate")],
            ),
        }
    )
    return read_core_config(CdiClient(core, cdi=cdi), NOW), core


def test_what_a_core_publishes_is_compared_with_its_defaults() -> None:
    entries = [entry("access_token_validity", "3600", 3600), entry("grace", 5, 30)]
    found, _ = config(published={"status": "OK", "config": entries})
    assert found.refusal is None
    assert [(one.name, one.is_changed) for one in found.settings] == [
        ("access_token_validity", False),
        ("grace", True),
    ]
    assert found.value("grace") == 5
    assert found.value("unknown") is None


def test_a_version_too_old_for_the_call_is_left_for_it_where_the_core_offers_a_newer_one() -> None:
    entries = [entry("a", 1, 1)]
    found, core = config("2.20", published={"status": "OK", "config": entries})
    assert found.refusal is None
    assert core.asked[-1].header("cdi-version") == "5.1"


def test_a_core_that_publishes_nothing_is_read_from_its_other_answers_and_says_so() -> None:
    found, _ = config(handshake=HANDSHAKE)
    assert "404" in (found.refusal or "")
    assert {one.name: (one.value, one.source) for one in found.settings} == {
        "access_token_validity": (3600, "handshake"),
        "refresh_token_validity": (144_000, "handshake"),
        "access_token_blacklisting": (False, "handshake"),
        "access_token_dynamic_signing_key_update_interval": (2, "key set"),
    }
    assert {one.is_changed for one in found.settings} == {None}


def test_where_the_handshake_is_gone_too_the_key_set_is_what_remains() -> None:
    found, _ = config()
    assert [one.source for one in found.settings] == ["key set"]


def test_a_core_that_fails_is_an_error_and_no_settings() -> None:
    with pytest.raises(StctlError) as caught:
        config(published=reply("broken", status=500))
    assert caught.value.kind is ErrorKind.CORE_FAILED
