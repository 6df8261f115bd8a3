import base64
import json
from urllib.parse import quote

import pytest

from made_tokens import ISSUED_S, PAYLOAD, SIGNATURE, base64url, made
from recorded_tokens import V2, V5, V5_ANTI_CSRF, V5_TENANT, every_generation, signed_jwts
from stctl.tokens.decoded import Report, examine
from stctl.tokens.lint.rules import RULES

NOW_MS = (ISSUED_S + 600) * 1000
ANTI_CSRF_COOKIE = f"Cookie: sAccessToken={V5_ANTI_CSRF[0].access}"
V5_FRONT = base64.b64encode(
    json.dumps({"uid": "u1", "ate": (ISSUED_S + 3500) * 1000, "up": {}}).encode()
).decode()


def report(text: str, now_ms: int = NOW_MS) -> Report:
    return examine([("", text)], now_ms)


def ids(text: str, now_ms: int = NOW_MS) -> list[str]:
    """The remarks on all tokens, then those on the paste."""
    seen = report(text, now_ms)
    on_tokens = [remark.id for token in seen.tokens for remark in token.remarks]
    return on_tokens + [remark.id for remark in seen.remarks]


@pytest.mark.parametrize("generation", every_generation(), ids=lambda one: one.step)
def test_what_a_core_made_gives_no_cause_for_remarks(generation: object) -> None:
    access, refresh = (getattr(generation, name) for name in ("access", "refresh"))
    assert ids(access, 1_795_545_000_000) == []
    assert ids(refresh) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (made(), []),
        (made(payload={"exp": float(ISSUED_S + 1)}), ["float-time"]),
        (made(payload={"exp": ISSUED_S}), ["time-order"]),
        (made(payload={"iat": ISSUED_S + 601}), ["issued-in-future"]),
        (made(header={"kid": f"d-{ISSUED_S + 1}000"}), ["key-newer-than-token"]),
        (made() + "..", ["trailing-characters"]),
        (made() + "~~", ["trailing-characters"]),
        (made(signature=SIGNATURE[:-3] + "+/x"), ["signature-form"]),
        (made(signature="abcd"), ["signature-length"]),
        (made(signature="abcde"), ["signature-length"]),
        (made(payload={"jwt": made()}), ["nested-jwt"]),
        (made(payload={"aud": "x"}), ["aud-claim"]),
        (made(payload={"stt": 1}), ["token-type-claim"]),
        (made(payload={"refreshTokenHash1": "abc"}), ["hash-form"]),
        (made(payload={"sessionHandle": "abc"}), ["handle-form"]),
        (made(payload={"tId": "t1"}), ["tenant-differs"]),
        (made(payload={"x": "y" * 3000}), ["cookie-too-large"]),
        (made(header={"alg": "none"}), ["not-an-access-token"]),
        (made(header={"version": "7"}), ["not-an-access-token"]),
    ],
)
def test_each_oddity_of_an_access_token_has_its_remark(text: str, expected: list[str]) -> None:
    assert ids(text) == expected


def test_a_header_without_version_is_remarked() -> None:
    assert ids(signed_jwts()["sign"], 1_795_541_000_000) == ["no-version"]


def test_a_missing_claim_is_named() -> None:
    payload = {name: value for name, value in PAYLOAD.items() if name != "rsub"}
    seen = report(made(payload=json.dumps(payload).encode()))
    assert [(remark.id, remark.text) for remark in seen.tokens[0].remarks] == [
        ("missing-claim", "Missing: rsub.")
    ]


def test_a_claim_that_is_there_twice_is_named() -> None:
    raw = json.dumps(PAYLOAD)[:-1] + ', "sub": "u1", "x": {"sub": 1, "y": 1}, "z": {"y": 2}}'
    seen = report(made(payload=raw.encode()))
    assert [remark.text for remark in seen.tokens[0].remarks] == ["Twice: sub."]


def test_the_place_of_what_follows_the_signature_is_told() -> None:
    text = made()
    remark = report(text + "~").tokens[0].remarks[0]
    assert remark.text == f"1 after the signature, the first is '~' at byte {len(text)}."


