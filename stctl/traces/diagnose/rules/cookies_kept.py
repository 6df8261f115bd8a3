"""Rules for cookies that a browser is given and does not send back.

What an answer sets is only a suspicion: a gateway may change names and schemes on the way. Each
rule waits for the client's next requests, and speaks up where they come without any cookie.
"""

from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

from stctl.exchange import first_value
from stctl.recipe.failures import ErrorName
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import ACCESS_COOKIE, AUTH_MODE_HEADER, REFRESH_COOKIE
from stctl.traces.diagnose.model import Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.sight import Sight, client_of
from stctl.traces.diagnose.threads import thread
from stctl.traces.diagnose.wire import (
    SetCookie,
    bearer_of,
    cookies_of,
    host_of,
    is_cross_site,
    is_local,
    is_navigation,
    page_of,
    set_cookies,
)
from stctl.traces.explain.explanation import Explanation
from stctl.traces.model import Gap

_NAMES: Final = frozenset({ACCESS_COOKIE, REFRESH_COOKIE})
_MOST_CASES: Final = 500
_MOST_MISSING: Final = 2
_SET_COOKIE: Final = "https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Set-Cookie"


@dataclass(slots=True)
class _Case:
    """A client that was given cookies of which a browser may think ill."""

    detail: str
    given: Proof
    is_certain: bool
    missing: list[Proof] = field(default_factory=list)
    """The first requests that came without a session cookie."""
    returned: bool = False


