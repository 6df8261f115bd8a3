import pytest

from conftest import NOW_MS
from staged_facts import HANDLE, HOUR_MS, REFRESH_TOKEN, access_token
from stctl.recipe.profiles.newest import GO, NODE, PYTHON
from stctl.recipe.profiles.profile import Profile
from stctl.recipe.reading import read_session_token
from stctl.tokens.codec import encode_base64url, write_json
from stctl.tokens.hashes import hash1


def jwt(header: dict[str, object], payload: dict[str, object]) -> str:
    parts = (encode_base64url(write_json(part)) for part in (header, payload))  # type: ignore[arg-type]
    return ".".join([*parts, "c2ln"])


PAYLOAD: dict[str, object] = {
    "sub": "alice",
    "exp": 2,
    "iat": 1,
    "sessionHandle": HANDLE,
    "refreshTokenHash1": "a" * 64,
    "tId": "t1",
    "rsub": "bob",
}
HEADER: dict[str, object] = {"typ": "JWT", "alg": "RS256", "kid": "d-1", "version": "5"}


@pytest.mark.parametrize("version", [2, 3, 4, 5])
def test_tokens_of_every_version_are_read(version: int) -> None:
    token = read_session_token(access_token(version=version, parent="e" * 64), NODE)
    assert token is not None
    assert token.version == version
    assert token.user_id == token.recipe_user_id == "alice"
    assert token.session_handle == HANDLE
    assert token.tenant_id == "public"
    assert token.refresh_token_hash1 == hash1(REFRESH_TOKEN)
    assert token.parent_refresh_token_hash1 == "e" * 64
    assert token.created_at_ms == NOW_MS
    assert token.expires_at_ms == NOW_MS + HOUR_MS
    assert (token.kid == "d-1") is (version > 2)


def test_the_payload_of_an_old_token_is_the_users_data_alone() -> None:
    old = read_session_token(access_token(version=2, claims={"role": "admin"}), NODE)
    new = read_session_token(access_token(version=5, claims={"role": "admin"}), NODE)
    assert old is not None
    assert new is not None
    assert old.payload == {"role": "admin"}
    assert new.payload["role"] == "admin"
    assert new.payload["sub"] == "alice"


def test_a_header_without_a_version_means_the_third() -> None:
    token = read_session_token(jwt({"typ": "JWT", "kid": "s-1"}, PAYLOAD), NODE)
    assert token is not None
    assert token.version == 3
    assert not token.is_dynamic


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a.b",
        "a.b.c.d",
        "!.!.!",
        jwt({"typ": "JWE", "kid": "d-1", "version": "5"}, PAYLOAD),
        jwt({"typ": "JWT", "version": "5"}, PAYLOAD),
        jwt({"typ": "JWT", "kid": 1, "version": "5"}, PAYLOAD),
        jwt({"typ": "JWT", "kid": "d-1", "version": 5}, PAYLOAD),
        jwt({"typ": "JWT", "kid": "d-1", "version": "2"}, PAYLOAD),
        jwt({"typ": "JWT", "kid": "d-1", "version": "five"}, PAYLOAD),
        jwt(HEADER, {**PAYLOAD, "sub": 1}),
        jwt(HEADER, {**PAYLOAD, "exp": "2"}),
        jwt(HEADER, {**PAYLOAD, "iat": True}),
        jwt(HEADER, {name: value for name, value in PAYLOAD.items() if name != "sessionHandle"}),
        REFRESH_TOKEN,
    ],
)
def test_what_is_no_session_token_counts_as_absent(text: str) -> None:
    assert read_session_token(text, NODE) is None


@pytest.mark.parametrize(
    ("claim", "readers"), [("tId", [NODE]), ("rsub", [GO])], ids=["tenant", "recipe user"]
)
def test_sdks_look_at_different_claims(claim: str, readers: list[Profile]) -> None:
    text = jwt(HEADER, {name: value for name, value in PAYLOAD.items() if name != claim})
    read = [sdk for sdk in (NODE, PYTHON, GO) if read_session_token(text, sdk) is not None]
    assert read == readers


def test_the_tenant_comes_from_the_handle_where_the_token_names_none() -> None:
    payload = {**PAYLOAD, "sessionHandle": f"{HANDLE}_t7"}
    del payload["tId"]
    token = read_session_token(jwt(HEADER, payload), NODE)
    assert token is not None
    assert token.tenant_id == "t7"
