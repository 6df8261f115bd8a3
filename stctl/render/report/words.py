"""What a report says in plain words: the headline, the story, the verdict on one request."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from stctl.recipe.arrival import Reach
from stctl.recipe.failures import ErrorName, HandlerName
from stctl.recipe.step_end import StepName
from stctl.render.explain.words import ACTIONS, KINDS
from stctl.render.wording import count_of, listed, sentence_case
from stctl.traces.casefile.case import CaseFile
from stctl.traces.casefile.step import Step
from stctl.traces.diagnose.model import Severity

_SECOND_MS: Final = 1000
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86400
_MOST_MOMENTS: Final = 8
_FIRST_ERROR: Final = 400

_HEADLINES: Final[Mapping[ErrorName, str]] = {
    ErrorName.TOKEN_THEFT_DETECTED: "A refresh token was used again after it had been replaced",
    ErrorName.GENERAL_ERROR: "The backend ran into an error of its own",
    ErrorName.UNAUTHORISED: "Requests came without a session that counts",
    ErrorName.INVALID_CLAIMS: "The session is good, but a claim was not fulfilled",
    ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES: "Two session cookies of one name were in the way",
    ErrorName.TRY_REFRESH_TOKEN: "Access tokens could not be used and had to be refreshed",
}
"""By the worst error of a trace, worst first."""
_PHRASES: Final[Mapping[ErrorName, str]] = {
    ErrorName.TOKEN_THEFT_DETECTED: "a refresh token came that had already been replaced",
    ErrorName.GENERAL_ERROR: "something unforeseen happened",
    ErrorName.UNAUTHORISED: "there was no session, or it had ended",
    ErrorName.INVALID_CLAIMS: "a claim validator said no",
    ErrorName.CLEAR_DUPLICATE_SESSION_COOKIES: "two cookies of one name came",
    ErrorName.TRY_REFRESH_TOKEN: "the access token could not be used",
}
_FIRST_VISIT: Final = "no refresh token came, as on every first visit"
_STEPS: Final[Mapping[StepName, str]] = {
    StepName.CREATE: "a session was created",
    StepName.REFRESH: "the tokens were refreshed",
    StepName.SIGN_OUT: "the session was ended by signing out",
    StepName.VERIFY: "the session was accepted",
    StepName.NONE: "the app answered without asking for a session",
}
_REACHES: Final[Mapping[Reach, str]] = {
    Reach.NO_ROUTE: "the app has no such route",
    Reach.GATEWAY: "something in front of the backend answered",
    Reach.PREFLIGHT: "the CORS layer answered a preflight",
    Reach.ELSEWHERE: "it went to another server",
}


class Moment(NamedTuple):
    """A sentence of the story, with the requests that it is about."""

    steps: tuple[Step, ...]
    text: str


def headline(case: CaseFile) -> str:
    """What a trace is about, in one line: the worst finding, else the worst error."""
    findings = case.diagnosis.findings
    if findings and findings[0].rule.severity is not Severity.INFO:
        return sentence_case(findings[0].rule.title)
    for error, text in _HEADLINES.items():
        if case.tally.errors[error] and not _is_first_visit_alone(case, error):
            return _general(case) if error is ErrorName.GENERAL_ERROR else text
    if case.tally.own_refusals:
        return "The app itself refused requests; the sessions had nothing to do with it"
    if case.tally.errors:
        return "A browser without a session looked for one"
    if findings:
        return sentence_case(findings[0].rule.title)
    return "Nothing went wrong" if case.tally.requests else "There is no request in the trace"


def _general(case: CaseFile) -> str:
    """Whose failure was behind GENERAL_ERROR."""
    failed = [step for step in case.steps if step.error is ErrorName.GENERAL_ERROR]
    calls = [call for step in failed for call in step.calls]
    if any(call.status is None for call in calls):
        return "The backend could not reach its core"
    if any(call.status is not None and call.status >= _FIRST_ERROR for call in calls):
        return "The core answered the backend with errors"
    return _HEADLINES[ErrorName.GENERAL_ERROR]


def counts(case: CaseFile) -> str:
    """How many requests there were, over how long, and what came of them."""
    tally = case.tally
    text = count_of(tally.requests, "request")
    if case.ended_at_ms > case.started_at_ms:
        text += f" in {duration(case.ended_at_ms - case.started_at_ms)}"
    told = [f"{number:,} ended in {error}" for error, number in tally.errors.items()]
    if tally.own_refusals:
        told.append(f"{tally.own_refusals:,} {_were(tally.own_refusals)} refused by the app itself")
    return f"{text}; {', '.join(told)}." if told else f"{text}, none with an error."


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def moments(case: CaseFile) -> list[Moment]:
    """The turning points of a trace: errors first of all, then what changed a session."""
    told: dict[str, list[Step]] = {}
    for step in sorted(case.steps, key=lambda step: (_rank(step), step.ordinal)):
        text = verdict(step)
        if text in told or (_rank(step) < _LAST_RANK and len(told) < _MOST_MOMENTS):
            told.setdefault(text, []).append(step)
    found = [Moment(tuple(steps), text) for text, steps in told.items()]
    return sorted(found, key=lambda one: one.steps[0].ordinal)


_LAST_RANK: Final = 5


def is_first_visit(step: Step) -> bool:
    """Whether this is how every first visit begins: a refresh without any token, which fails."""
    is_refused = step.step is StepName.REFRESH and step.error is ErrorName.UNAUTHORISED
    return is_refused and not step.calls


def _is_first_visit_alone(case: CaseFile, error: ErrorName) -> bool:
    found = [step for step in case.steps if step.error is error]
    return bool(found) and all(is_first_visit(step) for step in found)


def _rank(step: Step) -> int:
    """How early a request is told of; 0 is the first."""
    if is_first_visit(step):
        return _LAST_RANK - 1
    if step.error is not None:
        return 0 if step.error is ErrorName.TOKEN_THEFT_DETECTED else 1
    if step.is_own_refusal:
        return 2
    changes = {StepName.CREATE: 3, StepName.REFRESH: 4, StepName.SIGN_OUT: 4}
    return changes.get(step.step, _LAST_RANK) if step.reach is Reach.SDK else _LAST_RANK


def verdict(step: Step) -> str:
    """What became of one request, in a sentence or two."""
    if step.error is None:
        return _sentence(f"{_without_error(step)}{_answered(step)}")
    # What the SDK says of a theft adds nothing to its name, and some messages are the name.
    tells = step.error_message and step.error not in {
        ErrorName.TOKEN_THEFT_DETECTED,
        step.error_message,
    }
    because = f" ({step.error_message.rstrip('.')})" if tells else ""
    phrase = _FIRST_VISIT if is_first_visit(step) else f"{_PHRASES[step.error]}{because}"
    return _sentence(f"{phrase}, so the SDK raised {step.error}. {_fired(step)}")


def _without_error(step: Step) -> str:
    if step.reach is not Reach.SDK:
        return _REACHES[step.reach]
    if step.is_own_refusal:
        return "the app itself refused; no handler of the SDK fired"
    return _STEPS[step.step]


def _answered(step: Step) -> str:
    if step.status:
        return f" ({step.status})"
    return "" if step.is_unseen else f" ({step.connection or 'no answer'})"


def _fired(step: Step) -> str:
    firing = step.firing
    if firing.handler is None:
        return f"Nobody handled it{_answered(step)}"
    if firing.failed is not None:
        final = firing.final_handler or "nobody"
        return f"{_who(step)} failed, so {final} answered{_answered(step)}"
    done = ["answered" if not step.status else f"answered {step.status}"]
    if step.clears_session:
        done.append("cleared the tokens")
    if firing.side_effect:
        done.append("revoked the session at the core")
    return f"{_who(step)} {listed(done)}"


def _who(step: Step) -> str:
    match step.firing.handler:
        case HandlerName.FRAMEWORK_ERROR_RESPONSE:
            return "No handler of the SDK is for that: the framework"
        case HandlerName.APP_ERROR_HANDLER:
            return "The app's own error handler"
        case handler:
            return f"{handler}, {KINDS[step.firing.kind]},"


def browser_next(step: Step) -> str:
    """What the frontend SDK does with the answer; empty where that is not known."""
    return f"The browser {ACTIONS[step.next.action]}" if step.next else ""


def in_the_end(case: CaseFile) -> str:
    """What the browser did about the worst that happened; empty where that is not known."""
    told = [step for step in case.steps if step.is_trouble and step.next is not None]
    worst = min(told, key=lambda step: (_rank(step), -step.ordinal), default=None)
    return browser_next(worst) if worst else ""


def affected(case: CaseFile) -> Iterator[tuple[str, str]]:
    """Users and sessions that ran into an error, or all of them where none did."""
    hit = [one for one in case.affected if one.errors] or list(case.affected)
    for one in hit:
        yield one.session.user_id, one.session.handle


def duration(span_ms: float) -> str:
    """A span of time for people, with about three figures.

    >>> duration(12), duration(1234), duration(75_000), duration(7_260_000), duration(200_000_000)
    ('12 ms', '1.23 s', '1 min 15 s', '2 h 1 min', '2 d 7 h')
    """
    if span_ms < _SECOND_MS:
        return f"{span_ms:.0f} ms"
    seconds = span_ms / _SECOND_MS
    if seconds < _MINUTE_S:
        return f"{seconds:.3g} s"
    for limit, large, unit, small, part in (
        (_HOUR_S, _MINUTE_S, "min", 1, "s"),
        (_DAY_S, _HOUR_S, "h", _MINUTE_S, "min"),
    ):
        if seconds < limit:
            return _two_units(seconds, large, unit, small, part)
    return _two_units(seconds, _DAY_S, "d", _HOUR_S, "h")


def _two_units(seconds: float, large: int, unit: str, small: int, part: str) -> str:
    rest = int(seconds % large // small)
    return f"{int(seconds // large)} {unit}" + (f" {rest} {part}" if rest else "")


def _sentence(text: str) -> str:
    return f"{sentence_case(text)}."
