"""Rules for tokens that stand in the wrong place, in two places, or do not fit into one."""

from collections.abc import Iterator
from typing import ClassVar

from stctl.exchange import Response, first_value
from stctl.recipe.failures import ErrorName
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import (
    ACCESS_COOKIE,
    ACCESS_HEADER,
    AUTH_MODE_HEADER,
    REFRESH_COOKIE,
    REFRESH_HEADER,
)
from stctl.tokens.access import AccessToken
from stctl.tokens.identify import Finding as TokenFinding
from stctl.tokens.identify import identify
from stctl.tokens.sizes import BROWSER_LIMIT_BYTES, cookie_size
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.diagnose.tokens import Placed, remark_on, tokens_sent
from stctl.traces.diagnose.wire import bearer_of, cookies_of, page_of, set_cookies
from stctl.traces.explain.explanation import Explanation

_OF_A_SESSION = frozenset({"access-token", "refresh-token"})


class TooLargeForACookie(Rule):
    """A token that browsers do not keep."""

    info: ClassVar = RuleInfo(
        id="ST-009",
        name="token-too-large",
        severity=Severity.ERROR,
        title="a token is too large for a cookie: browsers drop it and say nothing",
        cause="Browsers ignore a cookie whose name and value are longer than 4,096 bytes. Roles, "
        "permissions or profile data in the payload make the access token that large. The old "
        "token stays in place, and requests go on with it. In header mode the frontend SDK keeps "
        "tokens in cookies of the page, so the same limit holds in a browser.",
        fix="Take what is heavy out of the access token's payload and fetch it on the server, "
        "with the claims named below as the first candidates. Only clients that are no browsers "
        "have room for more.",
        link=thread("auth-react#719"),
        references=("auth-react#719", "core#1044"),
        example="`Set-Cookie: sAccessToken=…` takes 5,213 bytes; the next request still carries "
        "the token from before.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Measures the cookies that an answer sets, and the headers that become cookies."""
        del sight
        response = told.evidence.response
        for field, pair_bytes, text in _measured(told, response) if response else ():
            if pair_bytes > BROWSER_LIMIT_BYTES:
                heavy = _heaviest(text)
                shows = f"name and value take {pair_bytes:,} bytes of {BROWSER_LIMIT_BYTES:,}"
                yield self.finding(
                    f"{pair_bytes:,} bytes are more than the {BROWSER_LIMIT_BYTES:,} of a cookie"
                    + (f"; the heaviest claims are {heavy}." if heavy else "."),
                    proof(told, field, shows),
                    subject=field.rsplit(" ", 1)[1],
                )


def _measured(told: Explanation, response: Response) -> Iterator[tuple[str, int, str]]:
    """Fields of an answer with their size as a cookie, and the token in them."""
    for cookie in set_cookies(response):
        if cookie.name in {ACCESS_COOKIE, REFRESH_COOKIE}:
            size = len(cookie.name) + len(cookie.raw)
            yield f"answer header Set-Cookie {cookie.name}", size, cookie.value
    if not _is_browser(told):
        return
    for name in (ACCESS_HEADER, REFRESH_HEADER):
        value = first_value(response.headers, name)
        if value:
            yield f"answer header {name}", len(name) + len(value), value


def _is_browser(told: Explanation) -> bool:
    request = told.evidence.request
    agent = first_value(request.headers, "user-agent") or ""
    return page_of(request) is not None and agent.startswith("Mozilla/")


def _heaviest(text: str) -> str:
    for found in identify(text):
        size = cookie_size(found) if isinstance(found, TokenFinding) else None
        if size is not None and size.heaviest:
            return ", ".join(f"{one.claim} ({one.size_bytes:,})" for one in size.heaviest[:3])
    return ""


class WrongSlot(Rule):
    """One kind of token where the other belongs."""

    info: ClassVar = RuleInfo(
        id="ST-012",
        name="wrong-token-in-slot",
        severity=Severity.ERROR,
        title="a token stands where the other kind of token belongs",
        cause="In header mode each request has one place for a token, `Authorization: Bearer`: the "
        "access token on the app's own APIs, the refresh token on the refresh API. "
        "`st-access-token` and `st-refresh-token` are names of answers, and nobody reads them from "
        "a request. Home-made clients and interceptors often send the access token everywhere.",
        fix="On `POST …/session/refresh` put the refresh token (it ends in `.V2`) behind "
        "`Authorization: Bearer`, and leave the st-… headers out of requests.",
        link=thread("node#1038"),
        references=("node#1038", "website#196", "flutter#42", "flutter#51", "golang#217"),
        example="The refresh carries the access token in Authorization and the refresh token in "
        "`st-refresh-token`: 401 `unauthorised`.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Reads the tokens of a request that failed."""
        del sight
        if told.error is None:
            return
        is_refresh = told.answered.step is StepName.REFRESH
        request = told.evidence.request
        spare = is_refresh and bool(first_value(request.headers, REFRESH_HEADER))
        tail = "; st-refresh-token, which is not read, holds another" if spare else ""
        fired = False
        for placed in tokens_sent(request, is_refresh=is_refresh):
            kind = placed.finding.kind
            if kind not in _OF_A_SESSION or remark_on(placed, "wrong-slot") is None:
                continue
            fired = True
            wanted = str(placed.finding.expected).replace("-", " ")
            shows = f"it holds the {kind.replace('-', ' ')} {placed.finding.text}{tail}"
            yield self.finding(
                f"Where the {wanted} belongs stands the {kind.replace('-', ' ')}.",
                proof(told, placed.field, shows),
                subject=placed.field,
            )
        if spare and not fired and bearer_of(request) is None and not _has_refresh_cookie(told):
            yield self.finding(
                "The refresh token is in st-refresh-token, which no SDK reads from a request.",
                proof(told, f"request header {REFRESH_HEADER}", "the only token of the refresh"),
                subject=REFRESH_HEADER,
            )


def _has_refresh_cookie(told: Explanation) -> bool:
    return bool(cookies_of(told.evidence.request).get(REFRESH_COOKIE))


class TwoTransports(Rule):
    """A header and a cookie that speak of different sessions, or a cookie that gets in the way."""

    info: ClassVar = RuleInfo(
        id="ST-014",
        name="two-transports",
        severity=Severity.WARN,
        title="tokens come by header and by cookie at once, and they are not of one session",
        cause="A cookie from an earlier session rides along with requests of a client that uses "
        "headers: a web view that shares cookies with the app, or a change of the transfer method. "
        "The token in the header wins; without one the leftover cookie counts, and once it has "
        "expired even a sign-in is answered with 401.",
        fix="Clear sAccessToken and sRefreshToken in the client's cookie store, or send requests "
        "without cookies (`credentials: omit`). An app for headers only can set "
        "getTokenTransferMethod to `header`, so that its backend ignores cookies.",
        link=thread("core#1044"),
        references=("core#1044",),
        example="A sign-in with `st-auth-mode: header` and without Authorization carries an "
        "expired `sAccessToken` of a web view: 401 `try refresh token`.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Compares the two tokens of a request."""
        del sight
        if told.answered.step is StepName.REFRESH:
            return
        sent = tokens_sent(told.evidence.request, is_refresh=False)
        tokens = {placed.field: placed for placed in sent if placed.access is not None}
        header = tokens.get("request header Authorization")
        cookie = tokens.get(f"request cookie {ACCESS_COOKIE}")
        if cookie is not None and cookie.access is not None:
            yield from self._compare(told, header, cookie, cookie.access)

    def _compare(
        self, told: Explanation, header: Placed | None, cookie: Placed, token: AccessToken
    ) -> Iterator[Finding]:
        if header is not None and header.access is not None:
            if header.access.session_handle != token.session_handle:
                shows = (
                    f"session {token.session_handle}; Authorization is of session "
                    f"{header.access.session_handle}"
                )
                yield self.finding(
                    "One request carries the tokens of two sessions, and the header wins.",
                    proof(told, cookie.field, shows),
                )
        elif _is_in_the_way(told, token):
            yield self.finding(
                "An expired cookie makes a request of a client that uses headers fail.",
                proof(told, cookie.field, "expired; st-auth-mode is header, no Authorization"),
            )


def _is_in_the_way(told: Explanation, token: AccessToken) -> bool:
    mode = first_value(told.evidence.request.headers, AUTH_MODE_HEADER)
    expired = token.expires_at_ms < told.evidence.backend_ms[0]
    return mode == "header" and expired and told.error is ErrorName.TRY_REFRESH_TOKEN


RULES: tuple[type[Rule], ...] = (TooLargeForACookie, WrongSlot, TwoTransports)
