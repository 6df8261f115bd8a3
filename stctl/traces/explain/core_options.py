"""What the core answered: as recorded, or as the backend's own answer lets one conclude."""

from typing import TYPE_CHECKING, Final, TypeVar

from stctl.recipe.core_replies import (
    CoreTrouble,
    CreateReply,
    RefreshReply,
    Removed,
    RemoveReply,
    VerifyReply,
)
from stctl.recipe.questions import CoreCreate, CoreRefresh, CoreVerify
from stctl.recipe.walk import Answer
from stctl.sessions.answers import (
    NewTokens,
    SessionFacts,
    TokenTheftDetected,
    TryRefreshToken,
    Unauthorised,
    Verified,
)
from stctl.traces.explain import core_calls, plausibility
from stctl.traces.explain.choices import Option
from stctl.traces.explain.core_calls import CallKind, CoreCall
from stctl.traces.explain.placeholders import UNSEEN_TOKEN
from stctl.traces.explain.trouble_options import trouble_options, version_trouble

if TYPE_CHECKING:
    from stctl.traces.explain.facts import RecordedFacts

_VERIFY: Final = "/recipe/session/verify"
_REFRESH: Final = "/recipe/session/refresh"
_REMOVE: Final = "/recipe/session/remove"
_CREATE: Final = "/recipe/session"
_USER_ID: Final = "/user/id"
_OK: Final = 200
_UNSEEN: Final = "(not recorded)"
_SLIGHT: Final = 0.5
R = TypeVar("R")


def _session(handle: str = _UNSEEN, user_id: str = _UNSEEN) -> SessionFacts:
    return SessionFacts(
        handle=handle,
        user_id=user_id,
        recipe_user_id=user_id,
        tenant_id="public",
        user_data_in_jwt={},
    )


def verify(facts: "RecordedFacts", question: CoreVerify) -> Answer[VerifyReply]:
    """The answer to verify."""
    del question
    call = facts.pending.take(CallKind.VERIFY)
    if call is not None and _says(call):
        return facts.choices.observed(core_calls.verify_reply(call))
    if call is not None:
        return facts.choices.inferred([*_verified(facts, 0.0), *_refusals_of_verify(facts, 0.0)])
    silence = _price_of_silence(facts)
    options = [*_verified(facts, silence), *_not_verified(facts, silence)]
    return _concluded(facts, CallKind.VERIFY, _VERIFY, facts.choices.inferred(options))


def _says(call: CoreCall) -> bool:
    """Whether a recorded call shows what the core said; one that failed shows that at least."""
    return call.is_told or call.status != _OK


def _verified(facts: "RecordedFacts", base: float) -> list[Option[VerifyReply]]:
    token = facts.token
    session = _session(token.session_handle, token.user_id) if token else _session()
    fresh = facts.evidence.sets_access_token
    return [
        Option(
            Verified(session=session, access_token=token_given, payload_update_available=None),
            base + (plausibility.EXPECTED if given == fresh else plausibility.UNUSUAL),
        )
        for given, token_given in ((True, UNSEEN_TOKEN), (False, None))
    ]


def _price_of_silence(facts: "RecordedFacts") -> float:
    """What it takes to believe that a call was answered although the trace does not have it."""
    return plausibility.RARE if facts.evidence.core_recorded else plausibility.EXPECTED


def _not_verified(facts: "RecordedFacts", base: float) -> list[Option[VerifyReply]]:
    return [*_refusals_of_verify(facts, base), *trouble_options(facts, "POST", _VERIFY)]


def _refusals_of_verify(facts: "RecordedFacts", base: float) -> list[Option[VerifyReply]]:
    ended = facts.token is not None and facts.token.session_handle in facts.book.history.ended
    gone = plausibility.EXPECTED if ended else plausibility.COMMON
    return [
        Option(Unauthorised(message=""), base + gone),
        Option(TryRefreshToken(message=""), base + plausibility.UNUSUAL),
    ]


