"""Clocks that do not agree, and keys that change."""

from collections import deque
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import ClassVar, Final, NamedTuple

from stctl.exchange import first_value
from stctl.recipe.failures import ErrorName
from stctl.recipe.front_token import decode_front_token
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import FRONT_TOKEN_HEADER
from stctl.tokens.access import AccessToken
from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.sequences_tokens import (
    MINUTE_MS,
    concluded,
    given_access,
    is_unexpired,
    seconds,
    sent_access,
)
from stctl.traces.diagnose.sight import Sight
from stctl.traces.diagnose.threads import thread
from stctl.traces.explain.book import Recent
from stctl.traces.explain.explanation import Explanation
from stctl.traces.model import Timing

_TOLERATED_MS: Final = 30_000
_MOST: Final = 500
_A_BURST: Final = 3
_MINTING: Final = frozenset({StepName.CREATE, StepName.REFRESH})


class ClientClockAhead(Rule):
    """A client in whose eyes every token has expired on arrival."""

    info: ClassVar = RuleInfo(
        id="ST-025",
        name="client-clock-ahead",
        severity=Severity.ERROR,
        title="the client's clock is so far ahead that fresh tokens look expired",
        cause="The frontend compares the expiry in the front token with its own clock. This clock "
        "is ahead of the backend's by more than the access token lives, so each new token counts "
        "as expired: the frontend refreshes before every request, or in a loop.",
        fix="Correct the clock of the device. Frontends from supertokens-website 20.0 on measure "
        "the difference themselves; upgrade older ones, or let access tokens live longer.",
        link=thread("website#195"),
        references=("website#195", "website#241"),
        example="The answer's Date is 4 minutes behind the recorder's clock, and front-token says "
        "an expiry (`ate`) that has passed when the answer arrives.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires on a front token that has expired by the recorder's clock, not by the backend's.

        Only where tokens are made, which nothing on the way answers from a cache.
        """
        del sight
        entry = told.evidence.entry
        dated, expires = _date_ms(told), _front_expiry(told)
        if dated is None or expires is None or told.answered.step not in _MINTING:
            return
        arrived, ahead = int(entry.ended_at_ms), entry.started_at_ms - dated
        if ahead <= _TOLERATED_MS or expires > arrived or expires <= dated:
            return
        yield self.finding(
            f"The client's clock is about {seconds(ahead)} ahead: the token expires "
            f"{seconds(expires - dated)} after it was made, and counts as expired on arrival. "
            "A refresh loop is to be expected.",
            proof(told, "answer header Date", f"{seconds(ahead)} behind the recorder's clock"),
            proof(told, "answer header front-token", f"expired {seconds(arrived - expires)} ago"),
        )


class BackendClockOff(Rule):
    """Backend and core disagree about the time."""

    info: ClassVar = RuleInfo(
        id="ST-116",
        name="backend-clock-off",
        severity=Severity.ERROR,
        title="the clocks of backend and core differ",
        cause="The core writes the times into access tokens, the backend compares them with its "
        "own clock. With a backend ahead, tokens expire too early or are expired when they are "
        "made, and refreshes never help; with one behind, supertokens-python refuses fresh tokens "
        "as not yet valid.",
        fix="Keep both machines in time (NTP).",
        link=thread("core#1044"),
        example="A token that the core has just made is refused with `Signature has expired`; the "
        "answer's Date is two hours after the token's iat.",
    )

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Compares the Date of an answer with the time in the token that it hands out."""
        del sight
        token, dated = given_access(told), _date_ms(told)
        if token is None or dated is None or told.answered.step not in _MINTING:
            return
        if told.error is not None:
            return
        ahead = dated - token.issued_at_ms
        took = told.evidence.entry.exchange.duration_ms
        if -_TOLERATED_MS <= ahead <= _TOLERATED_MS + took:
            return
        which = _whose_fault(told, token, dated)
        yield self.finding(
            f"The backend's clock is {seconds(ahead)} {'ahead of' if ahead > 0 else 'behind'} the "
            f"core's{which}.",
            proof(told, "answer header Date", f"{seconds(ahead)} from the new token's iat"),
        )


def _whose_fault(told: Explanation, token: AccessToken, dated: int) -> str:
    """By the recorder's clock, where it agrees with one of the two."""
    entry = told.evidence.entry
    if entry.timing is not Timing.MEASURED:
        return ""
    by_core = abs(entry.ended_at_ms - token.issued_at_ms) <= _TOLERATED_MS
    by_backend = abs(entry.ended_at_ms - dated) <= _TOLERATED_MS
    if by_core == by_backend:
        return ""
    return (
        "; the recorder's clock agrees with the core"
        if by_core
        else ("; the recorder's clock agrees with the backend")
    )


def _date_ms(told: Explanation) -> int | None:
    response = told.evidence.response
    date = first_value(response.headers, "date") if response else None
    if date is None or told.evidence.entry.timing is not Timing.MEASURED:
        return None
    try:
        return int(parsedate_to_datetime(date).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        return None


def _front_expiry(told: Explanation) -> int | None:
    response = told.evidence.response
    text = first_value(response.headers, FRONT_TOKEN_HEADER) if response else None
    front = decode_front_token(text) if text else None
    expires = front.get("ate") if front else None
    return int(expires) if isinstance(expires, int | float) else None


class _Healed(NamedTuple):
    at_ms: int
    handle: str


class KeyRotationBurst(Rule):
    """Many sessions that refresh at once because a key changed."""

    info: ClassVar = RuleInfo(
        id="ST-024",
        name="key-rotation-burst",
        severity=Severity.WARN,
        title="a change of the signing key makes many sessions refresh at once",
        cause="Backends verify with cached keys. When the core changes its key (every 168 hours by "
        "default, or because it was told to), unexpired tokens of several sessions are refused at "
        "the same time; a refresh gives each of them a token of the new key.",
        fix="Nothing, when it passes in a minute. Otherwise upgrade the SDK (older ones cache keys "
        "for too long), and see with `stctl keys` how old each key is and when the next one comes.",
        link=thread("node#136"),
        references=("node#136", "node#142", "core#282", "core#304", "core#305"),
        example="Within seconds three sessions are answered 401 with an hour to go, and each "
        "refresh gives a token with another `kid`.",
    )

    def __init__(self) -> None:
        self._refused: Recent[str, str] = Recent(_MOST)
        """Key of the refused token, by session."""
        self._healed: deque[_Healed] = deque(maxlen=_A_BURST * 4)

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires when the third session within a minute is healed by a token of another key."""
        del sight
        if told.answered.step is not StepName.REFRESH:
            token = sent_access(told)
            if token is not None and _is_for_its_key(told, token):
                self._refused.put(token.session_handle, token.structure.kid or "")
            return
        fresh = given_access(told)
        before = self._refused.get(fresh.session_handle) if fresh else None
        if fresh is None or before is None or told.error or not _is_next(fresh, before):
            return
        now = told.evidence.entry.started_at_ms
        self._healed.append(_Healed(now, fresh.session_handle))
        near = {one.handle for one in self._healed if now - one.at_ms <= MINUTE_MS}
        if len(near) >= _A_BURST:
            yield self.finding(
                f"{len(near)} sessions within a minute are refused before their time, and refresh "
                f"from key {before} to {fresh.structure.kid}.",
                proof(told, "answer access token", f"key {fresh.structure.kid}, before {before}"),
            )


def _is_for_its_key(told: Explanation, token: AccessToken) -> bool:
    """Whether an unexpired token is refused for nothing else that the request shows."""
    if told.error is not ErrorName.TRY_REFRESH_TOKEN or not is_unexpired(token, told):
        return False
    others = ("rid", "anti_csrf", "doubled_cookie", "legacy_cookie")
    return not any(concluded(told, name) for name in others)


def _is_next(fresh: AccessToken, before: str) -> bool:
    """Whether a token names another key of the same kind: keys of another kind are a setting."""
    kid = fresh.structure.kid or ""
    return kid != before and kid[:2] == before[:2]


RULES: tuple[type[Rule], ...] = (ClientClockAhead, BackendClockOff, KeyRotationBurst)
