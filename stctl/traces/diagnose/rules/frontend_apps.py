"""Several programs that share one session: a server that renders pages, a second app."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final, NamedTuple

from stctl.exchange import Request, first_value
from stctl.recipe.failures import ErrorName
from stctl.recipe.step_end import StepName
from stctl.traces.diagnose.model import Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.sequences_tokens import sent_access
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.book import Recent
from stctl.traces.explain.explanation import Explanation

_MOST: Final = 1000
_SERVER: Final = re.compile(
    r"(?:node|undici|axios/|node-fetch|got\b|next\.js|deno|bun/)", re.IGNORECASE
)
_BROWSER: Final = "Mozilla/"
_ON_ITS_WAY_MS: Final = 1_000
"""A request that leaves within this time of an answer may have been sent before it arrived."""


class _Refreshed(NamedTuple):
    ended_ms: int
    agent: str
    proof: Proof


class ServerKeepsTokens(Rule):
    """A refresh on the server whose tokens the browser never gets."""

    info: ClassVar = RuleInfo(
        id="ST-013",
        name="server-keeps-tokens",
        severity=Severity.ERROR,
        title="a server refreshed on behalf of a browser, and the browser goes on with old tokens",
        cause="Code that renders pages (getServerSideProps, a layout, a middleware) refreshed the "
        "session with the browser's cookies, and its answer did not hand the new cookies on. The "
        "browser still has the old ones: it is redirected in circles, or its next refresh looks "
        "like theft.",
        fix="Do not refresh on the server: answer with the page that lets the browser refresh "
        "(`__supertokensFromNEXT` in getServerSideProps), or pass on every Set-Cookie of the "
        "refresh.",
        link=thread("docs#804"),
        references=(
            "node#59",
            "docs#804",
            "vercel/next.js#42634",
            "vercel/next.js#66827",
            "auth-react#877",
        ),
        example="`node` refreshes with the browser's refresh token; seconds later the browser "
        "sends the access token from before.",
    )

    def __init__(self) -> None:
        self._by_token: Recent[str, _Refreshed] = Recent(_MOST)
        """By hash of the refresh token that a server presented."""

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires where a browser sends tokens that a server has replaced before."""
        short, agent = sight.glance(told), _agent(told.evidence.request)
        if short.step is StepName.REFRESH and _SERVER.match(agent):
            if short.error is None and short.refresh_sent and short.access_set:
                shown = proof(told, "request header User-Agent", f"{agent}, refreshed")
                ended = int(told.evidence.entry.ended_at_ms)
                self._by_token.put(short.refresh_sent, _Refreshed(ended, agent, shown))
            return
        if not agent.startswith(_BROWSER):
            return
        token = sent_access(told)
        presented = short.refresh_sent or (token.refresh_token_hash1 if token else None)
        replaced = self._by_token.get(presented or "")
        if replaced and short.at_ms - replaced.ended_ms > _ON_ITS_WAY_MS:
            yield self.finding(
                f"{replaced.agent} refreshed, and the browser still sends tokens from before.",
                replaced.proof,
                proof(told, "request tokens", f"from before the refresh by {replaced.agent}"),
            )


class _Ended(NamedTuple):
    origins: frozenset[str]
    by: str
    proof: Proof


class OtherAppLeft(Rule):
    """Two apps with one session: one signs out, the other does not know."""

    info: ClassVar = RuleInfo(
        id="ST-052",
        name="other-app-left",
        severity=Severity.INFO,
        title="one app signed out, and another app of the same session does not know it",
        cause="Two frontends share the cookies of one session. Sign-out in one of them clears the "
        "cookies for both, but the other keeps its front token (it is stored for each origin): it "
        "believes in a session until its next refresh is refused.",
        fix="Set sessionTokenFrontendDomain so that both share the front token, and let the other "
        "app react to UNAUTHORISED (onHandleEvent).",
        link=thread("core#718"),
        references=("core#718",),
        example="`a.example.com` signs out; `b.example.com`, which used the same session, "
        "refreshes without a token and is answered 401.",
    )

    def __init__(self) -> None:
        self._origins: Recent[str, frozenset[str]] = Recent(_MOST)
        """The origins from which a session was used, by its handle."""
        self._ended: Recent[str, _Ended] = Recent(_MOST)
        """By browser: what it signed out of."""

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on a refused refresh from another origin of the browser that signed out."""
        request, short = told.evidence.request, sight.glance(told)
        origin = first_value(request.headers, "origin")
        if origin is None:
            return
        browser = f"{request.remote_address} {_agent(request)}"
        token = sent_access(told)
        if token is not None and short.error is None:
            used = self._origins.get(token.session_handle) or frozenset()
            self._origins.put(token.session_handle, used | {origin})
            if short.step is StepName.SIGN_OUT and short.clears_session:
                shown = proof(told, "request header Origin", f"{origin} signs out")
                self._ended.put(browser, _Ended(used - {origin}, origin, shown))
        elif short.step is StepName.REFRESH and short.error is ErrorName.UNAUTHORISED:
            ended = self._ended.get(browser)
            if ended and origin in ended.origins and short.refresh_sent is None:
                yield self.finding(
                    f"{ended.by} signed out of the session, and {origin} tries to refresh it.",
                    ended.proof,
                    proof(told, "request header Origin", f"{origin} refreshes without a token"),
                    subject=origin,
                )


def _agent(request: Request) -> str:
    return first_value(request.headers, "user-agent") or ""


RULES: tuple[type[Rule], ...] = (ServerKeepsTokens, OtherAppLeft)