class _Kept(Rule):
    """Watches what becomes of the cookies of a session; says what it suspects at the end."""

    def __init__(self) -> None:
        self._cases: OrderedDict[str, _Case] = OrderedDict()

    @abstractmethod
    def suspect(self, told: Explanation, cookie: SetCookie) -> str | None:
        """Why a browser would not keep or send this cookie; None where it would."""

    def is_certain(self, told: Explanation) -> bool:
        """Whether the answer alone proves it, without a look at later requests."""
        del told
        return False

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Follows what each client is given, and what it sends back."""
        del sight
        request = told.evidence.request
        if request.method == "OPTIONS" or is_navigation(request):
            return
        key = f"{client_of(request)} {told.evidence.entry.host}"
        case = self._cases.get(key)
        if case is not None:
            _follow(told, case)
        for cookie in set_cookies(told.evidence.response) if told.evidence.response else ():
            if cookie.name in _NAMES and cookie.value:
                self._note(told, key, cookie)
        yield from ()

    def _note(self, told: Explanation, key: str, cookie: SetCookie) -> None:
        detail = self.suspect(told, cookie)
        if detail is None or key in self._cases:
            return
        attributes = cookie.line.partition(";")[2].strip()
        shows = f"{cookie.name}=…; {attributes}"
        given = proof(told, "answer header Set-Cookie", shows)
        self._cases[key] = _Case(detail, given, is_certain=self.is_certain(told))
        if len(self._cases) > _MOST_CASES:
            self._cases.popitem(last=False)

    def end(self, sight: Sight) -> Iterator[Finding]:
        """The cases in which no cookie ever came back."""
        del sight
        for case in self._cases.values():
            if not case.returned and (case.missing or case.is_certain):
                yield self.finding(case.detail, case.given, *case.missing)


def _follow(told: Explanation, case: _Case) -> None:
    """Note whether a later request has the cookies; one with a header of its own says nothing."""
    request = told.evidence.request
    if _NAMES & cookies_of(request).keys():
        case.returned = True
    elif _wants_a_session(told) and len(case.missing) < _MOST_MISSING:
        shows = f"no session cookie; the answer is {told.evidence.status} {told.error}"
        case.missing.append(proof(told, "request header Cookie", shows))


def _wants_a_session(told: Explanation) -> bool:
    if told.error is not ErrorName.UNAUTHORISED or bearer_of(told.evidence.request) is not None:
        return False
    if Gap.REQUEST_HEADERS in told.evidence.entry.gaps:
        return False
    mode = first_value(told.evidence.request.headers, AUTH_MODE_HEADER)
    return told.answered.step in {StepName.VERIFY, StepName.REFRESH} and mode != "header"


def _same_site(cookie: SetCookie) -> str:
    """The attribute in lower case; `lax` where it is missing, as browsers take it."""
    return cookie.attributes.get("samesite", "").lower() or "lax"


class SiteMismatch(_Kept):
    """SameSite that keeps cookies from another site."""

    info: ClassVar = RuleInfo(
        id="ST-004",
        name="site-mismatch",
        severity=Severity.ERROR,
        title="website and API are two sites, and the cookies are for one site only",
        cause="To a browser the website and the API are two sites: other registrable domains, or "
        "`localhost` here and `127.0.0.1` there. Cookies with SameSite=Lax or Strict are neither "
        "stored nor sent across sites, so the login succeeds and the next call has no session. "
        "SDKs choose SameSite by apiDomain and websiteDomain: one of them is not set as it is.",
        fix="Set apiDomain and websiteDomain to the real addresses; the SDK then takes "
        "SameSite=None over https. Better still, put both under one registrable domain. In "
        "development use one name for both. Or let clients use headers.",
        link=thread("web-js#87"),
        references=(
            "web-js#87",
            "auth-react#253",
            "node#63",
            "node#506",
            "python#239",
            "golang#36",
        ),
        example="The page is on app.example.org, the API on api.example.com; the login sets "
        "SameSite=Lax, and the next request comes without a cookie: 401 `unauthorised`.",
    )

    def suspect(self, told: Explanation, cookie: SetCookie) -> str | None:
        """Lax or Strict across sites."""
        request, host = told.evidence.request, told.evidence.entry.host
        if _same_site(cookie) == "none" or not is_cross_site(request, host):
            return None
        page = page_of(request) or "a page of another site"
        return (
            f"{page} calls {host}, which is another site, and gets SameSite={_same_site(cookie)}."
        )

    def is_certain(self, told: Explanation) -> bool:
        """Where the browser itself calls it another site."""
        return first_value(told.evidence.request.headers, "sec-fetch-site") == "cross-site"


class ThirdPartyCookies(_Kept):
    """Cookies across sites that a browser blocks altogether."""

    info: ClassVar = RuleInfo(
        id="ST-008",
        name="third-party-cookies",
        severity=Severity.WARN,
        title="cookies of another site are set correctly and still do not come back",
        cause="Website and API are two sites. Safari, and other browsers as people set them, block "
        "cookies of other sites whatever their attributes say, in frames above all.",
        fix="Put website and API under one registrable domain, or let browsers use headers "
        "(tokenTransferMethod: header in the frontend SDK).",
        link=thread("core#280"),
        references=("core#280", "core#242", "website#45", "website#53", "core#1044"),
        example="The login sets SameSite=None and Secure; the next request from Safari comes "
        "without a cookie.",
    )

    def suspect(self, told: Explanation, cookie: SetCookie) -> str | None:
        """None across sites, with Secure, which is as it should be."""
        request, host = told.evidence.request, told.evidence.entry.host
        if _same_site(cookie) != "none" or "secure" not in cookie.attributes:
            return None
        if not is_cross_site(request, host):
            return None
        agent = first_value(request.headers, "user-agent") or ""
        is_safari = "Safari/" in agent and "Chrome/" not in agent and "Chromium/" not in agent
        who = "Safari" if is_safari else "The browser"
        return f"{who} sends no cookies from {page_of(request)} to {host}."


class SecureOverHttp(_Kept):
    """Cookies that browsers refuse for the lack of https."""

    info: ClassVar = RuleInfo(
        id="ST-042",
        name="secure-cookie-over-http",
        severity=Severity.ERROR,
        title="browsers refuse the cookies, for Secure and the protocol do not fit",
        cause="A cookie with Secure is refused over plain http (names of the machine itself, such "
        "as localhost, are excepted in most browsers), and one with SameSite=None is refused "
        "without Secure. The apiDomain that the SDK is set to begins with another protocol than "
        "the address that the browser uses.",
        fix="Serve the API over https. For development over http, begin apiDomain and "
        "websiteDomain with http://, or set cookieSecure to false and cookieSameSite to lax.",
        link=_SET_COOKIE,
        references=("core#1044",),
        example="`http://api.example.com/login` sets `sAccessToken=…; Secure`; the next request "
        "comes without a cookie.",
    )

    def suspect(self, told: Explanation, cookie: SetCookie) -> str | None:
        """Secure over http, where the page is on http too: no gateway ends TLS on the way."""
        entry, request = told.evidence.entry, told.evidence.request
        is_secure = "secure" in cookie.attributes
        if _same_site(cookie) == "none" and not is_secure:
            return f"{cookie.name} is SameSite=None without Secure."
        page = page_of(request) or ""
        forwarded = first_value(request.headers, "x-forwarded-proto") or "http"
        on_http = entry.scheme == "http" and page.startswith("http:") and forwarded == "http"
        if is_secure and on_http and not is_local(entry.host):
            return f"{cookie.name} is Secure, and {entry.host} is called over http."
        return None


class ForeignDomain(_Kept):
    """A Domain that the API is not part of."""

    info: ClassVar = RuleInfo(
        id="ST-040",
        name="cookie-domain",
        severity=Severity.ERROR,
        title="browsers refuse the cookies: their Domain does not contain the API's host",
        cause="cookieDomain names a domain that the API is not part of, such as that of another "
        "stage. A browser refuses such a cookie and says nothing.",
        fix="Set cookieDomain to a domain that API and website share, or leave it out where only "
        "the API needs the cookies. When it is changed, name the old value in olderCookieDomain.",
        link=_SET_COOKIE,
        references=("node#548", "website#58"),
        example="api.example.com sets `Domain=example.net`; the next request comes without a "
        "cookie.",
    )

    def suspect(self, told: Explanation, cookie: SetCookie) -> str | None:
        """A Domain that the host does not end with."""
        host = told.evidence.entry.host
        domain = cookie.attributes.get("domain", "").lstrip(".").lower()
        if not domain or host == domain or host.endswith(f".{domain}"):
            return None
        page = page_of(told.evidence.request)
        where = f" (called from {host_of(page)})" if page else ""
        return f"{cookie.name} is for {domain}, which {host} is not part of{where}."


RULES: tuple[type[Rule], ...] = (SiteMismatch, ThirdPartyCookies, SecureOverHttp, ForeignDomain)
