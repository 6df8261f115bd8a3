"""Tokens that the browser was given and does not send."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from stctl.exchange import first_value
from stctl.recipe.failures import ErrorName
from stctl.recipe.sites import same_site
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import ACCESS_COOKIE, REFRESH_COOKIE
from stctl.tokens.hashes import hash1
from stctl.traces.diagnose.model import Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.sequences_tokens import (
    MINUTE_MS,
    given_access,
    sent_access,
)
from stctl.traces.diagnose.sight import Glance, Sight, client_of
from stctl.traces.diagnose.threads import thread
from stctl.traces.diagnose.wire import SetCookie, set_cookies
from stctl.traces.explain.book import Recent
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.explanation import Explanation

_MOST_CLIENTS: Final = 200
_USUAL_STATUS: Final = 401
_AT_ONCE_MS: Final = 3_000
"""A client SDK refreshes, and sends a request again, without waiting."""
_MOST_OF_A_COOKIE: Final = 4096
_SESSION_COOKIES: Final = frozenset({ACCESS_COOKIE, REFRESH_COOKIE})
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(slots=True)
class _Jar:
    """What one client was given and has sent back."""

    given: Proof | None = None
    returned: bool = False
    missed: int | None = None
    """When it asked for a session without any token, after it had been given some."""
    findings: list[Proof] = field(default_factory=list)


class CookiesNotKept(Rule):
    """Cookies in good order that never come back."""

    info: ClassVar = RuleInfo(
        id="ST-026",
        name="cookies-not-kept",
        severity=Severity.ERROR,
        title="the browser was given session cookies and never sends them",
        cause="The cookies have attributes with which they could be sent, and no request brings "
        "them back: cookies are blocked by the browser's settings or an extension, the request is "
        "made without credentials, or something clears them. The frontend believes in a session, "
        "refreshes, and is logged out.",
        fix="Try it in a clean profile of the browser. Make sure that every request goes with "
        "credentials (`credentials: include`, `withCredentials`). Where cookies cannot be had, use "
        "header mode. supertokens-website from 20.1.1 on says so in the console.",
        link=thread("website#262"),
        references=("website#262",),
        example="A login sets both cookies; the next request has none and is answered 401, and so "
        "is the refresh after it.",
    )

    def __init__(self) -> None:
        self._jars: dict[str, _Jar] = {}

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Follows what each client was given, sends, and lacks."""
        yield from ()
        evidence = told.evidence
        if evidence.request.method == "OPTIONS":
            return
        client = client_of(evidence.request)
        jar = self._jars.get(client)
        if jar is None:
            jar = _Jar()
            if len(self._jars) < _MOST_CLIENTS:
                self._jars[client] = jar
        _look_at_request(jar, told, sight.glance(told))
        if evidence.marks.clears_session:
            jar.given = jar.missed = None
        if evidence.sets_refresh_token and _could_be_kept(evidence):
            names = ", ".join(sorted(_SESSION_COOKIES))
            jar.given = proof(told, "answer header Set-Cookie", f"sets {names}")

    def end(self, sight: Sight) -> Iterator[Finding]:
        """The clients that never brought a cookie back."""
        del sight
        for jar in self._jars.values():
            if jar.findings and not jar.returned:
                yield self.finding(
                    "Session cookies are set, the next request has none, and the frontend then "
                    "tries to refresh without any.",
                    *jar.findings,
                )


def _look_at_request(jar: _Jar, told: Explanation, short: Glance) -> None:
    if short.access_sent or short.refresh_sent:
        jar.returned = True
        return
    if jar.given is None or told.error is not ErrorName.UNAUTHORISED:
        return
    if short.step is StepName.VERIFY:
        jar.missed = short.at_ms
    elif short.step is StepName.REFRESH and _is_soon(jar.missed, short):
        shown = proof(told, "request header Cookie", "no session cookie; a refresh without token")
        jar.findings = [jar.given, shown]


def _is_soon(missed: int | None, short: Glance) -> bool:
    return missed is not None and short.at_ms - missed <= MINUTE_MS


def _could_be_kept(evidence: Evidence) -> bool:
    """Whether nothing in the cookies themselves keeps a browser from sending them back."""
    response = evidence.response
    cookies = list(set_cookies(response)) if response else []
    session = [cookie for cookie in cookies if cookie.name in _SESSION_COOKIES and cookie.value]
    return bool(session) and all(_fits(cookie, evidence) for cookie in session)


