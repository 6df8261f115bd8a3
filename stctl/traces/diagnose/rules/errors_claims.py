"""A session that is good, and a claim of it that is not."""

from collections.abc import Iterator
from typing import ClassVar, Final

from stctl.recipe.failures import InvalidClaims
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import answer_of, proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.sequences_tokens import seconds, sent_access
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.route_options import SOME_CLAIM

_OF_RECIPES: Final = {
    "st-ev": "of the EmailVerification recipe: the user has to verify the email address",
    "st-mfa": "of the MultiFactorAuth recipe: the user has to complete a further factor",
    "st-role": "of the UserRoles recipe: the user lacks a role",
    "st-perm": "of the UserRoles recipe: no role of the user has the permission",
}
"""Source: SDKs, the claims that their recipes define."""


class ClaimRefused(Rule):
    """A claim validator said no."""

    info: ClassVar = RuleInfo(
        id="ST-017",
        name="claim-refused",
        severity=Severity.WARN,
        title="a claim validator refuses a session that is good",
        cause="The route asks for more than a session: a verified email address, a role, a second "
        "factor, or a claim of the app's own. The answer is 403, the tokens stay, and a refresh "
        "changes nothing.",
        fix="Satisfy the validator that is named (verify the email address, complete the factor, "
        "give the role, then fetch the claim again), or leave it out for this route with "
        "overrideGlobalClaimValidators.",
        link=thread("core#1044"),
        references=("core#1044",),
        example='A GET is answered 403 with `{"message":"invalid claim","claimValidationErrors":'
        '[{"id":"st-ev"}]}`, while other routes accept the same token.',
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on INVALID_CLAIMS."""
        del sight
        failure = told.answered.failure
        if not isinstance(failure, InvalidClaims):
            return
        names = _names(told, failure)
        listed = ", ".join(names) if names else "a validator that the answer does not name"
        hints = [f"{name} is {_OF_RECIPES[name]}" for name in names if name in _OF_RECIPES]
        detail = f"{listed} refused the session{_age(told)}."
        if hints:
            detail = f"{detail[:-1]}; {'; '.join(hints)}."
        yield self.finding(
            detail,
            proof(told, "answer body", f"{answer_of(told)}; refused by {listed}"),
            subject=", ".join(names),
        )


def _names(told: Explanation, failure: InvalidClaims) -> list[str]:
    """Ids of the validators, by the default answer, or by the explanation where that is certain."""
    reported = told.evidence.members.get("claimValidationErrors")
    listed = reported if isinstance(reported, list) else []
    found = [one.get("id") for one in listed if isinstance(one, dict)]
    named = [one for one in found if isinstance(one, str)]
    return named or [one.id for one in failure.errors if one.id not in {"", SOME_CLAIM.id}]


def _age(told: Explanation) -> str:
    token = sent_access(told)
    if token is None:
        return ""
    age_ms = told.evidence.backend_ms[0] - token.issued_at_ms
    return f", with claims as of a token made {seconds(age_ms)} before" if age_ms > 0 else ""


RULES: tuple[type[Rule], ...] = (ClaimRefused,)
