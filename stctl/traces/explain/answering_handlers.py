"""Who answered an error: the default handler, one of the app's own, or the framework."""

from typing import TYPE_CHECKING, Final

from stctl.recipe.failures import ErrorName, HandlerName
from stctl.recipe.handlers import DEFAULT_MESSAGES
from stctl.recipe.marks import read_marks
from stctl.recipe.questions import CustomHandler
from stctl.recipe.situation import HandlerAnswered, HandlerEnd, HandlerFailed
from stctl.recipe.walk import Answer
from stctl.traces.explain import plausibility
from stctl.traces.explain.choices import Option
from stctl.traces.explain.core_calls import CallKind
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.wording import price_of_words

if TYPE_CHECKING:
    from stctl.traces.explain.facts import RecordedFacts

_FIRST_ERROR: Final = 400
_UNAUTHORISED: Final = 401
_SERVER_ERROR: Final = 500
_SLIGHT: Final = 0.5
_FAILED: Final = HandlerFailed(message="")
_DEFAULTS: Final = frozenset(DEFAULT_MESSAGES.values())
_ALLOWED: Final = frozenset({"message", "claimValidationErrors"})
_DUPLICATES: Final = "the request contains multiple session cookies"


def is_overridden(facts: "RecordedFacts", handler: HandlerName) -> Answer[bool]:
    """Whether the answer is one that the default handler would not have written."""
    if not facts.evidence.shows_body:
        return facts.choices.inferred([Option(False), Option(True, plausibility.COMMON)])
    imitates = _price_of_imitation(facts.evidence)
    if looks_default(facts, handler):
        return facts.choices.inferred([Option(False), Option(True, plausibility.RARE + imitates)])
    return facts.choices.inferred([Option(True, imitates), Option(False, _SLIGHT)])


def _price_of_imitation(evidence: Evidence) -> float:
    """What it takes to believe that a handler of the app wrote a default answer to the letter.

    It is part of the question whether there is such a handler, so that unlikely walks end early.
    With a status from 500 on the handler may as well have failed.
    """
    writes = evidence.status < _SERVER_ERROR and writes_default(evidence)
    return plausibility.VERY_RARE if writes else plausibility.EXPECTED


def looks_default(facts: "RecordedFacts", handler: HandlerName) -> bool:
    """Whether the answer's body is the default handler's."""
    if handler is HandlerName.ON_CLEAR_DUPLICATE_SESSION_COOKIES:
        return _DUPLICATES in facts.evidence.words
    return facts.evidence.members.get("message") == DEFAULT_MESSAGES[handler]


def writes_default(evidence: Evidence) -> bool:
    """Whether an answer is, to the letter, one of a default handler."""
    if evidence.members.get("message") in _DEFAULTS and _ALLOWED.issuperset(evidence.members):
        return True
    return _DUPLICATES in evidence.words


def custom_handler(facts: "RecordedFacts", question: CustomHandler) -> Answer[HandlerEnd]:
    """What the app's own handler did with an error."""
    if facts.handler_end is not None:
        return facts.choices.observed(facts.handler_end)
    options: list[Option[HandlerEnd]] = []
    response = facts.evidence.response
    if facts.evidence.is_unseen:
        response = question.response
    if response is not None:
        revoked = facts.pending.take(CallKind.REMOVE) is not None
        answered = HandlerAnswered(response=response, revoked_session=revoked)
        options.append(Option(answered, _price_of_answer(facts, question)))
    if response is None or facts.evidence.status >= _SERVER_ERROR:
        known = facts.book.notes.failing_handlers > 0
        options.append(Option(_FAILED, _SLIGHT if known else plausibility.UNUSUAL))
    answer = facts.choices.inferred(options)
    facts.handler_end = answer.value
    return answer


def _price_of_answer(facts: "RecordedFacts", question: CustomHandler) -> float:
    evidence = facts.evidence
    if evidence.is_unseen:
        return plausibility.EXPECTED
    if evidence.response is None or evidence.is_framework_error or evidence.is_proxy_error:
        return plausibility.VERY_RARE
    price = _missing_marks(facts, question)
    if writes_default(evidence):
        late = evidence.status >= _SERVER_ERROR
        return price + (plausibility.VERY_RARE if late else plausibility.EXPECTED)
    known = facts.book.notes.answers.get(evidence.response.body)
    if known is not None:
        return price + (0.0 if known is question.handler else plausibility.RARE)
    if evidence.response.body in facts.book.notes.own_answers:
        price += plausibility.RARE
    if question.failure.message and question.failure.message.lower() in evidence.words:
        return price
    price += _price_of_status(facts, question)
    return price + price_of_words(evidence.words, ErrorName(question.failure.error))


def _price_of_status(facts: "RecordedFacts", question: CustomHandler) -> float:
    """Handlers seldom answer as if all were well, as if they had failed, or as another would."""
    status, price = facts.evidence.status, plausibility.EXPECTED
    fine = status < _FIRST_ERROR and not _may_be_fine(question.handler)
    if fine or status >= _SERVER_ERROR:
        price += plausibility.UNCOMMON
    if status in _usual_status_of_others(facts, question):
        price += plausibility.UNCOMMON
    return price


def _usual_status_of_others(facts: "RecordedFacts", question: CustomHandler) -> set[int]:
    """The status that says something else by default: a claim refused, a session expired."""
    if question.handler is HandlerName.ON_INVALID_CLAIM:
        return {facts.app.session_expired_status, _UNAUTHORISED}
    return {facts.app.invalid_claim_status}


def _may_be_fine(handler: HandlerName) -> bool:
    return handler is HandlerName.ON_CLEAR_DUPLICATE_SESSION_COOKIES


def _missing_marks(facts: "RecordedFacts", question: CustomHandler) -> float:
    """What the recipe set or cleared before the handler ran stays on the answer."""
    if not facts.evidence.shows_headers:
        return plausibility.EXPECTED
    before = read_marks(question.response.headers)
    marks = facts.evidence.marks
    wanted = {*before.cleared} | {*before.set}
    missing = wanted - {*marks.cleared} - {*marks.set}
    return min(len(missing) * plausibility.UNCOMMON, plausibility.VERY_RARE)


def app_error_handler(facts: "RecordedFacts") -> Answer[HandlerEnd | None]:
    """Whether the app's own error handler wrote the answer, or the framework did."""
    response = facts.evidence.response
    if response is None or facts.evidence.is_framework_error:
        # Of an answer that was not recorded nothing says that the app wrote it.
        return facts.choices.observed(None)
    price = plausibility.COMMON
    known = facts.book.notes.answers.get(response.body)
    if writes_default(facts.evidence):
        price = plausibility.VERY_RARE
    elif known is HandlerName.APP_ERROR_HANDLER:
        price = plausibility.EXPECTED
    elif known is not None:
        price = plausibility.UNUSUAL
    elif response.status < _SERVER_ERROR:
        price = plausibility.RARE if response.status >= _FIRST_ERROR else plausibility.CONTRADICTION
    options: list[Option[HandlerEnd | None]] = [
        Option(HandlerAnswered(response=response), price),
        Option(None, plausibility.VERY_RARE),
    ]
    return facts.choices.inferred(options)
