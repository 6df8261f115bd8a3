import base64
import json
from typing import Any

import pytest

from recorded_tokens import (
    V2,
    V3,
    V4,
    V5,
    V5_ANTI_CSRF,
    V5_CLAIMS,
    V5_STATIC,
    V5_TENANT,
    Generation,
    every_generation,
    signed_jwts,
)
from stctl.tokens.access import (
    PROTECTED_CLAIMS,
    AccessClaims,
    AccessToken,
    parse,
    read_claims,
    read_structure,
    signing_input,
)
from stctl.tokens.hashes import hash1
from stctl.tokens.problem import TokenProblem


def _url(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


HEADER = {"kid": "d-1", "typ": "JWT", "version": "5", "alg": "RS256"}
PAYLOAD: dict[str, Any] = {
    "iat": 1_700_000_000,
    "exp": 1_700_003_600,
    "sub": "u1",
    "tId": "public",
    "rsub": "u1",
    "sessionHandle": "h",
    "refreshTokenHash1": "a" * 64,
    "parentRefreshTokenHash1": None,
    "antiCsrfToken": None,
}


def _token(header: Any = HEADER, payload: Any = PAYLOAD) -> str:
    return f"{_url(header)}.{_url(payload)}.c2ln"


def _problem(text: str) -> TokenProblem:
    with pytest.raises(TokenProblem) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize("recorded", every_generation(), ids=lambda one: one.step)
def test_every_recorded_token_says_what_its_core_said(recorded: Generation) -> None:
    token = parse(recorded.access)
    assert token.session_handle == recorded.session["handle"]
    assert token.user_id == recorded.session["userId"]
    assert token.recipe_user_id == recorded.session.get("recipeUserId", token.user_id)
    assert token.tenant_id == recorded.session.get("tenantId", "public")
    assert token.user_claims == recorded.session["userDataInJWT"]
    assert token.issued_at_ms == recorded.access_created_at_ms
    assert token.expires_at_ms == recorded.access_expires_at_ms
    assert token.refresh_token_hash1 == hash1(recorded.refresh)
    assert token.anti_csrf_token == recorded.anti_csrf


@pytest.mark.parametrize(
    ("recorded", "version"), [(V2[0], 2), (V3[0], 3), (V4[0], 4), (V5[0], 5), (V5_STATIC, 5)]
)
def test_the_version_is_read_from_the_header(recorded: Generation, version: int) -> None:
    assert read_structure(recorded.access).version == version


@pytest.mark.parametrize("generations", [V2, V5], ids=["version 2", "version 5"])
def test_a_refreshed_token_names_its_parent_by_hash(generations: list[Generation]) -> None:
    first, second = generations[:2]
    assert parse(first.access).parent_refresh_token_hash1 is None
    assert parse(second.access).parent_refresh_token_hash1 == hash1(first.refresh)


def test_a_version_1_token_is_known_by_its_fixed_header() -> None:
    version_1 = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsInZlcnNpb24iOiIxIn0="
    token = parse(f"{version_1}.{V2[0].access.split('.', 1)[1]}")
    assert (token.version, token.kid) == (1, None)
    assert token.session_handle == V2[0].session["handle"]


def test_a_version_4_token_keeps_rsub_as_a_user_claim() -> None:
    assert parse(V4[0].access).user_claims == {"rsub": "mine"}


def test_a_version_3_token_belongs_to_public_whatever_a_claim_says() -> None:
    token = parse(_token({**HEADER, "version": "3"}, PAYLOAD))
    assert token.tenant_id == "public"
    assert token.user_claims == {"tId": "public", "rsub": "u1"}


def test_a_header_without_version_means_5() -> None:
    header = {name: value for name, value in HEADER.items() if name != "version"}
    assert parse(_token(header)).version == 5
    assert parse(signed_jwts()["sign"]).user_id == "made-up"


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        ({"alg": "none"}, "alg"),
        ({"alg": None}, "alg"),
        ({"typ": "at+jwt"}, "typ"),
        ({"kid": None}, "kid"),
        ({"kid": 7}, "kid"),
        ({"version": "1"}, "version"),
        ({"version": "6"}, "version"),
        ({"version": 5}, "version"),
        ({"version": None}, "version"),
    ],
)
def test_a_header_that_a_core_refuses_is_refused(change: dict[str, Any], claim: str) -> None:
    problem = _problem(_token({**HEADER, **change}))
    assert (problem.part, problem.claim) == ("header", claim)


@pytest.mark.parametrize("version", [3, 4, 5])
def test_every_protected_claim_must_be_there(version: int) -> None:
    for name in PROTECTED_CLAIMS[version]:
        payload = {key: value for key, value in PAYLOAD.items() if key != name}
        problem = _problem(_token({**HEADER, "version": str(version)}, payload))
        assert (problem.part, problem.claim) == ("payload", name)


@pytest.mark.parametrize("count", [0, 1, 3, 4])
def test_three_parts_and_no_others(count: int) -> None:
    problem = _problem(".".join(["e30"] * (count + 1)) if count != 2 else "")
    assert problem.part == "token"


def test_dots_at_the_end_count_for_nothing_as_in_a_core() -> None:
    assert parse(V5[0].access + "..").user_id == V5[0].session["userId"]
    assert _problem(V5[0].access.rsplit(".", 1)[0] + ".").part == "token"


