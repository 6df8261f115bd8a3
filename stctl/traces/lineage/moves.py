"""What one request, or one call to a core, did to sessions: which tokens came, and which went.

Only hashes are taken along, so that a whole trace can be held in mind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from stctl.exchange import Request, Response
from stctl.recipe.failures import ErrorName
from stctl.recipe.profiles.newest import NODE
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import ACCESS_COOKIE, REFRESH_COOKIE, read_transfer
from stctl.tokens.hashes import hash1
from stctl.traces.explain.core_calls import CallKind, CoreCall, read_call
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.story import Told
from stctl.traces.lineage.model import UseKind
from stctl.traces.lineage.token_facts import (
    AccessFacts,
    access_facts,
    given_access,
    given_refresh,
    is_refresh_token,
    member_text,
)
from stctl.traces.link import LoneCall
from stctl.traces.sources import SourceKey, source_of

_OK: Final = "OK"
_FIRST_ERROR: Final = 400
_KINDS: Final = {
    StepName.VERIFY: UseKind.VERIFIED,
    StepName.REFRESH: UseKind.REFRESHED,
    StepName.SIGN_OUT: UseKind.SIGNED_OUT,
    StepName.CREATE: UseKind.ISSUED,
}
_DECIDING: Final = {
    StepName.VERIFY: CallKind.VERIFY,
    StepName.REFRESH: CallKind.REFRESH,
    StepName.SIGN_OUT: CallKind.REMOVE,
    StepName.CREATE: CallKind.CREATE,
}
_KINDS_OF_CALLS: Final = {
    CallKind.VERIFY: UseKind.VERIFIED,
    CallKind.REFRESH: UseKind.REFRESHED,
    CallKind.REMOVE: UseKind.REVOKED,
    CallKind.CREATE: UseKind.ISSUED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One step of a session's history."""

    entry: int
    order: int
    at_ms: int
    ended_at_ms: int
    kind: UseKind | None
    """None where tokens are only seen."""
    source: SourceKey | None = None
    presented: str | None = None
    """Hash of the refresh token that was acted on."""
    access: AccessFacts | None = None
    """The access token that was acted on."""
    given: str | None = None
    """Hash of the refresh token that was handed out."""
    minted: tuple[AccessFacts, ...] = ()
    """Access tokens that were handed out."""
    carried: tuple[AccessFacts, ...] = ()
    """Access tokens that came along unused."""
    seen: tuple[str, ...] = ()
    """Hashes of refresh tokens that are only there."""
    handle: str | None = None
    user_id: str | None = None
    error: str | None = None
    reuse: str | None = None
    lost: str | None = None
    cdi: str | None = None
    revoked: tuple[str, ...] = field(default=())
    """Handles of sessions that were ended."""

    @property
    def is_theft(self) -> bool:
        """Whether a core found that a refresh token had been replaced."""
        return self.error == ErrorName.TOKEN_THEFT_DETECTED or self.reuse is not None


def moves_of(told: Told) -> Iterator[Move]:
    """What an item of an explained trace did to sessions; nothing for most log lines and damage."""
    if isinstance(told, LoneCall):
        entry = told.entry
        yield _of_call(read_call(entry), entry.index, entry.started_at_ms, int(entry.ended_at_ms))
    elif isinstance(told, Explanation):
        yield from _of_explanation(told)


def _of_explanation(told: Explanation) -> Iterator[Move]:
    evidence, step = told.evidence, told.answered.step
    entry = evidence.entry
    deciding = _deciding(evidence.calls, _DECIDING.get(step))
    yield _of_request(told, deciding)
    for call in evidence.calls:
        if call is not deciding and call.core_status is not None and not _repeats(call, deciding):
            move = _of_call(call, entry.index, entry.started_at_ms, int(entry.ended_at_ms))
            yield replace(move, source=source_of(evidence.request))


def _repeats(call: CoreCall, deciding: CoreCall | None) -> bool:
    """Whether a backend only verified the same token once more."""
    return call.kind is CallKind.VERIFY and deciding is not None and call.sent == deciding.sent