def refresh(facts: "RecordedFacts", question: CoreRefresh) -> Answer[RefreshReply]:
    """The answer to refresh."""
    call = facts.pending.take(CallKind.REFRESH)
    if call is not None and _says(call):
        return facts.choices.observed(core_calls.refresh_reply(call))
    base = plausibility.EXPECTED if call is not None else _price_of_silence(facts)
    gone, theft = _prices_of_refusal(facts, question.refresh_token)
    options: list[Option[RefreshReply]] = [
        Option(_new_tokens(), base + _price_of_tokens(facts)),
        Option(Unauthorised(message=""), base + gone),
        Option(_theft(), base + theft),
    ]
    if call is not None:
        return facts.choices.inferred(options)
    options.extend(trouble_options(facts, "POST", _REFRESH))
    return _concluded(facts, CallKind.REFRESH, _REFRESH, facts.choices.inferred(options))


def _prices_of_refusal(facts: "RecordedFacts", refresh_token: str) -> tuple[float, float]:
    """A token that was replaced, by one that was used, makes theft the likelier of the two."""
    if facts.book.history.was_replaced(refresh_token):
        return plausibility.UNCOMMON, _SLIGHT
    return plausibility.COMMON, plausibility.UNCOMMON


def _price_of_tokens(facts: "RecordedFacts") -> float:
    return plausibility.EXPECTED if facts.evidence.may_set_tokens else plausibility.UNUSUAL


def _new_tokens() -> NewTokens:
    return NewTokens(
        session=_session(),
        access_token=UNSEEN_TOKEN,
        refresh_token=UNSEEN_TOKEN,
        anti_csrf_token=None,
        id_refresh_token=None,
    )


def _theft() -> TokenTheftDetected:
    return TokenTheftDetected(
        session_handle=_UNSEEN, user_id=_UNSEEN, recipe_user_id=_UNSEEN, reuse_subtype=None
    )


def remove(facts: "RecordedFacts", handles: tuple[str, ...]) -> Answer[RemoveReply]:
    """The answer to remove."""
    call = facts.pending.take(CallKind.REMOVE)
    if call is not None and not _says(call):
        return facts.choices.inferred([Option(Removed(handles=handles))])
    if call is not None:
        return facts.choices.observed(core_calls.remove_reply(call))
    base = _price_of_silence(facts)
    options: list[Option[RemoveReply]] = [Option(Removed(handles=handles), base)]
    options.extend(trouble_options(facts, "POST", _REMOVE))
    return _concluded(facts, CallKind.REMOVE, _REMOVE, facts.choices.inferred(options))


def create(facts: "RecordedFacts", question: CoreCreate) -> Answer[CreateReply]:
    """The answer to create."""
    del question
    earlier = _failed_before_create(facts)
    if earlier is not None:
        return facts.choices.observed(earlier)
    call = facts.pending.take(CallKind.CREATE)
    if call is not None and not _says(call):
        return facts.choices.inferred([Option(_new_tokens())])
    if call is not None:
        return facts.choices.observed(core_calls.create_reply(call))
    options: list[Option[CreateReply]] = [
        Option(_new_tokens(), _price_of_silence(facts) + _price_of_tokens(facts))
    ]
    options.extend(trouble_options(facts, "POST", _CREATE))
    answer = facts.choices.inferred(options)
    if facts.app.profile.looks_for_user and isinstance(answer.value, CoreTrouble):
        facts.pending.conclude_unless_version(answer.value, CallKind.USER_ID, "GET", _USER_ID)
        return answer
    tenant = "" if facts.app.profile.seed is not None else "/public"
    return _concluded(facts, CallKind.CREATE, f"{tenant}{_CREATE}", answer)


def _concluded(facts: "RecordedFacts", kind: CallKind, path: str, answer: Answer[R]) -> Answer[R]:
    """Note the call that must have been made, without its answer."""
    if isinstance(answer.value, CoreTrouble):
        facts.pending.conclude_unless_version(answer.value, kind, "POST", path)
    elif not facts.evidence.core_recorded:
        facts.pending.conclude(kind, "POST", path, None)
    return answer


def _failed_before_create(facts: "RecordedFacts") -> CoreTrouble | None:
    """Trouble in a call that comes before the creation itself."""
    trouble = version_trouble(facts)
    if trouble is not None:
        return trouble
    calls: list[CoreCall] = facts.pending.take_all(CallKind.USER_ID)
    for call in calls:
        found = core_calls.trouble_of(call)
        if found is not None:
            return found
    return None
