"""Rules for headers that clients must send, and proxies must let through."""

from collections.abc import Iterator
from typing import ClassVar, Final

from stctl.exchange import first_value
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import (
    ACCESS_COOKIE,
    ACCESS_HEADER,
    ANTI_CSRF_HEADER,
    AUTH_MODE_HEADER,
    FRONT_TOKEN_HEADER,
    REFRESH_HEADER,
    RID_HEADER,
)
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.reasons import says
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.diagnose.wire import bearer_of, cookies_of
from stctl.traces.explain.explanation import Explanation
from stctl.traces.model import Gap

_FIRST_FDI_WITH_HEADERS: Final = (1, 16)
_REMOVE: Final = "remove"


class AntiCsrfMissing(Rule):
    """A request that the anti-CSRF check does not let through."""

    info: ClassVar = RuleInfo(
        id="ST-011",
        name="anti-csrf-missing",
        severity=Severity.ERROR,
        title="the anti-CSRF check refuses requests that change something",
        cause="With cookies, everything but GET must show that a page of the app sent it: by any "
        "`rid` header (VIA_CUSTOM_HEADER, which cookies with SameSite=None have by default), or by "
        "the `anti-csrf` token (VIA_TOKEN). Whoever calls the API without the frontend SDK, or "
        "through a proxy that drops the header, is asked to refresh for ever; a refresh without it "
        "even ends the session.",
        fix="Send requests through the frontend SDK's fetch or axios, or add `rid: anti-csrf` "
        "yourself. Allow `rid` and `anti-csrf` in CORS and in every proxy on the way.",
        link=thread("website#91"),
        references=("website#91", "node#202", "node#141", "auth-react#923", "core#1044"),
        example="POST without `rid` is 401 `try refresh token`, GET with the same cookies is 200.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where the explanation ends at the anti-CSRF check."""
        del sight
        if told.error is None or Gap.REQUEST_HEADERS in told.evidence.entry.gaps:
            return
        request = told.evidence.request
        if says(told, RID_HEADER, "no"):
            shows = f"it is missing; the answer is {told.evidence.status} {told.error}"
            yield self.finding(
                f"{request.method} comes with cookies and without `rid`.",
                proof(told, "request header rid", shows),
                subject=RID_HEADER,
            )
        elif says(told, "anti_csrf", "no"):
            given = first_value(request.headers, ANTI_CSRF_HEADER)
            state = "it is missing" if given is None else "it is not the one in the access token"
            shows = f"{state}; the answer is {told.evidence.status} {told.error}"
            yield self.finding(
                f"{request.method} comes without the right `anti-csrf`.",
                proof(told, "request header anti-csrf", shows),
                subject=ANTI_CSRF_HEADER,
            )
        elif (
            told.answered.step is StepName.REFRESH and "csrf" in (told.error_message or "").lower()
        ):
            yield self.finding(
                "The core ends a refresh that comes without the right `anti-csrf`.",
                proof(told, "answer of the core", told.error_message or ""),
                subject=ANTI_CSRF_HEADER,
            )


class EmptyHeadersDropped(Rule):
    """The order to forget tokens, lost on the way."""

    info: ClassVar = RuleInfo(
        id="ST-028",
        name="empty-headers-dropped",
        severity=Severity.ERROR,
        title="the order to forget the tokens does not reach the client",
        cause="In header mode an SDK clears tokens by empty `st-access-token` and "
        "`st-refresh-token` headers. Some hosts and proxies, Vercel among them, drop headers "
        "without a value: the client keeps its tokens after a sign-out.",
        fix="Look at what stands between backend and client, and make it pass empty headers on. "
        "Or let the client forget its tokens when it sees `front-token: remove`.",
        link=thread("website#218"),
        references=("website#218",),
        example="A sign-out is 200 with `front-token: remove` and no `st-access-token` at all.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where one order of two arrived."""
        del sight
        request, response = told.evidence.request, told.evidence.response
        if response is None or bearer_of(request) is None or ACCESS_COOKIE in cookies_of(request):
            return
        if not told.evidence.shows_headers:
            return
        if first_value(response.headers, FRONT_TOKEN_HEADER) != _REMOVE or _is_refused(told):
            return
        missing = [
            name
            for name in (ACCESS_HEADER, REFRESH_HEADER)
            if first_value(response.headers, name) is None
        ]
        if missing:
            yield self.finding(
                f"The answer ends the session without {' and '.join(missing)}.",
                proof(
                    told, "answer headers", f"front-token: remove; no {' and no '.join(missing)}"
                ),
            )


def _is_refused(told: Explanation) -> bool:
    """Whether a handler of the app answered, which may clear what it likes."""
    return told.error is not None and told.answered.firing.kind == "custom"


class FrontendTooOld(Rule):
    """A frontend from before header mode, and a backend that chose it."""

    info: ClassVar = RuleInfo(
        id="ST-030",
        name="frontend-too-old",
        severity=Severity.ERROR,
        title="the frontend SDK is from before header mode, and the backend answers in it",
        cause="A frontend that speaks FDI 1.15 or less knows cookies only and does not send "
        "`st-auth-mode`. A newer backend then hands out tokens in headers, which that frontend "
        "does not keep: every call after the login is 401.",
        fix="Update the frontend SDK (supertokens-website 16 or newer, supertokens-auth-react 0.28 "
        "or newer). Until then set getTokenTransferMethod in the backend to `cookie`.",
        link=thread("golang#247"),
        references=("golang#247",),
        example="A sign-in with `fdi-version: 1.15` is answered with `st-access-token` instead of "
        "cookies.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Compares the frontend's versions with the form of the answer."""
        del sight
        request, response = told.evidence.request, told.evidence.response
        spoken = first_value(request.headers, "fdi-version")
        if response is None or spoken is None or told.answered.step is StepName.VERIFY:
            return
        if Gap.REQUEST_HEADERS in told.evidence.entry.gaps:
            return
        newest = max(map(_version, spoken.split(",")))
        if newest >= _FIRST_FDI_WITH_HEADERS or first_value(request.headers, AUTH_MODE_HEADER):
            return
        if newest > (0, 0) and first_value(response.headers, ACCESS_HEADER):
            yield self.finding(
                f"The frontend speaks FDI {spoken.strip()} and gets its tokens in headers.",
                proof(told, "answer header st-access-token", f"set; fdi-version is {spoken}"),
            )


def _version(text: str) -> tuple[int, int]:
    major, _, minor = text.strip().partition(".")
    whole = major.isdecimal() and minor.isdecimal()
    return (int(major), int(minor)) if whole else (0, 0)


RULES: tuple[type[Rule], ...] = (AntiCsrfMissing, EmptyHeadersDropped, FrontendTooOld)
