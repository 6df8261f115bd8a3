"""How the app's own code may have ended, and what its claim validators may have said."""

from typing import TYPE_CHECKING, Final

from stctl.jsontypes import JsonValue
from stctl.recipe.failures import ClaimError, General, InvalidClaims, Unauthorised
from stctl.recipe.situation import RouteAnswered, RouteEnd, RouteThrew, SessionView
from stctl.recipe.walk import Answer
from stctl.traces.explain import plausibility
from stctl.traces.explain.answering_handlers import writes_default
from stctl.traces.explain.book import Book
from stctl.traces.explain.choices import Option
from stctl.traces.explain.core_calls import CallKind, CoreCall
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.placeholders import UNSEEN_TOKEN
from stctl.traces.explain.wording import sounds_claimed, speaks_of_session

if TYPE_CHECKING:
    from stctl.traces.explain.facts import RecordedFacts

_FIRST_ERROR: Final = 400
_UNAUTHORISED: Final = 401
_SERVER_ERROR: Final = 500
_SLIGHT: Final = 0.5
_ROUTE_CALLS: Final = (CallKind.SESSION, CallKind.REGENERATE, CallKind.OTHER)
# An app has little reason to answer 401 where the SDK does it, and some to refuse with 403.
_PRICE_OF_STATUS: Final = {401: plausibility.UNUSUAL, 403: plausibility.UNCOMMON + 0.1}
ERRORS_MEMBER: Final = "claimValidationErrors"
SOME_CLAIM: Final = ClaimError(id="(not shown)", reason=None)


def failing_claims(facts: "RecordedFacts") -> Answer[tuple[ClaimError, ...]]:
    """The validators that said no: listed in the default answer, otherwise a guess."""
    listed = facts.evidence.members.get(ERRORS_MEMBER)
    if isinstance(listed, list) and listed:
        facts.pending.take_all(CallKind.REGENERATE)
        return facts.choices.observed(tuple(map(_claim_error, listed)))
    if facts.evidence.is_unseen:
        return facts.choices.inferred([Option(())])
    if facts.evidence.status < _FIRST_ERROR and facts.evidence.response is not None:
        return facts.choices.observed(())
    answer = facts.choices.inferred(_guesses_of_claims(facts))
    if answer.value:
        # Before it says no, a validator may have fetched its claim anew, which changes the payload.
        facts.pending.take_all(CallKind.REGENERATE)
    return answer


def _guesses_of_claims(facts: "RecordedFacts") -> list[Option[tuple[ClaimError, ...]]]:
    request = facts.evidence.request
    price, otherwise = plausibility.UNCOMMON, plausibility.EXPECTED
    if facts.book.notes.route(request.method, request.path).validates_claims:
        price, otherwise = plausibility.EXPECTED, plausibility.UNCOMMON
    elif sounds_claimed(request.path):
        price = plausibility.COMMON
    if facts.evidence.status in {_UNAUTHORISED, facts.app.session_expired_status}:
        price += plausibility.COMMON
    return [Option((), otherwise), Option((SOME_CLAIM,), price)]


def _claim_error(value: JsonValue) -> ClaimError:
    if not isinstance(value, dict):
        return SOME_CLAIM
    return ClaimError(id=str(value.get("id", "")), reason=value.get("reason"))


def route_end(facts: "RecordedFacts", session: SessionView | None) -> Answer[RouteEnd]:
    """How the route ended."""
    evidence = facts.evidence
    calls = facts.pending.take_all(*_ROUTE_CALLS)
    if any(call.core_status == "UNAUTHORISED" for call in calls):
        # Source: SDKs, behaviour notes 9.1: reading the data of a session that is gone.
        gone = Unauthorised(message=_told(calls), clear_tokens=True)
        return facts.choices.observed(RouteThrew(failure=gone))
    if evidence.is_unseen:
        return facts.choices.inferred([Option(RouteAnswered())])
    options = _answered(facts, session)
    options.extend(_threw(evidence, facts.book))
    return facts.choices.inferred(options)


