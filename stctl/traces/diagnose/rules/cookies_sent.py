"""Rules for the cookies that requests carry."""

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

from stctl.recipe.failures import ErrorName
from stctl.recipe.transfer import ACCESS_COOKIE, LEGACY_COOKIE, REFRESH_COOKIE
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.reasons import says
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.diagnose.wire import sent_cookies
from stctl.traces.explain.explanation import Explanation

_OF_A_SESSION = (ACCESS_COOKIE, REFRESH_COOKIE)


class DoubledCookies(Rule):
    """Two session cookies of one name in one request."""

    info: ClassVar = RuleInfo(
        id="ST-003",
        name="doubled-cookies",
        severity=Severity.ERROR,
        title="the browser sends two session cookies of one name",
        cause="The cookies were once set for another domain, with another cookieDomain or none, "
        "and the browser keeps both sets. An SDK cannot tell which is the right one: it answers "
        "TRY_REFRESH_TOKEN, and the refresh that follows is a 500, or, with a wrong "
        "olderCookieDomain, clears nothing and goes round for ever. Only this browser is affected, "
        "and only until its cookies are cleared.",
        fix="Set olderCookieDomain to the value that cookieDomain had before (the empty string if "
        "it was not set), with an SDK that knows it: the next refresh then clears the old cookies. "
        "Keep it set for as long as a refresh token lives.",
        link=thread("node#826"),
        references=("node#790", "node#826", "node#813", "python#485", "golang#408", "core#1044"),
        example="The Cookie header holds `sAccessToken=…; sAccessToken=…`. The answer is 401 "
        "`try refresh token`, and the refresh that follows is a 500.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Counts the names in the Cookie header."""
        del sight
        counts = Counter(name for name, _ in sent_cookies(told.evidence.request))
        doubled = [f"{name} {counts[name]} times" for name in _OF_A_SESSION if counts[name] > 1]
        if doubled:
            yield self.finding(
                f"One request carries {' and '.join(doubled)}.",
                proof(
                    told,
                    "request header Cookie",
                    f"it holds {' and '.join(doubled)}; {_consequence(told)}",
                ),
            )


def _consequence(told: Explanation) -> str:
    if told.error is ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES:
        return "the refresh clears those of the older domain"
    answer = f"the answer is {told.evidence.status}" if told.evidence.status else "no answer came"
    return f"{answer}, {told.error}" if told.error else answer


class LegacyCookie(Rule):
    """The marker of SDKs before header mode."""

    info: ClassVar = RuleInfo(
        id="ST-029",
        name="legacy-session",
        severity=Severity.INFO,
        title="a session from before an upgrade of the SDK is forced through a refresh",
        cause="The browser still has the cookie sIdRefreshToken of an SDK from before header mode. "
        "Newer SDKs answer TRY_REFRESH_TOKEN to every request that carries it, until a refresh "
        "gives the session its present form and clears the cookie.",
        fix="Nothing, when each browser refreshes once after the upgrade. If it comes back, an "
        "older backend still runs beside the new one and sets the cookie again.",
        link=thread("node#512"),
        references=("node#401", "node#512", "core#683", "golang#247"),
        example="The Cookie header holds `sIdRefreshToken` beside the access token: 401 `try "
        "refresh token` although the token is valid; after the refresh it is gone.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where the cookie itself made the SDK ask for a refresh."""
        del sight
        by_cookie = told.error is ErrorName.TRY_REFRESH_TOKEN and says(told, "legacy_cookie", "yes")
        if by_cookie:
            yield self.finding(
                "TRY_REFRESH_TOKEN because of sIdRefreshToken; once for each browser is normal.",
                proof(told, "request header Cookie", f"{LEGACY_COOKIE} is sent"),
            )


RULES: tuple[type[Rule], ...] = (DoubledCookies, LegacyCookie)