def test_the_right_base64_depends_on_the_version() -> None:
    header, payload, signature = made().split(".")
    assert ids(f"{header}==.{payload}.{signature}") == ["base64-form"]
    assert ids(f"{header}.{payload}.{signature}==") == []
    unpadded = ".".join(part.rstrip("=") for part in V2[0].access.split(".")[1:])
    assert ids(f"{V2[0].access.split('.')[0]}.{unpadded}", 1_795_545_000_000) == [
        "signature-form",
        "base64-form",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (V5[0].refresh[:-2] + "v2", ["type-suffix"]),
        (V5[0].refresh[:-2] + "V0", ["type-suffix"]),
        (V5[0].refresh + ".", ["trailing-characters"]),
        (V5[0].refresh.replace("=.", "."), ["base64-form"]),
        (V5[0].refresh[:-5] + ".V2", ["nonce-form"]),
        (quote(quote(V5[0].refresh, safe=""), safe=""), ["encoded-twice"]),
        (V5[0].refresh[:50] + "\n" + V5[0].refresh[50:], ["white-space"]),
    ],
)
def test_each_oddity_of_a_refresh_token_has_its_remark(text: str, expected: list[str]) -> None:
    assert ids(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Authorization: Bearer {made()}", []),
        (f"Authorization: {made()}", ["bearer-scheme"]),
        (f"Authorization: bearer {made()}", ["bearer-scheme"]),
        (f"Cookie: sAccessToken={V5[0].refresh}", ["wrong-slot"]),
        (f"Cookie: sRefreshToken={made()}", ["wrong-slot"]),
        (f"Cookie: sIdRefreshToken={V2[0].id_refresh}", ["legacy-cookie"]),
        (f"Set-Cookie: sIdRefreshToken={V2[0].id_refresh}", []),
    ],
)
def test_the_place_of_a_token_has_its_remarks(text: str, expected: list[str]) -> None:
    assert ids(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Cookie: sAccessToken={made()}; sAccessToken={made()}", ["duplicate-cookie"]),
        (f"Cookie: sAccessToken={made()}\nCookie: sAccessToken={made()}", []),
        (
            f"Set-Cookie: sAccessToken={made()}; Path=/\nSet-Cookie: sAccessToken=; Path=/",
            [],
        ),
        (
            f"Authorization: Bearer {made()}\nCookie: sAccessToken={made()}",
            ["header-and-cookie"],
        ),
        (
            f"Authorization: Bearer {made()}\nst-refresh-token: {V5[0].refresh}",
            ["response-header"],
        ),
        (f"st-access-token: {made()}\nfront-token: {V5_FRONT}", []),
        (
            f"st-access-token: {made(payload={'exp': ISSUED_S + 9})}\nfront-token: {V5_FRONT}",
            ["front-token-differs"],
        ),
        (
            f"{ANTI_CSRF_COOKIE}\nanti-csrf: {V5_ANTI_CSRF[0].anti_csrf}",
            [],
        ),
        (
            f"{ANTI_CSRF_COOKIE}\nanti-csrf: {V5_ANTI_CSRF[1].anti_csrf}",
            ["anti-csrf-differs"],
        ),
    ],
)
def test_what_stands_together_has_its_remarks(text: str, expected: list[str]) -> None:
    assert ids(text, 1_795_543_200_000) == expected


def test_doubled_cookies_of_a_recording_are_seen() -> None:
    value = f"sAccessToken={made()}; sAccessToken={made()}"
    har = {"headers": [{"name": "Cookie", "value": value}]}
    assert ids(json.dumps(har)) == ["duplicate-cookie"]
    apart = [{"name": "sAccessToken", "value": made()}, {"name": "sAccessToken", "value": made()}]
    assert ids(json.dumps(apart)) == []


def test_the_most_serious_remark_comes_first() -> None:
    text = made(payload={"aud": "x", "exp": float(ISSUED_S), "y": "z" * 3000})
    severities = [remark.severity for remark in report(text).tokens[0].remarks]
    assert severities == ["bad", "bad", "warn", "warn"]


def test_the_tenant_of_a_handle_fits_the_token_of_a_tenant() -> None:
    assert ids(V5_TENANT.access, 1_795_545_000_000) == []


def test_a_foreign_jwt_is_not_blamed_for_being_none_of_ours() -> None:
    header, payload = base64url({"alg": "HS256", "typ": "JWT"}), base64url({"sub": "x"})
    assert ids(f"{header}.{payload}.dGVzdA") == []


def test_every_rule_has_a_meaning_in_a_sentence() -> None:
    for identifier, rule in RULES.items():
        assert identifier == identifier.lower()
        assert rule.meaning.endswith(".")
