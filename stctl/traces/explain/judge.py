"""How far the end of a walk agrees with the answer that was recorded."""

import json
from typing import Final

from stctl.exchange import Response
from stctl.jsontypes import JsonValue
from stctl.recipe.answering import Answered
from stctl.recipe.arrival import Arrived, Reach
from stctl.recipe.failures import General, InvalidClaims
from stctl.recipe.marks import Marks, read_marks
from stctl.recipe.step_end import StepName
from stctl.traces.explain import plausibility
from stctl.traces.explain.core_calls import CallKind, read_json
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.pending import PendingCalls

_WRONG_BODY: Final = 10.0
_MISSING: Final = 2.0
_EXTRA: Final = 2.5
_MOST_FOR_MARKS: Final = 6.0
_RENEWAL: Final = frozenset({"cookie:sAccessToken", "header:st-access-token", "header:front-token"})
_NOT_SCORED: Final = frozenset({"header:anti-csrf"})
_Mark = tuple[str, bool]


def disagreement(arrived: Arrived, evidence: Evidence, pending: PendingCalls) -> float:
    """The price of believing that a walk led to the recorded answer."""
    price = pending.unexplained * plausibility.VERY_RARE
    price += pending.unexplained_plumbing * plausibility.COMMON
    if arrived.reach is not Reach.SDK:
        return price + _for_foreign(evidence)
    if evidence.is_unseen:
        return price
    answered = arrived.answered
    predicted = answered.response
    if predicted is None or evidence.response is None:
        return price + _for_silence(answered, evidence)
    price += _for_status(answered, predicted, evidence)
    price += _for_body(answered, predicted, evidence)
    if not evidence.shows_headers:
        return price
    ignored = _renewal(answered, evidence)
    wanted = read_marks(predicted.headers)
    return price + _for_marks(_flat(wanted, ignored), _flat(evidence.marks, ignored))


def _renewal(answered: Answered, evidence: Evidence) -> frozenset[str]:
    """The marks of a payload that may have changed before the error was raised."""
    renewed = answered.failure is not None and evidence.of_kind(CallKind.REGENERATE)
    return _RENEWAL if renewed else frozenset()


def _for_foreign(evidence: Evidence) -> float:
    """What the SDK writes on an answer speaks against its not having been reached."""
    return _for_marks(set(), _flat(evidence.marks, frozenset()))


def _for_silence(answered: Answered, evidence: Evidence) -> float:
    """A connection that broke: a general error that the server died of."""
    if evidence.response is None and isinstance(answered.failure, General):
        return plausibility.EXPECTED
    return plausibility.CONTRADICTION


def _for_status(answered: Answered, predicted: Response, evidence: Evidence) -> float:
    if predicted.status == evidence.status:
        return plausibility.EXPECTED
    if answered.failure is None and answered.step is StepName.VERIFY and evidence.status == 304:  # noqa: PLR2004 - not modified
        return plausibility.EXPECTED
    return plausibility.CONTRADICTION


def _for_body(answered: Answered, predicted: Response, evidence: Evidence) -> float:
    if not evidence.shows_body:
        return plausibility.EXPECTED
    firing = answered.firing
    kind = firing.final_kind or firing.kind
    if kind == "framework":
        return plausibility.EXPECTED if evidence.is_framework_error else plausibility.VERY_RARE
    if kind == "default":
        return _for_default(answered, predicted, evidence)
    own_api = answered.step in {StepName.REFRESH, StepName.SIGN_OUT}
    if answered.failure is None and own_api and read_json(predicted.body) != evidence.body:
        # Apps may override these APIs, and answer more than the SDK itself does.
        return plausibility.UNCOMMON
    return plausibility.EXPECTED


def _for_default(answered: Answered, predicted: Response, evidence: Evidence) -> float:
    recorded = evidence.response
    if recorded is not None and recorded.body == predicted.body:
        return plausibility.EXPECTED
    wanted, found = read_json(predicted.body), evidence.body
    if isinstance(answered.failure, InvalidClaims):
        wanted, found = _message(wanted), _message(found)
    if _is_same(wanted, found):
        return plausibility.EXPECTED
    return _WRONG_BODY


def _message(value: JsonValue) -> JsonValue:
    return value.get("message") if isinstance(value, dict) else value


def _is_same(one: JsonValue, other: JsonValue) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _for_marks(wanted: set[_Mark], found: set[_Mark]) -> float:
    """Marks that are missing may have been taken off on the way; more than predicted is odder."""
    price = len(wanted - found) * _MISSING + len(found - wanted) * _EXTRA
    return min(price, _MOST_FOR_MARKS)


def _flat(marks: Marks, ignored: frozenset[str]) -> set[_Mark]:
    """The marks that count, each with whether it was set; of those ignored the cleared ones do."""
    cleared = {(mark, False) for mark in marks.cleared if mark not in _NOT_SCORED}
    ignored |= _NOT_SCORED
    return cleared | {(mark, True) for mark in marks.set if mark not in ignored}
