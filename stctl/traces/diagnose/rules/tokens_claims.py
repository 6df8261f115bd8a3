"""Rules for what stands in access tokens; the remarks are those of `decode`."""

from collections.abc import Iterator
from typing import ClassVar, Final

from stctl.recipe.failures import ErrorName
from stctl.recipe.step_end import StepName
from stctl.tokens.access import AccessToken
from stctl.tokens.identify import Finding as TokenFinding
from stctl.tokens.identify import identify
from stctl.tokens.signed import SignedToken
from stctl.tokens.times import duration_text, utc_text
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.diagnose.tokens import Placed, access_tokens_of, remark_on, tokens_given
from stctl.traces.explain.explanation import Explanation

_DAY_MS: Final = 86_400_000
_INT32: Final = 1 << 32
_ROUNDING_MS: Final = 2_000
_COMMON_DAYS: Final = (30, 45, 50, 60, 90, 100, 120, 180, 365, 730, 1095, 1825, 3650)
"""Validities that people set in days, and that do not fit into 32 bits of milliseconds."""


class ExpiryOverflow(Rule):
    """A validity that overflowed 32 bits."""

    info: ClassVar = RuleInfo(
        id="ST-036",
        name="expiry-overflow",
        severity=Severity.ERROR,
        title="access tokens expire when no setting says so: a number overflowed",
        cause="Old cores computed the validity of access tokens in 32 bits. A validity of 25 days "
        "or more wraps round: a year becomes 17 days, 30 days become a moment in the past, and "
        "every fresh token is expired on arrival.",
        fix="Set access_token_validity to hours, not months; sessions stay alive through refresh "
        "tokens. Or update the core.",
        link=thread("core#534"),
        references=("core#534",),
        example="A core set to one year gives out tokens whose `exp` is 17 days after `iat`.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Looks at tokens that an answer hands out."""
        del sight
        response = told.evidence.response
        for placed in tokens_given(response) if response else ():
            token = placed.access
            days = overflowed_days(token) if token is not None else None
            if token is None or days is None:
                continue
            life_ms = token.expires_at_ms - token.issued_at_ms
            sign = "before" if life_ms <= 0 else "after"
            shows = f"exp is {duration_text(life_ms)} {sign} iat"
            meant = f"; {days} days in 32 bits give that" if days else ""
            yield self.finding(
                f"A new access token expires {duration_text(life_ms)} {sign} it was issued{meant}.",
                proof(told, placed.field, shows),
            )


def overflowed_days(token: AccessToken) -> int | None:
    """The validity in days that became this token's when it overflowed; None where none did.

    0 where it is unknown: the token expires before it was issued.
    """
    life_ms = token.expires_at_ms - token.issued_at_ms
    for days in _COMMON_DAYS:
        wrapped = (days * _DAY_MS + _INT32 // 2) % _INT32 - _INT32 // 2
        if abs(life_ms - wrapped) <= _ROUNDING_MS:
            return days
    return 0 if life_ms < 0 else None


class NestedJwt(Rule):
    """A JWT inside the access token, with an expiry of its own."""

    info: ClassVar = RuleInfo(
        id="ST-037",
        name="nested-jwt",
        severity=Severity.INFO,
        title="the access token holds another JWT, with an expiry of its own",
        cause="The JWT feature of old SDKs puts a second JWT into the payload. Its expiry follows "
        "another setting than access_token_validity, and whoever checks it, such as Hasura, sees "
        "it expire at another time than the session.",
        fix="Let the outside verifier check the access token itself, by the core's key set, and "
        "switch the JWT feature off. Where the old form must stay, check both expiries.",
        link=thread("core#482"),
        references=("core#482", "node#601", "node#617"),
        example="The payload holds `jwt` and `_jwtPName`; the inner `exp` is not the outer one.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Compares the two expiries."""
        del sight
        for placed in access_tokens_of(told):
            token = placed.access
            if token is None or remark_on(placed, "nested-jwt") is None:
                continue
            for claim, expires_ms in _nested_expiries(token):
                if expires_ms != token.expires_at_ms:
                    shows = (
                        f"the token expires {utc_text(token.expires_at_ms)}, the JWT in its claim "
                        f"{claim} {utc_text(expires_ms)}"
                    )
                    detail = f"The claim {claim} holds a JWT that expires at another time."
                    yield self.finding(detail, proof(told, placed.field, shows), subject=claim)


def _nested_expiries(token: AccessToken) -> Iterator[tuple[str, int]]:
    for claim, value in token.user_claims.items():
        if not isinstance(value, str) or not value.startswith("eyJ"):
            continue
        for found in identify(value):
            body = found.body if isinstance(found, TokenFinding) else None
            expires = body.payload.get("exp") if isinstance(body, SignedToken) else None
            if isinstance(expires, int | float):
                yield claim, int(expires) * 1000


class FloatTimes(Rule):
    """Times written with an exponent or a fraction."""

    info: ClassVar = RuleInfo(
        id="ST-038",
        name="float-times",
        severity=Severity.WARN,
        title="times in the access token are written as floating-point numbers",
        cause="Cores before 6.0.9 wrote `iat` and `exp` as 1.69E9. SuperTokens' own SDKs read "
        "that; other libraries for JWTs take whole numbers only and refuse the token.",
        fix="Update the core to 6.0.9 or newer. Tokens in use are replaced as they are refreshed.",
        link=thread("python#397"),
        references=("python#397",),
        example='The payload reads `"exp":1.691626646E9`.',
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Asks the token's own remarks."""
        del sight
        for placed in access_tokens_of(told):
            remark, token = remark_on(placed, "float-time"), placed.access
            if remark is not None and token is not None:
                shows = f"{remark.text} It expires {utc_text(token.expires_at_ms)}."
                yield self.finding(
                    "Times of the access token are no whole numbers.",
                    proof(told, placed.field, shows),
                )


class AudienceClaim(Rule):
    """`aud`, which one SDK does not take."""

    info: ClassVar = RuleInfo(
        id="ST-110",
        name="audience-claim",
        severity=Severity.ERROR,
        title="the claim `aud` keeps the access token from being accepted",
        cause="The app puts `aud` into the payload. The Python SDK checks tokens without naming an "
        "audience, and its library then refuses every token that has one: TRY_REFRESH_TOKEN, "
        "before and after each refresh.",
        fix="Take `aud` out of the payload, under another name if it is needed.",
        link="https://pyjwt.readthedocs.io/en/stable/usage.html#audience-claim-aud",
        example="A token with `aud` in its payload is valid for an hour more, and still answered "
        "with `try refresh token`, again and again.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where such a token is refused although it has not expired."""
        del sight
        if told.error is not ErrorName.TRY_REFRESH_TOKEN or told.answered.step is StepName.REFRESH:
            return
        for placed in access_tokens_of(told):
            if _is_refused_for_audience(told, placed):
                yield self.finding(
                    "A token with `aud` is refused although it has not expired.",
                    proof(told, placed.field, "`aud` is set; the answer asks for a refresh"),
                )


def _is_refused_for_audience(told: Explanation, placed: Placed) -> bool:
    token = placed.access
    said = (told.error_message or "").lower()
    if token is None or remark_on(placed, "aud-claim") is None or "audience" not in said:
        return False
    return token.expires_at_ms > told.evidence.backend_ms[1]


RULES: tuple[type[Rule], ...] = (ExpiryOverflow, NestedJwt, FloatTimes, AudienceClaim)