def _deciding(calls: Sequence[CoreCall], kind: CallKind | None) -> CoreCall | None:
    """The call that decided a step: the last one that was answered, where some were repeated."""
    fitting = [call for call in calls if call.kind is kind]
    answered = [call for call in fitting if call.core_status is not None]
    return next(reversed(answered or fitting), None)


def _of_request(told: Explanation, call: CoreCall | None) -> Move:
    evidence, entry, step = told.evidence, told.evidence.entry, told.answered.step
    presented, access, carried = _brought(evidence.request, call, step)
    error = None if told.error is None else told.error.value
    kind = _KINDS.get(step)
    ends = evidence.marks.clears_session and error is None and evidence.status < _FIRST_ERROR
    if ends and kind is UseKind.VERIFIED:
        kind = UseKind.SIGNED_OUT
    move = Move(
        entry=entry.index,
        order=entry.index if call is None or call.index is None else call.index,
        at_ms=entry.started_at_ms,
        ended_at_ms=int(entry.ended_at_ms),
        kind=kind,
        source=source_of(evidence.request),
        presented=presented,
        access=access,
        carried=carried,
        error=error,
        lost=_lost(evidence),
    )
    return _with_answers(move, call, evidence.response)


def _lost(evidence: Evidence) -> str | None:
    if evidence.entry.connection is not None:
        return evidence.entry.connection
    if evidence.response is None and not evidence.is_unseen:
        return "no answer was recorded"
    return None


def _brought(
    request: Request, call: CoreCall | None, step: StepName
) -> tuple[str | None, AccessFacts | None, tuple[AccessFacts, ...]]:
    """The refresh token and the access token acted on, and the access tokens that came along."""
    transfer = read_transfer(request, NODE)
    texts = [transfer.bearer or "", *transfer.cookies.get(ACCESS_COOKIE, ())]
    found = [facts for facts in map(access_facts, texts) if facts is not None]
    sent = access_facts(member_text(call.sent, "accessToken")) if call else None
    if step is StepName.REFRESH:
        told = member_text(call.sent, "refreshToken") if call else ""
        candidates = (told, transfer.bearer or "", transfer.cookie(REFRESH_COOKIE) or "")
        token = next((text for text in candidates if is_refresh_token(text)), None)
        return (None if token is None else hash1(token)), None, tuple(found)
    if step in {StepName.VERIFY, StepName.SIGN_OUT}:
        access = sent or next(iter(found), None)
        return None, access, tuple(facts for facts in found if facts != access)
    return None, None, tuple(found)


def _of_call(call: CoreCall, entry: int, at_ms: int, ended_at_ms: int) -> Move:
    refresh = member_text(call.sent, "refreshToken")
    kind = _KINDS_OF_CALLS.get(call.kind)
    status = call.core_status
    move = Move(
        entry=entry,
        order=entry if call.index is None else call.index,
        at_ms=at_ms,
        ended_at_ms=ended_at_ms,
        kind=kind,
        presented=hash1(refresh) if is_refresh_token(refresh) else None,
        access=access_facts(member_text(call.sent, "accessToken")),
        error=None if status in {None, _OK} else status,
    )
    return _with_answers(move, call, None)


def _with_answers(move: Move, call: CoreCall | None, response: Response | None) -> Move:
    """Add what the core and the backend answered."""
    answers = [call.answer] if call is not None else []
    session = call.answer.get("session") if call is not None else None
    named = session if isinstance(session, dict) else {}
    reuse = member_text(call.answer, "recentTokenReuseSubtype") if call is not None else ""
    handles = call.answer.get("sessionHandlesRevoked") if call is not None else None
    minted = given_access(answers, response)
    given = given_refresh(answers, response)
    if given is None and minted and move.kind in {UseKind.REFRESHED, UseKind.ISSUED}:
        # Where the refresh token is not in the recording, the access token names it.
        given = minted[0].generation
    return replace(
        move,
        given=given,
        minted=minted,
        handle=member_text(named, "handle") or None,
        user_id=member_text(named, "userId") or None,
        reuse=reuse or None,
        cdi=call.cdi if call is not None else None,
        revoked=tuple(one for one in handles if isinstance(one, str))
        if isinstance(handles, list)
        else (),
    )
