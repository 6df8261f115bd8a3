"""What an explained request adds to the knowledge of its app."""

from dataclasses import replace
from typing import Final

from stctl.recipe.config import VerifyOptions
from stctl.recipe.failures import General, TokenTheftDetected, TryRefreshToken
from stctl.recipe.handlers import REVOKE_SESSION
from stctl.recipe.questions import Signature
from stctl.recipe.reading import SessionToken, read_session_token
from stctl.recipe.situation import SignatureVerdict
from stctl.recipe.step_end import StepName
from stctl.recipe.transfer import ACCESS_COOKIE, REFRESH_COOKIE, read_transfer
from stctl.recipe.walk import Asked
from stctl.tokens.hashes import hash1
from stctl.traces.explain.book import AppNotes, Book, History
from stctl.traces.explain.core_calls import CallKind
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.search import Candidate
from stctl.traces.explain.signs import sdk_shown

_SURE: Final = 1.5
_ENOUGH: Final = 3
_CERTAIN: Final = 3.5
_FIRST_ERROR: Final = 400


def lead_of(found: list[Candidate]) -> float:
    """How much dearer the next verdict is than the best one."""
    best = found[0]
    rival = next((other for other in found if other.verdict != best.verdict), None)
    return float("inf") if rival is None else rival.price - best.price


def learn(book: Book, evidence: Evidence, found: list[Candidate]) -> None:
    """Note what one request shows; of one that went to another server nothing."""
    if evidence.is_elsewhere:
        return
    best, lead = found[0], lead_of(found)
    token = presented_token(evidence, best)
    _note_history(book.history, evidence, best, token)
    # A request must not confirm its own doubtful reading: only what is certain makes a rule.
    if lead >= _CERTAIN:
        _note_answer(book.notes, evidence, best)
    book.notes.sdk = book.notes.sdk or sdk_shown(evidence)
    _note_refusal(book.notes, evidence)
    _note_era(book.notes, evidence, found)
    _note_route(book.notes, evidence, best)
    _note_tokens(book.notes, evidence, best, token, sure=lead >= _SURE)


def _note_answer(notes: AppNotes, evidence: Evidence, best: Candidate) -> None:
    """Who writes which body, and how the handlers of the app behave."""
    answered = best.arrived.answered
    firing, response = answered.firing, evidence.response
    if firing.failed is not None and firing.kind == "custom":
        notes.failing_handlers += 1
    if response is None or evidence.status < _FIRST_ERROR or evidence.is_framework_error:
        return
    if firing.kind == "custom" and firing.failed is None:
        handler = firing.handler
        if handler is not None:
            notes.answers.put(response.body, handler)
    elif answered.failure is None and answered.session is not None:
        notes.own_answers.put(response.body, True)
    if firing.kind == "default" and evidence.status != best.app.invalid_claim_status:
        notes.expired_status = evidence.status


def _note_refusal(notes: AppNotes, evidence: Evidence) -> None:
    """A body that several routes answer is written in one place."""
    if evidence.response is None or evidence.status < _FIRST_ERROR or not evidence.response.body:
        return
    body, path = evidence.response.body, evidence.request.path
    known = notes.refusals.get(body) or frozenset()
    if path not in known and len(known) < _ENOUGH:
        notes.refusals.put(body, known | {path})
        notes.shared_refusals += bool(known)


def _note_era(notes: AppNotes, evidence: Evidence, found: list[Candidate]) -> None:
    """What only an SDK of one era can have answered says which one it is."""
    shown = evidence.seed_shown
    if shown is not None:
        notes.is_seed = shown
        return
    best = found[0]
    era = best.app.profile.seed is not None
    other = next((one for one in found if (one.app.profile.seed is not None) != era), None)
    if notes.is_seed is None and era and (other is None or other.price - best.price >= _SURE):
        notes.is_seed = True