def _fits(cookie: SetCookie, evidence: Evidence) -> bool:
    host = evidence.entry.host
    domain = cookie.attributes.get("domain", "").lstrip(".").lower()
    if domain and host != domain and not host.endswith(f".{domain}"):
        return False
    if "secure" in cookie.attributes and evidence.entry.scheme == "http" and host not in _LOOPBACK:
        return False
    if len(cookie.name) + len(cookie.raw) > _MOST_OF_A_COOKIE:
        return False
    # Cookies across sites are a matter of their own, whatever their attributes say.
    origin = first_value(evidence.request.headers, "origin")
    return origin is None or same_site(origin, f"{evidence.entry.scheme}://{host}")


class AccessTokenLost(Rule):
    """A client that still has its refresh token, and no access token."""

    info: ClassVar = RuleInfo(
        id="ST-045",
        name="access-token-lost",
        severity=Severity.INFO,
        title="a client starts without its access token although it has kept the refresh token",
        cause="After a restart the access token is gone from the client's storage and the refresh "
        "token is still there (some versions of the SDKs for Flutter, iOS and React Native). The "
        "first call goes without a token; doesSessionExist may say false although a refresh works.",
        fix="Upgrade the client SDK, and at start call attemptRefreshingSession before deciding "
        "that nobody is logged in.",
        link=thread("flutter#53"),
        references=("flutter#53", "rn#73", "rn#130", "ios#60"),
        example="The first request has no token and is answered 401; the refresh that follows "
        "works, and so does the same request again.",
    )

    def __init__(self) -> None:
        self._bare: Recent[str, Glance] = Recent(_MOST_CLIENTS)
        """By client: a request without any token that was refused."""
        self._healed: Recent[str, tuple[Glance, Proof]] = Recent(_MOST_CLIENTS)
        """By hash of the access token that a refresh right after it gave."""
        self._known: Recent[str, bool] = Recent(_MOST_CLIENTS * 5)
        """Sessions whose access token was sent before."""

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on the same request again, with the token of the refresh in between."""
        short = sight.glance(told)
        before = sight.before(told)
        last = before[-1] if before else None
        if short.step is StepName.REFRESH:
            self._of_refresh(told, short, last)
        elif short.access_sent is not None:
            yield from self._of_retry(told, short, last)
        elif _is_refused(short, sight) and (last is None or short.at_ms - last.at_ms > MINUTE_MS):
            # Whoever was silent for a while, or was never seen, may just have started.
            self._bare.put(short.client, short)

    def _of_refresh(self, told: Explanation, short: Glance, last: Glance | None) -> None:
        bare, fresh = self._bare.get(short.client), given_access(told)
        if bare is None or fresh is None or short.error is not None or short.access_sent:
            return
        is_soon = short.at_ms - bare.at_ms <= _AT_ONCE_MS
        follows = last is not None and bare.entry == last.entry and is_soon
        if follows and fresh.session_handle not in self._known:
            shown = proof(told, "request tokens", "a refresh token, and no access token")
            self._healed.put(hash1(fresh.structure.text), (bare, shown))

    def _of_retry(self, told: Explanation, short: Glance, last: Glance | None) -> Iterator[Finding]:
        token = sent_access(told)
        healed = self._healed.get(short.access_sent or "")
        is_next = last is not None and last.step is StepName.REFRESH
        if healed and is_next and _is_same_call(healed[0], short):
            yield self.finding(
                f"{short.method} {short.path} goes without a token, and works after a refresh.",
                healed[1],
                proof(told, "answer status", f"{short.status}, with the token of the refresh"),
            )
        if token is not None:
            self._known.put(token.session_handle, True)


def _is_same_call(one: Glance, other: Glance) -> bool:
    is_soon = other.at_ms - one.at_ms <= 2 * _AT_ONCE_MS
    return is_soon and (one.method, one.path) == (other.method, other.path)


def _is_refused(short: Glance, sight: Sight) -> bool:
    """Whether it was refused with the status on which a client refreshes."""
    wanted = sight.known.frontend_session_expired_status_code or _USUAL_STATUS
    return short.error is ErrorName.UNAUTHORISED and short.status == wanted


RULES: tuple[type[Rule], ...] = (CookiesNotKept, AccessTokenLost)