def test_the_payload_may_be_base64_of_either_alphabet_padded_or_not() -> None:
    payload = {**PAYLOAD, "sub": "ÿþ?>~~", "x": "???>>>"}
    raw = json.dumps(payload, ensure_ascii=False).encode()
    standard = base64.b64encode(raw).decode()
    assert set("+/") & set(standard)
    for text in (standard, standard.rstrip("="), base64.urlsafe_b64encode(raw).decode()):
        assert parse(f"{_url(HEADER)}.{text}.c2ln").user_id == "ÿþ?>~~"


def test_a_foreign_character_is_named_with_its_place() -> None:
    text = _token()
    place = text.index(".") + 9
    problem = _problem(text[:place] + "!" + text[place + 1 :])
    assert (problem.part, problem.position) == ("payload", place)
    assert "'!'" in problem.reason


def test_broken_json_is_named_with_its_place_in_the_token() -> None:
    header = _url(HEADER)
    broken = b'{"iat": 1, oops}'
    problem = _problem(f"{header}.{_url(broken)}.c2ln")
    assert problem.part == "payload"
    assert "byte 11" in problem.reason
    assert problem.position is not None
    assert (problem.position - len(header) - 1) * 3 // 4 == 10


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"[1]", "not an object"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"iat": 17', "cut off"),
        (b'{"iat": "un', "cut off"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1e999}', "too large"),
        (b"[" * 100_000, "deep"),
        (b'{"a": ' + b"9" * 5000 + b"}", "digits"),
    ],
)
def test_a_payload_that_is_no_json_object_is_a_named_problem(raw: bytes, reason: str) -> None:
    problem = _problem(f"{_url(HEADER)}.{_url(raw)}.c2ln")
    assert problem.part == "payload"
    assert reason in problem.reason


@pytest.mark.parametrize(
    "change", [{"sub": 1}, {"exp": "soon"}, {"exp": True}, {"iat": None}, {"antiCsrfToken": 5}]
)
def test_a_claim_of_a_wrong_type_is_a_named_problem(change: dict[str, Any]) -> None:
    problem = _problem(_token(HEADER, {**PAYLOAD, **change}))
    assert problem.claim == next(iter(change))


def test_times_in_scientific_notation_are_read() -> None:
    raw = json.dumps(PAYLOAD).replace("1700003600", "1.7000036E9").encode()
    assert parse(f"{_url(HEADER)}.{_url(raw)}.c2ln").expires_at_ms == 1_700_003_600_000


def test_a_version_2_token_without_user_data_says_which_claim_fails() -> None:
    header, payload, signature = V2[0].access.split(".")
    claims = json.loads(base64.b64decode(payload))
    del claims["userData"]
    text = f"{header}.{base64.b64encode(json.dumps(claims).encode()).decode()}.{signature}"
    assert _problem(text).claim == "userData"


def _claims_of(token: AccessToken) -> AccessClaims:
    return AccessClaims(
        user_id=token.user_id,
        recipe_user_id=token.recipe_user_id,
        tenant_id=token.tenant_id,
        session_handle=token.session_handle,
        issued_at_ms=token.issued_at_ms,
        expires_at_ms=token.expires_at_ms,
        refresh_token_hash1=token.refresh_token_hash1,
        parent_refresh_token_hash1=token.parent_refresh_token_hash1,
        anti_csrf_token=token.anti_csrf_token,
        user_claims=token.user_claims,
    )


@pytest.mark.parametrize(
    "recorded", [*V2, *V3, *V4, *V5, *V5_ANTI_CSRF, V5_STATIC, V5_TENANT, V5_CLAIMS]
)
def test_a_minted_token_is_the_recorded_one_to_the_letter(recorded: Generation) -> None:
    token = parse(recorded.access)
    minted = signing_input(token.version, token.kid, _claims_of(token))
    assert minted == recorded.access.rsplit(".", 1)[0]


def test_times_are_cut_down_to_seconds_from_version_3() -> None:
    claims = _claims_of(parse(V5[0].access))
    text = signing_input(5, "d-1", claims)
    late = signing_input(5, "d-1", AccessClaims(**{**_fields(claims), "issued_at_ms": 1_999}))
    assert read_structure(f"{late}.x").payload["iat"] == 1
    assert read_structure(f"{text}.x").payload["iat"] == claims.issued_at_ms // 1000


def _fields(claims: AccessClaims) -> dict[str, Any]:
    return claims._asdict()


def test_a_user_claim_never_overrides_a_protected_one() -> None:
    claims = AccessClaims(
        **{**_fields(_claims_of(parse(V5[0].access))), "user_claims": {"sub": "mallory", "a": 1}}
    )
    token = read_claims(read_structure(signing_input(5, "d-1", claims) + ".c2ln"))
    assert token.user_id == V5[0].session["userId"]
    assert token.user_claims == {"a": 1}


def test_a_lone_surrogate_in_a_claim_can_be_minted() -> None:
    claims = AccessClaims(
        **{**_fields(_claims_of(parse(V5[0].access))), "user_claims": {"a": "x\ud800"}}
    )
    assert parse(signing_input(5, "d-1", claims) + ".c2ln").user_claims == {"a": "x?"}