def _note_route(notes: AppNotes, evidence: Evidence, best: Candidate) -> None:
    plan, answered = best.plan, best.arrived.answered
    if not isinstance(plan, VerifyOptions):
        if answered.step is StepName.CREATE and evidence.of_kind(CallKind.CREATE):
            notes.route(evidence.request.method, evidence.request.path).logs_in = True
        return
    route = notes.route(evidence.request.method, evidence.request.path)
    before = replace(route)
    called = bool(evidence.of_kind(CallKind.VERIFY))
    refused = answered.failure is not None and not isinstance(answered.failure, General)
    route.protected |= called or evidence.sets_access_token or refused
    route.passes_without |= not plan.session_required and answered.failure is None
    route.checks_database |= plan.check_database and called
    route.skips_anti_csrf |= plan.anti_csrf_check is False
    route.works |= answered.session is not None and evidence.status < _FIRST_ERROR
    notes.flags += route != before


def _note_tokens(
    notes: AppNotes,
    evidence: Evidence,
    best: Candidate,
    token: SessionToken | None,
    *,
    sure: bool,
) -> None:
    answered = best.arrived.answered
    if evidence.sets_access_token:
        for text in evidence.handed_out.access:
            notes.good_tokens.put(hash1(text), True)
    if token is None or answered.step not in {StepName.VERIFY, StepName.SIGN_OUT}:
        return
    if answered.session is not None:
        notes.good_tokens.put(hash1(token.text), True)
        notes.static_keys = token.kid is not None and not token.is_dynamic
    elif sure and isinstance(answered.failure, TryRefreshToken) and _was_forged(best):
        notes.bad_tokens.put(hash1(token.text), True)


def _was_forged(best: Candidate) -> bool:
    return any(
        isinstance(step, Asked)
        and isinstance(step.question, Signature)
        and step.answer.value is not SignatureVerdict.HOLDS
        for step in best.walked.steps
    )


def presented_token(evidence: Evidence, best: Candidate) -> SessionToken | None:
    """The access token that came with a request, the header's before the cookie's."""
    profile = best.app.profile
    transfer = read_transfer(evidence.request, profile)
    for text in (transfer.bearer, transfer.cookie(ACCESS_COOKIE)):
        token = read_session_token(text, profile) if text else None
        if token is not None:
            return token
    return None


def _note_history(
    history: History, evidence: Evidence, best: Candidate, token: SessionToken | None
) -> None:
    answered = best.arrived.answered
    _note_reachability(history, evidence, best)
    if answered.step is StepName.REFRESH and answered.failure is None:
        _note_refresh(history, evidence, best)
    elif answered.session is not None and token is not None:
        if answered.step in {StepName.VERIFY, StepName.SIGN_OUT}:
            history.used.put(token.refresh_token_hash1, True)
        if evidence.marks.clears_session:
            history.ended.put(token.session_handle, True)
    theft = isinstance(answered.failure, TokenTheftDetected)
    if theft and answered.firing.side_effect == REVOKE_SESSION and token is not None:
        history.ended.put(token.session_handle, True)


def _note_refresh(history: History, evidence: Evidence, best: Candidate) -> None:
    transfer = read_transfer(evidence.request, best.app.profile)
    presented = transfer.bearer or transfer.cookie(REFRESH_COOKIE)
    if not presented:
        return
    history.used.put(hash1(presented), True)
    for child in evidence.handed_out.refresh:
        history.add_child(presented, child)


def _note_reachability(history: History, evidence: Evidence, best: Candidate) -> None:
    reachable = reachability(evidence, best)
    if reachable is not None:
        history.core_reachable = reachable


def reachability(evidence: Evidence, best: Candidate) -> bool | None:
    """Whether the core was reached for a request; None when it was not needed."""
    if any(call.failure == "connection refused" for call in best.concluded):
        return False
    answered = [call.status is not None for call in evidence.calls]
    return answered[-1] if answered else None
