"""A whole trace, explained as it is read; holds no more than a window of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from stctl.recipe.answering import Answered
from stctl.recipe.failures import ErrorName
from stctl.recipe.frontend import FrontendConfig
from stctl.recipe.walk import Walked
from stctl.recipe.why_not import why_not, why_nothing
from stctl.traces.explain.addresses import Addresses
from stctl.traces.explain.alternatives import alternatives_to
from stctl.traces.explain.browser import Browsers, Move
from stctl.traces.explain.evidence import Evidence, evidence_of
from stctl.traces.explain.explainer import Explainer, Found
from stctl.traces.explain.explanation import Alternative, Explanation
from stctl.traces.explain.hosts import HostRota
from stctl.traces.explain.keys import KeySet
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.lone import evidence_of_lone
from stctl.traces.explain.presumed import as_inferred, is_presumed
from stctl.traces.link import LinkedItem, LinkedRequest, LoneCall
from stctl.traces.model import Damage, Entry, LogEvent
from stctl.traces.sources import SourceKey

_MOST_HELD: Final = 200
_FIRST_ERROR: Final = 400
_MOST_BYTES: Final = 1 << 24

Told: TypeAlias = Explanation | LoneCall | LogEvent | Damage
"""What comes out: explanations, and whatever is no request, where it stood."""


@dataclass(slots=True)
class _Window:
    held: list[LinkedItem]
    requests: int = 0
    size: int = 0

    def take(self, item: LinkedItem) -> None:
        self.held.append(item)
        if isinstance(item, LinkedRequest):
            self.requests += 1
            self.size += item.entry.size + sum(call.entry.size for call in item.calls)

    @property
    def is_full(self) -> bool:
        return self.requests > _MOST_HELD or self.size > _MOST_BYTES or len(self.held) > _LONGEST


_LONGEST: Final = 20 * _MOST_HELD


class _CoreSide:
    """Whether a trace has the calls between backend and core.

    One that names its peers says so, also where no call was made. Not so one that was edited
    afterwards: tokens in it come from a core that it does not show, or tokens are missing as well.
    """

    def __init__(self) -> None:
        self._has_calls = False
        self._names_peers = False
        self._lacks_calls = False

    def watch(self, item: LinkedItem) -> None:
        """Take notice of one item."""
        if self._has_calls or not isinstance(item, LoneCall | LinkedRequest):
            return
        if isinstance(item, LoneCall) or item.calls:
            self._has_calls = True
        elif item.entry.peer is not None:
            self._names_peers = True
            self._lacks_calls = self._lacks_calls or _was_edited(item.entry)

    @property
    def is_recorded(self) -> bool:
        """By what was seen until now."""
        return self._has_calls or (self._names_peers and not self._lacks_calls)


def _was_edited(entry: Entry) -> bool:
    """Whether a session was handed out without a call to a core, or tokens were taken out."""
    evidence = evidence_of(entry, (), core_recorded=False)
    return evidence.sets_refresh_token or evidence.hides_tokens


class TraceStory:
    """Explains request after request; what is ready comes back from each step."""

    def __init__(self, known: KnownApp, keys: KeySet | None = None) -> None:
        self.explainer = Explainer(known, keys)
        self._browsers = Browsers(_frontend(known))
        self._hosts = HostRota()
        self._window = _Window([])
        self._core_side = _CoreSide()
        self._addresses = Addresses(known)
        self._has_requests = False

    def tell(self, items: Iterable[LinkedItem]) -> Iterator[Told]:
        """Explain a whole trace."""
        for item in items:
            yield from self.add(item)
        yield from self.flush(is_end=True)

    def add(self, item: LinkedItem) -> Iterator[Told]:
        """Take one item; gives on a window once it is full, save for its last request."""
        self._window.take(item)
        self._has_requests |= isinstance(item, LinkedRequest)
        self._core_side.watch(item)
        if self._window.is_full:
            last = self._window.held.pop()
            yield from self.flush(is_end=False, following=last)
            self._window.take(last)

    def flush(self, *, is_end: bool, following: LinkedItem | None = None) -> Iterator[Told]:
        """Explain what is held; `is_end` when nothing comes after it."""
        held, self._window = self._window.held, _Window([])
        gathered = self._gathered(held)
        after = self._evidence(following) if isinstance(following, LinkedRequest) else None
        upcoming = _upcoming([*gathered.values(), after] if after else [*gathered.values()])
        explained = self.explainer.explain(gathered.values())
        for place, item in enumerate(held):
            if isinstance(item, LoneCall) and not self._has_requests:
                yield self._of_lone(item, held[place + 1 : place + 2]) or item
                continue
            if not isinstance(item, LinkedRequest):
                yield item
                continue
            found = next(explained)
            if found.evidence.is_elsewhere:
                yield self._told(found, None)
                continue
            coming = upcoming.get(id(found.evidence))
            yield self._explanation(found, coming, is_last=is_end and coming is None)

    def _of_lone(self, call: LoneCall, coming: list[LinkedItem]) -> Explanation | None:
        """What a call tells where only the core's side was recorded."""
        after = next((one.entry for one in coming if isinstance(one, LoneCall)), None)
        evidence = evidence_of_lone(call.entry, after, self.explainer.known)
        if evidence is None:
            return None
        return self._told(self.explainer.explain_one(evidence), None)

    def _gathered(self, held: list[LinkedItem]) -> dict[int, Evidence]:
        """The evidence of a window's requests by their places."""
        gathered = {
            place: self._evidence(item)
            for place, item in enumerate(held)
            if isinstance(item, LinkedRequest)
        }
        for evidence in gathered.values():
            self._addresses.watch(evidence)
        return {place: self._addresses.placed(evidence) for place, evidence in gathered.items()}

    def _evidence(self, request: LinkedRequest) -> Evidence:
        calls = [call.entry for call in request.calls]
        return evidence_of(request.entry, calls, core_recorded=self._core_side.is_recorded)

    def _explanation(
        self, found: Found, following: Evidence | None, *, is_last: bool
    ) -> Explanation:
        browser = self._browsers.behind(found.evidence.source)
        move = browser.move(found.evidence, found.best.app, following, is_last=is_last)
        return self._told(found, move)

    def _told(self, found: Found, move: Move | None) -> Explanation:
        evidence, best = found.evidence, found.best
        answered = best.arrived.answered
        reasons = best.walked.reasons
        if is_presumed(evidence, best.app):
            reasons = as_inferred(reasons)
        walked = Walked(value=answered, steps=(), ruled_out=best.walked.ruled_out)
        alternatives = alternatives_to(found.candidates)
        return Explanation(
            evidence=evidence,
            reach=best.arrived.reach,
            answered=answered,
            reasons=reasons,
            why_not={**_why_not(walked, evidence), **_left_open(alternatives, answered)},
            alternatives=alternatives,
            core_calls=(*evidence.calls, *self._hosts.attempts(evidence, best.concluded)),
            state_before=move.state_before if move else None,
            next=move.next if move else None,
            app=best.app,
            plan=best.plan,
        )