def _told(calls: list[CoreCall]) -> str:
    told = next((call.answer.get("message") for call in calls if call.core_status), None)
    return told if isinstance(told, str) else ""


def _answered(facts: "RecordedFacts", session: SessionView | None) -> list[Option[RouteEnd]]:
    evidence = facts.evidence
    price = _price_of_answer(facts)
    plain = RouteAnswered(status=evidence.status, body=evidence.body)
    options: list[Option[RouteEnd]] = [Option(plain, price)]
    if session is None:
        return options
    revoked = facts.pending.has(CallKind.REMOVE) or evidence.marks.clears_session
    ended = RouteAnswered(status=evidence.status, body=evidence.body, revokes_session=True)
    more = plausibility.EXPECTED if revoked else plausibility.VERY_RARE
    options.append(Option(ended, price + more))
    if evidence.sets_access_token:
        renewed = RouteAnswered(
            status=evidence.status, body=evidence.body, fresh_access_token=UNSEEN_TOKEN
        )
        called = bool(evidence.of_kind(CallKind.REGENERATE))
        options.append(Option(renewed, price + (0.0 if called else plausibility.COMMON)))
    return options


def _price_of_answer(facts: "RecordedFacts") -> float:
    """What it takes to believe that the app's own code wrote the answer."""
    evidence = facts.evidence
    if evidence.response is None or evidence.is_framework_error:
        return plausibility.RARE
    if evidence.status < _FIRST_ERROR or evidence.is_not_found:
        return plausibility.EXPECTED
    if evidence.response.body in facts.book.notes.own_answers:
        return plausibility.EXPECTED
    if writes_default(evidence):
        return plausibility.VERY_RARE
    price = _PRICE_OF_STATUS.get(evidence.status, plausibility.COMMON)
    if evidence.status >= _SERVER_ERROR:
        # Routes seldom answer so themselves: they throw, and the app's error handler answers.
        price = plausibility.UNCOMMON + _SLIGHT
    price += _price_of_habit(facts)
    if speaks_of_session(evidence.words):
        price += plausibility.UNCOMMON + _SLIGHT
    if evidence.response.body in facts.book.notes.answers:
        price += plausibility.UNUSUAL
    return price


def _price_of_habit(facts: "RecordedFacts") -> float:
    """A route that works otherwise, or a body that others answer too, speaks for a handler."""
    evidence, notes = facts.evidence, facts.book.notes
    if evidence.response is None or evidence.status >= _SERVER_ERROR:
        return plausibility.EXPECTED
    route = notes.route(evidence.request.method, evidence.request.path)
    shared = len(notes.refusals.get(evidence.response.body) or ()) > 1
    works = route.works and evidence.status in {_UNAUTHORISED, facts.app.session_expired_status}
    return plausibility.UNCOMMON + _SLIGHT if shared or works else plausibility.EXPECTED


def _threw(evidence: Evidence, book: Book) -> list[Option[RouteEnd]]:
    if evidence.response is not None and evidence.status < _FIRST_ERROR:
        return []
    general = plausibility.COMMON
    if evidence.is_framework_error:
        # One known fault that explains an answer is likelier than another one beside it.
        known_fault = book.notes.failing_handlers or book.is_outage
        general += plausibility.UNCOMMON if known_fault else plausibility.EXPECTED
    else:
        general = plausibility.COMMON if evidence.status >= _SERVER_ERROR else plausibility.RARE
    return [
        Option(RouteThrew(failure=General(message="")), general),
        Option(RouteThrew(failure=_unauthorised(clears=True)), plausibility.RARE),
        Option(RouteThrew(failure=_unauthorised(clears=False)), plausibility.RARE + _SLIGHT),
        Option(
            RouteThrew(failure=InvalidClaims(message="", errors=(SOME_CLAIM,))),
            plausibility.RARE + plausibility.COMMON,
        ),
    ]


def _unauthorised(*, clears: bool) -> Unauthorised:
    return Unauthorised(message="", clear_tokens=clears)
