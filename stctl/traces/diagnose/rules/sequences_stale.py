"""Access tokens that are sent although a refresh has replaced them."""

from collections.abc import Iterator
from typing import ClassVar, Final, NamedTuple

from stctl.recipe.failures import ErrorName
from stctl.recipe.step_end import StepName
from stctl.tokens.access import AccessToken
from stctl.traces.diagnose.model import Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.sequences_tokens import MINUTE_MS, given_access, sent_access
from stctl.traces.diagnose.sight import Glance, Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.book import Recent
from stctl.traces.explain.explanation import Explanation

_MOST: Final = 500
_SETTLED_MS: Final = 5_000
"""So long after a refresh nothing is on its way any more that was sent before it."""


class OldTokenAgain(Rule):
    """What a client sends after a refresh: the token of before."""

    info: ClassVar = RuleInfo(
        id="ST-043",
        name="old-authorization-replayed",
        severity=Severity.ERROR,
        title="after a refresh the request is sent again with the old access token",
        cause="An interceptor of the app's HTTP library sets the Authorization header before the "
        "SDK does, and keeps it for the second try: the request carries the token that was just "
        "refused, and is refused again.",
        fix="Let the SDK set the header: add its interceptor last (axios, dio), and do not copy "
        "the access token into headers of your own.",
        link=thread("flutter#53"),
        references=("core#1044", "flutter#53"),
        example="GET with token A: 401 `try refresh token`; refresh: 200 with token B; the same "
        "GET with token A: 401.",
    )

    def __init__(self) -> None:
        self._refused: Recent[str, Glance] = Recent(_MOST)
        """By session: the last request whose token was refused."""
        self._renewed: Recent[str, tuple[str, Proof]] = Recent(_MOST)
        """By session: the token that was refused and that a refresh has replaced since."""

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on the same request with the same refused token, after a refresh worked."""
        short = sight.glance(told)
        if short.step is StepName.REFRESH:
            self._of_refresh(told, short)
            return
        token = sent_access(told)
        if token is not None and short.error is ErrorName.TRY_REFRESH_TOKEN:
            yield from self._of_refusal(told, short, token.session_handle)

    def _of_refresh(self, told: Explanation, short: Glance) -> None:
        fresh = given_access(told)
        before = self._refused.get(fresh.session_handle) if fresh else None
        if fresh and before and before.access_sent and short.error is None:
            shown = proof(told, "answer status", f"{short.status}, a new access token")
            self._renewed.put(fresh.session_handle, (before.access_sent, shown))

    def _of_refusal(self, told: Explanation, short: Glance, handle: str) -> Iterator[Finding]:
        before, renewed = self._refused.get(handle), self._renewed.get(handle)
        if before and renewed and renewed[0] == short.access_sent and _is_again(before, short):
            yield self.finding(
                f"{short.method} {short.path} comes again with the token that was refused.",
                renewed[1],
                proof(told, "request access token", "the one from before the refresh"),
            )
        self._refused.put(handle, short)


def _is_again(before: Glance, short: Glance) -> bool:
    is_same = (before.client, before.method, before.path) == (
        short.client,
        short.method,
        short.path,
    )
    return is_same and short.at_ms - before.at_ms <= MINUTE_MS


class _Pair(NamedTuple):
    parent: str
    """Hash of the refresh token that the refresh took."""
    child: str
    client: str
    ended_ms: int
    was_used: bool = False


class TokenInMemory(Rule):
    """Two access tokens of one session in use by one client."""

    info: ClassVar = RuleInfo(
        id="ST-044",
        name="token-kept-in-memory",
        severity=Severity.WARN,
        title="a part of the client goes on with the access token of before the refresh",
        cause="The client has the new access token and uses it, and another part of it still "
        "sends the old one: code of the app keeps the token in a variable or a store of its own. "
        "It works until the old token expires, and then fails at each request.",
        fix="Ask the SDK for the access token each time (getAccessToken), or let its interceptor "
        "add it.",
        link=thread("core#1044"),
        references=("core#1044",),
        example="Token B comes with a refresh and is used; ten seconds later a request carries "
        "token A.",
    )

    def __init__(self) -> None:
        self._pairs: Recent[str, _Pair] = Recent(_MOST)
        """By session: the last refresh."""

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on an old token well after the new one was used by the same client."""
        short = sight.glance(told)
        if short.step is StepName.REFRESH:
            fresh = given_access(told)
            if fresh and short.error is None and short.refresh_sent:
                ended = int(told.evidence.entry.ended_at_ms)
                self._pairs.put(
                    fresh.session_handle,
                    _Pair(short.refresh_sent, fresh.refresh_token_hash1, short.client, ended),
                )
            return
        token = sent_access(told)
        pair = self._pairs.get(token.session_handle) if token else None
        if token is None or pair is None or short.client != pair.client:
            return
        yield from self._of_use(told, token, pair)

    def _of_use(self, told: Explanation, token: AccessToken, pair: _Pair) -> Iterator[Finding]:
        if token.refresh_token_hash1 == pair.child:
            self._pairs.put(token.session_handle, pair._replace(was_used=True))
        elif token.refresh_token_hash1 == pair.parent and pair.was_used:
            entry = told.evidence.entry
            if entry.started_at_ms - pair.ended_ms > _SETTLED_MS:
                path = told.evidence.request.path
                yield self.finding(
                    f"{path} is asked with the access token of before a refresh, which the same "
                    "client has taken up elsewhere.",
                    proof(told, "request access token", "the one from before the refresh"),
                    subject=path,
                )


RULES: tuple[type[Rule], ...] = (OldTokenAgain, TokenInMemory)
