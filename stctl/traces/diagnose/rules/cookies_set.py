"""Rules for how answers set cookies: how long they last, and where they are sent."""

from collections.abc import Iterator
from typing import ClassVar, Final, NamedTuple

from stctl.recipe.transfer import ACCESS_COOKIE, REFRESH_COOKIE
from stctl.traces.diagnose.model import Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.sight import Sight, client_of
from stctl.traces.diagnose.threads import thread
from stctl.traces.diagnose.wire import bearer_of, cookies_of, set_cookies
from stctl.traces.explain.book import Recent
from stctl.traces.explain.explanation import Explanation
from stctl.traces.model import Gap

_REFRESH_TAIL: Final = "/session/refresh"
_MOST: Final = 200
_FIRST_ERROR: Final = 400


class NoExpiry(Rule):
    """Session cookies that end with the browser."""

    info: ClassVar = RuleInfo(
        id="ST-046",
        name="cookie-without-expiry",
        severity=Severity.WARN,
        title="cookies of the session end when the browser closes",
        cause="The cookies are set without Expires and Max-Age, so that browsers drop them at the "
        "end of their own session, while the session at the core goes on. SDKs always set one; an "
        "old Python SDK with Django did not, and a proxy or the app's own code can lose it.",
        fix="Update the SDK; then look for what rewrites Set-Cookie on the way.",
        link=thread("python#267"),
        references=("python#267",),
        example="`Set-Cookie: sRefreshToken=…; Path=/auth/session/refresh; HttpOnly` without "
        "Expires.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Looks at the cookies that an answer sets."""
        del sight
        for cookie in set_cookies(told.evidence.response) if told.evidence.response else ():
            is_of_session = cookie.name in {ACCESS_COOKIE, REFRESH_COOKIE}
            if (
                is_of_session
                and cookie.value
                and not {"expires", "max-age"} & cookie.attributes.keys()
            ):
                shows = f"{cookie.name}=…; {cookie.line.partition(';')[2].strip()}"
                yield self.finding(
                    f"{cookie.name} is set without Expires and Max-Age.",
                    proof(told, "answer header Set-Cookie", shows),
                    subject=cookie.name,
                )


class _Attempt(NamedTuple):
    """A refresh that came without the refresh cookie although its client should have one."""

    host: str
    path: str
    client: str
    proof: Proof


class RefreshPath(Rule):
    """A refresh cookie for another path than that of the refresh."""

    info: ClassVar = RuleInfo(
        id="ST-021",
        name="refresh-cookie-path",
        severity=Severity.ERROR,
        title="the refresh cookie is for another path than the one that is called",
        cause="The cookie sRefreshToken has the path of the backend's refresh API. The frontend "
        "calls the refresh API somewhere else, as apiBasePath or a gateway's prefix differs, so "
        "the browser never attaches the cookie.",
        fix="Give apiBasePath the same value in frontend and backend. Behind a gateway that takes "
        "a prefix off, set apiGatewayPath in the backend.",
        link=thread("core#1044"),
        references=("core#1044",),
        example="The cookie's Path is /api/auth/session/refresh, the frontend calls "
        "/auth/session/refresh: no cookie, and 404 or 401.",
    )

    def __init__(self) -> None:
        self._attempts: Recent[tuple[str, str], _Attempt] = Recent(_MOST)
        self._order: list[tuple[str, str]] = []
        self._paths: dict[str, tuple[str, Proof]] = {}
        """By host: the Path of the refresh cookie, and where it was set."""
        self._given: Recent[str, bool] = Recent(_MOST)
        """Clients that were given a refresh cookie."""
        self._reached: set[tuple[str, str]] = set()
        """Hosts and paths of refreshes to which the cookie was attached."""

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Remembers where the cookie is for, and where refreshes go."""
        del sight
        request, host = told.evidence.request, told.evidence.entry.host
        is_shown = Gap.REQUEST_HEADERS not in told.evidence.entry.gaps
        if is_shown and request.method == "POST" and request.path.endswith(_REFRESH_TAIL):
            self._note_refresh(told, host)
        for cookie in set_cookies(told.evidence.response) if told.evidence.response else ():
            path = cookie.attributes.get("path")
            if cookie.name == REFRESH_COOKIE and cookie.value and path:
                self._given.put(f"{client_of(request)} {host}", value=True)
                if host not in self._paths and len(self._paths) < _MOST:
                    shows = f"{REFRESH_COOKIE}=…; Path={path}"
                    self._paths[host] = path, proof(told, "answer header Set-Cookie", shows)
        yield from ()

    def _note_refresh(self, told: Explanation, host: str) -> None:
        request = told.evidence.request
        cookies, place = cookies_of(request), (host, request.path)
        if REFRESH_COOKIE in cookies:
            if len(self._reached) < _MOST:
                self._reached.add(place)
            return
        if bearer_of(request) is not None or told.evidence.status < _FIRST_ERROR:
            return
        client = f"{client_of(request)} {host}"
        has_access = ACCESS_COOKIE in cookies
        if place in self._attempts or not (has_access or client in self._given):
            return
        shows = f"no {REFRESH_COOKIE}; the answer is {told.evidence.status}"
        self._attempts.put(
            place,
            _Attempt(host, request.path, client, proof(told, "request header Cookie", shows)),
        )
        if len(self._order) < _MOST:
            self._order.append(place)

    def end(self, sight: Sight) -> Iterator[Finding]:
        """The refreshes that the cookie's path does not cover."""
        del sight
        for place in self._order:
            attempt = self._attempts.get(place)
            known = self._paths.get(place[0])
            if attempt is None or known is None or place in self._reached:
                continue
            path, given = known
            if not _covers(path, attempt.path):
                yield self.finding(
                    f"The refresh goes to {attempt.path}, the cookie is for {path}.",
                    given,
                    attempt.proof,
                    subject=attempt.path,
                )


def _covers(path: str, wanted: str) -> bool:
    """Whether a cookie of that path is sent there. Source: RFC 6265, section 5.1.4."""
    return wanted == path or wanted.startswith(path if path.endswith("/") else f"{path}/")


RULES: tuple[type[Rule], ...] = (RefreshPath, NoExpiry)
