"""A session that is over, and what the app leaves of it."""

from collections.abc import Iterator
from typing import ClassVar

from stctl.recipe.failures import Failure, TokenTheftDetected, Unauthorised
from stctl.recipe.transfer import ACCESS_COOKIE, REFRESH_COOKIE
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.diagnose.wire import bearer_of, cookies_of
from stctl.traces.explain.core_calls import CallKind
from stctl.traces.explain.explanation import Explanation


class StolenSessionKept(Rule):
    """A theft handler of the app's own that does not end the session."""

    info: ClassVar = RuleInfo(
        id="ST-105",
        name="stolen-session-kept",
        severity=Severity.ERROR,
        title="the app's own onTokenTheftDetected leaves the stolen session alive",
        cause="The default handler revokes the session at the core before it answers. An override "
        "replaces that too, and this one does not revoke: whoever has the other token goes on "
        "refreshing.",
        fix="Call revokeSession with the sessionHandle that the handler is given (or "
        "revokeAllSessionsForUser), then answer.",
        link=thread("core#532"),
        references=("core#532",),
        example="The core reports TOKEN_THEFT_DETECTED, no `/recipe/session/remove` follows, and "
        "the other token still passes a check in the database.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where calls to the core are recorded and none removes a session."""
        del sight
        failure, firing = told.answered.failure, told.answered.firing
        if not isinstance(failure, TokenTheftDetected) or firing.kind != "custom":
            return
        evidence = told.evidence
        if not evidence.core_recorded or not evidence.of_kind(CallKind.REFRESH):
            return
        if evidence.of_kind(CallKind.REMOVE) or firing.side_effect is not None:
            return
        yield self.finding(
            "TOKEN_THEFT_DETECTED is answered by the app's own handler, and no call to the core "
            "ends the session.",
            proof(told, "calls to the core", "a refresh, and no /recipe/session/remove"),
            subject=failure.session_handle,
        )


class TokensLeft(Rule):
    """An ended session whose tokens stay with the client."""

    info: ClassVar = RuleInfo(
        id="ST-106",
        name="tokens-left",
        severity=Severity.WARN,
        title="the session is over, and the answer leaves its tokens with the client",
        cause="The error asks for the tokens to be cleared, and the answer does not clear them: "
        "the SDK's middleware is not in the way of the answer, the handler failed, or something "
        "behind it took the headers off. The client goes on sending dead tokens.",
        fix="Install the SDK's middleware (and its error handler) in front of all routes, and let "
        "overrides write on the response that they are given.",
        link=thread("node#343"),
        references=("node#343", "core#509"),
        example="The core says that the session does not exist, and the 401 has neither cleared "
        "cookies nor `front-token: remove`.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where tokens came along, clearing was asked for, and the answer has none of it."""
        del sight
        evidence, failure = told.evidence, told.answered.failure
        if not _asks_to_clear(failure) or evidence.response is None or not evidence.shows_headers:
            return
        if evidence.marks.cleared or not _carries_tokens(told):
            return
        yield self.finding(
            f"{told.error} is answered {evidence.status} without clearing anything.",
            proof(told, "answer headers", f"nothing is cleared on {told.error}"),
            subject=str(told.error),
        )


def _asks_to_clear(failure: Failure | None) -> bool:
    match failure:
        case Unauthorised(clear_tokens=asks):
            return asks
        case TokenTheftDetected():
            return True
        case _:
            return False


def _carries_tokens(told: Explanation) -> bool:
    request = told.evidence.request
    cookies = cookies_of(request)
    return bool(bearer_of(request) or cookies.get(ACCESS_COOKIE) or cookies.get(REFRESH_COOKIE))


RULES: tuple[type[Rule], ...] = (StolenSessionKept, TokensLeft)
