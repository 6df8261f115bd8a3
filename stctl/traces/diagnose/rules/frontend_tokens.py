"""Tokens that do not come to the frontend, or not back from it."""

from collections.abc import Iterator
from typing import ClassVar

from stctl.exchange import first_value
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import ACCESS_COOKIE, FRONT_TOKEN_HEADER, REFRESH_COOKIE
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.core_facts import call_proof
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.diagnose.wire import bearer_of, cookies_of
from stctl.traces.explain.core_calls import CallKind, CoreCall
from stctl.traces.explain.explanation import Explanation


class FrontTokenMissing(Rule):
    """New tokens without the front token that tells of them."""

    info: ClassVar = RuleInfo(
        id="ST-027",
        name="front-token-missing",
        severity=Severity.ERROR,
        title="new tokens arrive without the front-token header",
        cause="The SDK sends front-token together with every new access token; something between "
        "it and the browser took the header off: a proxy that passes only known headers, or an API "
        "of the app's own that builds a new response. The frontend SDK takes a refresh without it "
        "for a failed one (an error since supertokens-website 20.1.5).",
        fix="Let the proxy pass front-token (and st-access-token, st-refresh-token, anti-csrf) "
        "unchanged, and keep the headers of the SDK's response in code that wraps it.",
        link=thread("website#267"),
        references=("website#267",),
        example="A refresh is answered 200 with both cookies, and has no front-token.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where an access token is handed out without a front token beside it."""
        del sight
        evidence = told.evidence
        if evidence.response is None or not evidence.shows_headers:
            return
        if not evidence.sets_access_token or evidence.marks.clears_session:
            return
        if first_value(evidence.response.headers, FRONT_TOKEN_HEADER) is not None:
            return
        yield self.finding(
            f"{evidence.request.path} hands out an access token without front-token.",
            proof(told, "answer headers", f"{', '.join(evidence.marks.set)}, and no front-token"),
            subject=str(told.answered.step),
        )


class UpdateNotSent(Rule):
    """A changed payload that stays in the backend."""

    info: ClassVar = RuleInfo(
        id="ST-047",
        name="update-not-sent",
        severity=Severity.ERROR,
        title="the access token's payload was changed, and the answer does not carry the new token",
        cause="The core made an access token with the new payload, and the answer has neither it "
        "nor a front token: a framework's wrapper hides the session from the SDK (Django REST "
        "framework), or the answer was sent before the change.",
        fix="Change the payload before the answer is written, and hand the SDK the request of the "
        "framework that it knows (in Django REST framework the wrapped one).",
        link=thread("python#486"),
        references=("python#486",),
        example="`/recipe/session/regenerate` is answered OK with an access token, and the answer "
        "to the browser sets none.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where the core gave a new token and a good answer does not hand it on."""
        del sight
        evidence = told.evidence
        if told.error is not None or evidence.response is None or not evidence.shows_headers:
            return
        if evidence.sets_access_token or evidence.marks.clears_session:
            return
        call = next((one for one in evidence.of_kind(CallKind.REGENERATE) if _gave(one)), None)
        if call is not None:
            yield self.finding(
                f"{evidence.request.path} changes the payload, and its answer "
                f"({evidence.status}) has no new access token.",
                call_proof(call, told, "OK, with a new access token"),
                proof(told, "answer headers", "no access token and no front-token"),
                subject=evidence.request.path,
            )


def _gave(call: CoreCall) -> bool:
    return call.core_status == "OK" and isinstance(call.answer.get("accessToken"), dict)


class SessionNotDelivered(Rule):
    """A session that no browser ever gets."""

    info: ClassVar = RuleInfo(
        id="ST-058",
        name="session-not-delivered",
        severity=Severity.WARN,
        title="a session is made, and the answer carries none of its tokens",
        cause="createNewSession was called in a request whose answer does not go to the user's "
        "browser (a webhook, a callback of another server, a job), or its response was thrown "
        "away. The session exists in the core, and nobody has its tokens.",
        fix="Make the session in an API that the frontend itself calls, and give the SDK the "
        "response that is sent.",
        link=thread("core#1044"),
        references=("core#1044",),
        example="The core answers OK to the creation of a session, and the answer sets neither "
        "cookies nor st-access-token.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on a good answer without tokens in spite of a recorded creation."""
        del sight
        evidence = told.evidence
        made = [one for one in evidence.of_kind(CallKind.CREATE) if one.core_status == "OK"]
        if not made or told.error is not None or evidence.response is None:
            return
        if not evidence.shows_headers or evidence.marks.set or evidence.marks.cleared:
            return
        yield self.finding(
            f"{evidence.request.path} makes a session and is answered {evidence.status} without "
            "tokens.",
            call_proof(made[0], told, "OK, a new session"),
            proof(told, "answer headers", "no token and no front-token"),
            subject=evidence.request.path,
        )


class SignOutKeepsTokens(Rule):
    """A sign-out that changes nothing in the browser."""

    info: ClassVar = RuleInfo(
        id="ST-039",
        name="sign-out-keeps-tokens",
        severity=Severity.WARN,
        title="sign-out is answered 200, and the tokens stay in the browser",
        cause="The core had no such session any more, and older SDKs clear the cookies only for a "
        "session that they could end. The page believes to be signed out while the browser goes "
        "on sending the old tokens.",
        fix="Upgrade the backend SDK: newer ones clear the tokens in every case.",
        link=thread("core#509"),
        references=("core#509", "node#343", "python#397", "core#718"),
        example="`POST /auth/signout` with cookies of a session that was revoked is answered 200, "
        "with no Set-Cookie.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on a good sign-out with tokens, whose answer clears none."""
        del sight
        evidence = told.evidence
        request = evidence.request
        is_good = told.answered.step is StepName.SIGN_OUT and told.error is None
        if not is_good or request.method != "POST" or evidence.response is None:
            return
        if not evidence.shows_headers or evidence.marks.cleared:
            return
        cookies = cookies_of(request)
        if bearer_of(request) or cookies.get(ACCESS_COOKIE) or cookies.get(REFRESH_COOKIE):
            yield self.finding(
                f"{request.path} is answered {evidence.status} and clears nothing, although the "
                "request carries tokens.",
                proof(told, "answer headers", "no cleared cookie, no `front-token: remove`"),
            )


RULES: tuple[type[Rule], ...] = (
    FrontTokenMissing,
    UpdateNotSent,
    SessionNotDelivered,
    SignOutKeepsTokens,
)