def _why_not(walked: Walked[Answered], evidence: Evidence) -> dict[ErrorName, str]:
    """For an answer that looks like an error and is none, why it is none."""
    if walked.value.failure is None and evidence.status >= _FIRST_ERROR:
        return why_nothing(walked)
    return why_not(walked)


def _left_open(alternatives: tuple[Alternative, ...], answered: Answered) -> dict[ErrorName, str]:
    """What remains possible was not ruled out, and it is said so."""
    raised = answered.failure.error if answered.failure else None
    return {
        other.error: f"less likely, but not ruled out: {other.because}"
        for other in reversed(alternatives)
        if other.error is not None and other.error != raised
    }


def _upcoming(gathered: list[Evidence]) -> dict[int, Evidence]:
    """The next request of the same page behind each request, by the identity of the latter."""
    found: dict[int, Evidence] = {}
    nearest: dict[SourceKey | None, Evidence] = {}
    for evidence in reversed(gathered):
        if evidence.source in nearest:
            found[id(evidence)] = nearest[evidence.source]
        if evidence.request.method != "OPTIONS" and not evidence.is_elsewhere:
            nearest[evidence.source] = evidence
    return found


def _frontend(known: KnownApp) -> FrontendConfig:
    usual = FrontendConfig()
    expired = known.frontend_session_expired_status_code
    return FrontendConfig(
        session_expired_status=expired or usual.session_expired_status,
        invalid_claim_status=known.invalid_claim_status_code or usual.invalid_claim_status,
    )
