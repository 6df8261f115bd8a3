import base64
from typing import Any

import pytest

from made_tokens import made
from recorded_tokens import (
    V2,
    V5,
    V5_CLAIMS,
    Generation,
    every_generation,
    jwks,
    signed_jwts,
)
from stctl.tokens.access import AccessToken, parse
from stctl.tokens.identify import Finding, identify
from stctl.tokens.signature import KeySet, KeySetProblem, Signature
from stctl.tokens.signed import SignedToken

KEYS = KeySet(jwks())
DYNAMIC, STATIC = KEYS.kids


def check(text: str, keys: KeySet = KEYS) -> Signature:
    found = identify(text)[0]
    assert isinstance(found, Finding)
    assert isinstance(found.body, AccessToken | SignedToken)
    return keys.check(found.body)


def flipped(text: str, part: int) -> str:
    """The token with one character of one part replaced, as base64 that still decodes."""
    parts = text.split(".")
    parts[part] = parts[part][:20] + ("A" if parts[part][20] != "A" else "B") + parts[part][21:]
    return ".".join(parts)


@pytest.mark.parametrize("generation", every_generation(), ids=lambda one: one.step)
def test_every_recorded_token_holds(generation: Generation) -> None:
    signature = check(generation.access)
    token = parse(generation.access)
    assert (signature.verdict, signature.is_no) == ("holds", False)
    assert signature.kid == (token.kid or DYNAMIC)


@pytest.mark.parametrize("step", signed_jwts())
def test_signed_jwts_hold(step: str) -> None:
    assert check(signed_jwts()[step]).verdict == "holds"


@pytest.mark.parametrize("text", [V5[0].access, V2[0].access])
def test_a_changed_signature_does_not_hold(text: str) -> None:
    signature = check(flipped(text, 2))
    assert (signature.verdict, signature.is_no) == ("does-not-hold", True)


def test_a_changed_payload_does_not_hold() -> None:
    header, payload, signature = V5_CLAIMS.access.split(".")
    raw = base64.urlsafe_b64decode(payload + "==").replace(b'"n":1.5', b'"n":9.5')
    forged = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    assert check(f"{header}.{forged}.{signature}").verdict == "does-not-hold"


def test_a_key_that_is_not_in_the_set_is_unknown() -> None:
    signature = check(made(header={"kid": "d-1"}))
    assert (signature.verdict, signature.kid) == ("unknown-kid", "d-1")
    assert DYNAMIC in signature.reason


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (made(header={"alg": "none"}), "not-verifiable"),
        (made(header={"alg": "HS256"}), "not-verifiable"),
        (made(header={"kid": None}), "not-verifiable"),
        (made(header={"kid": DYNAMIC}, signature=""), "does-not-hold"),
        (made(header={"kid": DYNAMIC}, signature="ab+/"), "does-not-hold"),
        (made(header={"kid": DYNAMIC}, signature="abcde"), "does-not-hold"),
        (made(header={"kid": DYNAMIC}, signature="ab~~"), "does-not-hold"),
    ],
)
def test_what_cannot_hold_says_why(text: str, verdict: str) -> None:
    signature = check(text)
    assert (signature.verdict, signature.is_no) == (verdict, True)
    assert signature.reason.endswith(".")


def test_padding_of_the_signature_does_not_matter() -> None:
    assert check(V5[0].access + "==").verdict == "holds"


def test_the_time_does_not_matter() -> None:
    assert parse(V5[0].access).expires_at_ms < 1_800_000_000_000
    assert check(V5[0].access).verdict == "holds"


def test_keys_that_are_not_for_signatures_are_passed_over() -> None:
    first = jwks()["keys"][0]
    useless = [{**first, "use": "enc"}, {"kty": "EC", "kid": "e"}, "nonsense"]
    document: Any = {"keys": [*useless, first]}
    assert KeySet(document).kids == (DYNAMIC,)


def test_keys_without_an_id_still_serve_the_versions_that_name_none() -> None:
    nameless = {key: value for key, value in jwks()["keys"][0].items() if key != "kid"}
    keys = KeySet({"keys": [nameless]})
    assert check(V2[0].access, keys).verdict == "holds"
    assert check(V5[0].access, keys).verdict == "unknown-kid"


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"keys": {}},
        {"keys": []},
        {"keys": [{"kty": "EC"}]},
        {"keys": [{"kty": "RSA", "kid": "x"}]},
        {"keys": [{"kty": "RSA", "kid": "x", "n": "!", "e": "AQAB"}]},
        {"keys": [{"kty": "RSA", "kid": "x", "n": 1, "e": "AQAB"}]},
    ],
)
def test_what_is_no_key_set_is_a_problem(document: Any) -> None:
    with pytest.raises(KeySetProblem):
        KeySet(document)
