"""What access tokens carry, and when they are believed."""

from collections.abc import Iterator

import pytest

from core_stand import START_MS, Body, Stand, open_stand
from stctl.core.engine.mint import mint_access
from stctl.tokens.access import AccessClaims, parse
from stctl.tokens.codec import decode_base64_any
from tampering import edit_payload

_VALIDITY_MS = 3_600_000


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand(access_token_validity_jitter=0.0) as stand:
        yield stand


def test_jitter_only_ever_shortens() -> None:
    with open_stand(access_token_validity_jitter=0.25) as stand:
        lives = {stand.create()["accessToken"]["expiry"] - START_MS for _ in range(40)}
    assert len(lives) > 1
    assert min(lives) >= _VALIDITY_MS * 0.75 - 1000
    assert max(lives) <= _VALIDITY_MS


def test_a_payload_is_up_to_date_when_its_json_is_the_same(stand: Stand) -> None:
    tokens = stand.create(userDataInJWT={"a": 1, "b": {"c": [1.5, None]}})
    handle = tokens["session"]["handle"]

    def stale(payload: Body) -> bool:
        stand.ask("PUT", "/recipe/jwt/data", {"sessionHandle": handle, "userDataInJWT": payload})
        available: bool = stand.verify(tokens, database=True)["payloadUpdateAvailable"]
        return available

    assert not stale({"b": {"c": [1.5, None]}, "a": 1.0})
    assert stale({"b": {"c": [1.5, None]}, "a": True})
    assert stale({"b": {"c": [1.5]}, "a": 1})
    assert stale({"a": 1, "b": {"c": [1.5, None]}, "d": None})


@pytest.mark.parametrize(
    ("cdi", "number", "status"),
    [
        ("5.4", 2**63 - 1, 200),
        ("5.4", -(2**63), 200),
        ("5.4", 2**63, 500),
        ("2.21", -(2**63) - 1, 500),
        ("2.20", 2**63, 200),
    ],
)
def test_a_new_token_holds_integers_of_64_bits(
    stand: Stand, cdi: str, number: int, status: int
) -> None:
    body = {
        "userId": "u1",
        "userDataInJWT": {"deep": [{"n": number}]},
        "userDataInDatabase": {"n": 2**70},
        "enableAntiCsrf": False,
    }
    assert stand.speaking(cdi).ask("POST", "/recipe/session", body).status == status
    assert len(stand.handles_of()) == (1 if status == 200 else 0)


def test_a_signature_that_is_no_base64_fails_only_when_its_key_is_known(stand: Stand) -> None:
    token = stand.create()["accessToken"]["token"]
    bare, _, signature = token.rpartition(".")

    def status(text: str) -> int:
        body = {"accessToken": text, "checkDatabase": False}
        flags = {"enableAntiCsrf": False, "doAntiCsrfCheck": False}
        return stand.ask("POST", "/recipe/session/verify", {**body, **flags}).status

    assert status(f"{bare}.{signature}==") == 200
    for wrong in ("!!!!", "A", f"{signature}=", f"{signature[:-1]}+"):
        assert status(f"{bare}.{wrong}") == 500
    unknown = edit_payload(token, header={"kid": "d-1"})
    assert status(f"{unknown.rpartition('.')[0]}.!!!!") == 200


def test_regenerate_believes_a_forged_token_of_a_live_session(stand: Stand) -> None:
    tokens = stand.create()
    forged = edit_payload(tokens["accessToken"]["token"], payload={"sub": "somebody"})
    answer = stand.post(
        "/recipe/session/regenerate", {"accessToken": forged, "userDataInJWT": {"x": 1}}
    )
    assert answer["session"]["userId"] == "somebody"
    assert stand.verify(answer)["session"]["userDataInJWT"] == {"x": 1}
    assert stand.verify({"accessToken": {"token": forged}})["status"] == "TRY_REFRESH_TOKEN"


def test_the_oldest_tokens_are_made_anew_in_their_own_form_with_a_dynamic_key(
    stand: Stand,
) -> None:
    app = stand.core.parts.apps.of("public")
    tokens = stand.speaking("5.4").create(useDynamicSigningKey=False)
    inside = parse(tokens["accessToken"]["token"])
    claims = AccessClaims(
        user_id=inside.user_id,
        recipe_user_id=inside.recipe_user_id,
        tenant_id="public",
        session_handle=inside.session_handle,
        issued_at_ms=inside.issued_at_ms,
        expires_at_ms=inside.expires_at_ms,
        refresh_token_hash1=inside.refresh_token_hash1,
        parent_refresh_token_hash1=None,
        anti_csrf_token=None,
        user_claims={"stale": True},
    )
    first = {"accessToken": {"token": mint_access(app, 1, claims, static=True).token}}
    answer = stand.speaking("5.4").verify(first, database=True)
    again = parse(answer["accessToken"]["token"])
    assert again.version == 1
    assert again.user_claims == {}
    signature = decode_base64_any(again.structure.signature_text)
    dynamic = app.keys.signing(static=False)
    assert dynamic.verifies(signature, again.structure.signing_input)


@pytest.mark.parametrize(
    ("cdi", "dynamic", "expires_in_ms", "listed_for_ms"),
    [
        ("2.7", True, 7 * 86_400_000, None),
        ("2.8", False, None, None),
        ("2.9", True, 7 * 86_400_000, 7 * 86_400_000),
        ("2.20", False, None, 315_360_000_000),
    ],
)
def test_old_callers_are_given_the_signing_keys(
    cdi: str, dynamic: bool, expires_in_ms: int | None, listed_for_ms: int | None
) -> None:
    with open_stand(access_token_signing_key_dynamic=dynamic) as stand:
        answer = stand.speaking(cdi).create()
    expires = 315_360_000_000 if expires_in_ms is None else START_MS + expires_in_ms
    assert answer["jwtSigningPublicKeyExpiryTime"] == expires
    assert ("jwtSigningPublicKeyList" in answer) is (listed_for_ms is not None)
    for key in answer.get("jwtSigningPublicKeyList", []):
        assert key == {
            "publicKey": answer["jwtSigningPublicKey"],
            "createdAt": START_MS,
            "expiryTime": START_MS + (listed_for_ms or 0),
        }
