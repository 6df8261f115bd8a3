"""The remarks that a look at a token can end in: one table, with stable ids."""

from typing import Final, Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["bad", "warn"]


class Rule(NamedTuple):
    """What a remark means, whatever token it is made of."""

    severity: Severity
    """`bad`: it does not work; `warn`: it does not work everywhere, or hints at trouble."""
    meaning: str


RULES: Final[dict[str, Rule]] = {
    "not-an-access-token": Rule(
        "bad", "It stands where an access token belongs, or looks like one, but no core takes it."
    ),
    "missing-claim": Rule("bad", "A claim that its version demands is not there."),
    "no-version": Rule(
        "warn", "The header names no version; a core reads it as 5 and backend SDKs as 3."
    ),
    "float-time": Rule(
        "warn",
        "A time is written with a fraction or an exponent, as cores before 6.0.9 did; strict "
        "readers refuse it.",
    ),
    "time-order": Rule("bad", "It expires before, or as soon as, it was issued."),
    "issued-in-future": Rule(
        "warn",
        "It was issued in the future, seen from here: the Python SDK answers TRY_REFRESH_TOKEN "
        "until then. One of the clocks is wrong.",
    ),
    "key-newer-than-token": Rule("warn", "Its dynamic key was made after the token."),
    "trailing-characters": Rule("warn", "Something follows the signature."),
    "signature-form": Rule("bad", "The signature is not base64 of its version's alphabet."),
    "signature-length": Rule("warn", "The signature has not the 256 bytes of an RSA-2048 key."),
    "base64-form": Rule("warn", "Alphabet or padding are not those of its version."),
    "duplicate-claim": Rule("warn", "A claim is there twice; readers disagree on which one wins."),
    "nested-jwt": Rule(
        "warn", "A claim holds another JWT, with an expiry of its own, as the old JWT feature did."
    ),
    "aud-claim": Rule(
        "warn", "`aud` is set: the Python SDK answers TRY_REFRESH_TOKEN for ever. Others ignore it."
    ),
    "token-type-claim": Rule(
        "bad", "`stt` is not 0: Node and Python SDKs treat it as no token at all."
    ),
    "hash-form": Rule("warn", "A hash of a refresh token is not 64 hex digits."),
    "handle-form": Rule("warn", "The session handle is not a UUID."),
    "tenant-differs": Rule("warn", "The session handle belongs to another tenant than the token."),
    "cookie-too-large": Rule("bad", "As a cookie it is beyond 4,096 bytes: browsers drop it."),
    "cookie-at-risk": Rule(
        "warn", "As a cookie it is beyond 4,096 bytes with its attributes: some browsers drop it."
    ),
    "white-space": Rule("bad", "White space stood inside it."),
    "spaces-for-plus": Rule("bad", "Its `+` characters had become spaces."),
    "encoded-twice": Rule("bad", "It was percent-encoded more than once; SDKs decode once."),
    "wrong-slot": Rule("bad", "It stands where another kind of token belongs."),
    "bearer-scheme": Rule(
        "bad", "An Authorization header that does not begin with `Bearer ` is not read by any SDK."
    ),
    "legacy-cookie": Rule(
        "warn", "`sIdRefreshToken` makes newer SDKs answer TRY_REFRESH_TOKEN until a refresh."
    ),
    "type-suffix": Rule(
        "bad", "A core mints V2 in capitals; a refresh with a changed suffix counts as theft."
    ),
    "nonce-form": Rule("bad", "The nonce is not 64 lower-case hex digits."),
    "nonce-differs": Rule("bad", "The nonce inside is not the one outside: a core refuses it."),
    "duplicate-cookie": Rule(
        "bad", "Two cookies of one name: SDKs answer TRY_REFRESH_TOKEN, and the refresh fails."
    ),
    "header-and-cookie": Rule(
        "warn", "Access tokens in a header and in a cookie: the one in the header wins."
    ),
    "response-header": Rule(
        "warn", "Requests carry tokens in Authorization; this header is read from answers only."
    ),
    "front-token-differs": Rule(
        "warn", "Front token and access token disagree on user or expiry: one of them is stale."
    ),
    "anti-csrf-differs": Rule(
        "warn", "The anti-CSRF value is not the one in the access token: TRY_REFRESH_TOKEN."
    ),
}
"""Every remark by its id. An id never changes its meaning."""
