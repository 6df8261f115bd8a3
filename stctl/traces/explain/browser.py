"""The frontend SDK behind a trace: what it believes, and what it does with each answer.

What the SDK keeps is seen in its script cookies where a recorder shows them, otherwise it follows
from the tokens that a request carries and from the answers before.
"""

from dataclasses import dataclass
from typing import Final

from stctl.exchange import all_values, first_value
from stctl.recipe.browser_rules import is_withheld
from stctl.recipe.config import AppConfig
from stctl.recipe.front_token import decode_front_token
from stctl.recipe.frontend import (
    Action,
    FrontendConfig,
    LocalState,
    NextAction,
    Purpose,
    Seen,
    next_action,
)
from stctl.recipe.marks import read_marks
from stctl.recipe.response import REMOVE
from stctl.recipe.transfer import (
    ACCESS_COOKIE,
    FRONT_TOKEN_HEADER,
    REFRESH_COOKIE,
    cookie_pairs,
    read_transfer,
)
from stctl.traces.explain.book import Recent
from stctl.traces.explain.evidence import Evidence
from stctl.traces.sources import SourceKey

_REFRESH_TAIL: Final = "/session/refresh"
_LAST_UPDATE: Final = "st-last-access-token-update"
_FRONT_COOKIE: Final = "sFrontToken"
_MOST_BROWSERS: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What the SDK believed before an answer, and its next move."""

    state_before: LocalState
    next: NextAction


class Browsers:
    """Follows every browser of a trace, as far as address and user agent tell them apart.

    Of very many browsers, those that were not heard of for the longest time are forgotten.
    """

    def __init__(self, config: FrontendConfig) -> None:
        self._config = config
        self._stories: Recent[SourceKey | None, BrowserStory] = Recent(_MOST_BROWSERS)

    def behind(self, source: SourceKey | None) -> "BrowserStory":
        """The story of one browser, begun when it is first asked for; None is one of them."""
        story = self._stories.get(source)
        if story is None:
            story = BrowserStory(self._config)
            self._stories.put(source, story)
        return story


class BrowserStory:
    """Follows one browser through a trace."""

    def __init__(self, config: FrontendConfig) -> None:
        self._config = config
        self._front: str | None = None
        self._has_begun = False
        self._is_whole = False
        """Whether the trace has the page's first request, so that every request has a cause."""
        self._wanted: tuple[str, str] | None = None
        """The call for whose sake the next refresh is."""
        self._wanted_until_ms = 0.0
        self._retrying: tuple[str, str] | None = None

    def move(
        self,
        evidence: Evidence,
        app: AppConfig,
        following: Evidence | None,
        *,
        is_last: bool,
    ) -> Move | None:
        """The SDK's move on an answer; None for a preflight, which the SDK never sees.

        `following` is the request after it, where one is known; `is_last` when there is none.
        """
        if evidence.request.method == "OPTIONS":
            return None
        before = self._state_before(evidence, app)
        if not self._has_begun:
            self._has_begun = True
            self._is_whole = _is_refresh(evidence) and before is LocalState.MAY_EXIST
        seen = Seen(
            purpose=self._purpose(evidence, before, following),
            before=before,
            front_token_before=self._front,
            response=evidence.response,
            is_refreshing=self._overlaps(evidence),
            is_withheld=evidence.response is not None
            and is_withheld(evidence.request, evidence.response),
            retries_used_up=self._has_given_up(evidence, is_last=is_last),
        )
        chosen = next_action(seen, self._config)
        self._remember(evidence, chosen)
        return Move(state_before=before, next=chosen)

    def _state_before(self, evidence: Evidence, app: AppConfig) -> LocalState:
        cookies = {
            name: value
            for line in all_values(evidence.request.headers, "cookie")
            for name, value in cookie_pairs(line)
        }
        if _LAST_UPDATE in cookies:
            return LocalState.EXISTS if _FRONT_COOKIE in cookies else LocalState.NOT_EXISTS
        transfer = read_transfer(evidence.request, app.profile)
        carried = (transfer.bearer, transfer.cookie(ACCESS_COOKIE), transfer.cookie(REFRESH_COOKIE))
        if any(carried) or (self._front is not None and self._front != REMOVE):
            return LocalState.EXISTS
        if _is_refresh(evidence) and self._front is None:
            return LocalState.MAY_EXIST
        return LocalState.NOT_EXISTS

    def _purpose(
        self, evidence: Evidence, before: LocalState, following: Evidence | None
    ) -> Purpose:
        if not _is_refresh(evidence):
            misdirected = evidence.request.path.endswith(_REFRESH_TAIL)
            return "misdirected_refresh" if misdirected else "call"
        if before is not LocalState.EXISTS:
            return self._purpose_of_probe(following)
        if not self._is_whole:
            return "refresh"
        if self._wanted is not None:
            return "refresh_of_fetch"
        return "existence_check" if self._has_expired(evidence) else "explicit_refresh"

    def _purpose_of_probe(self, following: Evidence | None) -> Purpose:
        """A fresh page asks for itself, or for the sake of the login that comes next."""
        if following is None or _is_refresh(following):
            return "existence_check"
        return "probe" if following.sets_refresh_token else "existence_check"

    def _has_expired(self, evidence: Evidence) -> bool:
        front = decode_front_token(self._front) if self._front else None
        ends = front.get("ate") if front else None
        return isinstance(ends, int | float) and ends < evidence.entry.started_at_ms

    def _overlaps(self, evidence: Evidence) -> bool:
        """Whether another call, sent before this one was answered, has asked for a refresh."""
        if _is_refresh(evidence) or not self._is_whole:
            return False
        return self._wanted is not None and evidence.entry.started_at_ms < self._wanted_until_ms

    def _has_given_up(self, evidence: Evidence, *, is_last: bool) -> bool:
        """A call that was sent again and is not sent once more: the limit was reached."""
        return self._is_whole and self._retrying == _call(evidence) and is_last

    def _remember(self, evidence: Evidence, chosen: NextAction) -> None:
        if evidence.response is not None:
            front = first_value(evidence.response.headers, FRONT_TOKEN_HEADER)
            if front is None and read_marks(evidence.response.headers).clears_session:
                front = REMOVE
            self._front = front or self._front
        if chosen.local_session_after is LocalState.NOT_EXISTS:
            self._front = REMOVE
        if _is_refresh(evidence):
            retry = chosen.action is Action.RETRY_ORIGINAL_REQUEST
            self._retrying = self._wanted if retry else None
            self._wanted = None
        elif chosen.action is Action.CALL_REFRESH:
            self._wanted = _call(evidence)
            self._wanted_until_ms = evidence.entry.ended_at_ms
        elif chosen.action is Action.RETRY_ORIGINAL_REQUEST:
            self._retrying = _call(evidence)
        elif chosen.action is not Action.WAIT_FOR_REFRESH_THEN_RETRY:
            self._retrying = None


def _is_refresh(evidence: Evidence) -> bool:
    request = evidence.request
    return request.method == "POST" and request.path.endswith(_REFRESH_TAIL)


def _call(evidence: Evidence) -> tuple[str, str]:
    return evidence.request.method, evidence.request.path
