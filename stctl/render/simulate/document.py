"""A performance as data. The words are those of recorded and explained traces."""

from collections.abc import Iterator, Mapping

from stctl.jsontypes import JsonObject, JsonValue
from stctl.recipe.frontend import NextAction
from stctl.recipe.handlers import Firing
from stctl.redact import mask, mask_text
from stctl.render.simulate.setting import knows_sdk
from stctl.render.simulate.words import doer, done
from stctl.scenarios.core_link import CoreCall
from stctl.scenarios.generations import Generation
from stctl.scenarios.model import Case, Expectation, Scenario
from stctl.scenarios.play import Performance
from stctl.scenarios.results import Asked, Carried, CaseResult, StepResult


def document(performance: Performance) -> JsonObject:
    """The whole performance; plays it if that has not been done.

    Cases and steps stand in two flat lists; a step names its scenario and case.
    """
    wishes, results = performance.wishes, performance.results
    return {
        "as_promised": performance.is_as_promised,
        "target": performance.target.name,
        "core": performance.target.core_name,
        "cdi": wishes.cdi,
        "sdk": wishes.profile.sdk if knows_sdk(performance) else None,
        "sdk_version": wishes.profile.version if knows_sdk(performance) else None,
        "handlers": wishes.overrides.source or None,
        "cases": [
            _case(result.scenario, case, performance) for result in results for case in result.cases
        ],
        "steps": [dict(row) for row in rows(performance)],
    }


def rows(performance: Performance) -> Iterator[JsonObject]:
    """Every step, with the names of its scenario and case."""
    for result in performance.results:
        for case in result.cases:
            for step in case.steps:
                yield {
                    "scenario": result.scenario.name,
                    "case": case.case.name,
                    **_step(step),
                }


def _case(scenario: Scenario, result: CaseResult, performance: Performance) -> JsonValue:
    case, wishes = result.case, performance.wishes
    parameters: dict[str, JsonValue] = {one.name: one.value for one in scenario.parameters}
    return {
        "scenario": scenario.name,
        "name": case.name,
        "doc": case.doc,
        "outcome": result.outcome,
        "reason": None if result.reason is None else mask_text(result.reason),
        "anti_csrf": str(wishes.app_for(case.needs).anti_csrf_mode),
        "transfer": wishes.place_for(case.needs),
        "settings": _settings(wishes.settings_for(case.needs)),
        "promise": _promise(case),
        "parameters": parameters,
        "refresh_tokens": [_generation(generation) for generation in result.generations],
    }


def _settings(settings: Mapping[str, str]) -> JsonValue:
    """The core's settings, keys and secrets masked."""
    from stctl.core.settings.table import BY_NAME

    secret = {name for name, row in BY_NAME.items() if row.secret}
    return {name: mask(value) if name in secret else value for name, value in settings.items()}


def _promise(case: Case) -> JsonValue:
    expected = case.promise.expect or Expectation()
    return {
        "step": case.promise.name,
        "error": expected.error,
        "handler": expected.handler,
        "status": expected.status,
        "clears_session": expected.clears_session,
        "handler_side_effect": expected.side_effect,
        "reuse": expected.reuse,
    }


def _generation(generation: Generation) -> JsonValue:
    return {
        "name": generation.name,
        "hash1": generation.hash1,
        "parent": generation.parent,
        "parent_known": generation.proof,
        "session_handle": generation.session_handle,
        "made_in_step": generation.made_in,
        "refreshed": [
            {"step": use.step, "who": use.who, "outcome": use.outcome} for use in generation.uses
        ],
    }


def _step(result: StepResult) -> JsonObject:
    head: dict[str, JsonValue] = {
        "index": result.number,
        "name": result.step.name,
        "who": doer(result.step.deed),
        "does": done(result.step.deed),
        "says": result.step.says,
    }
    if result.asked is not None:
        return {**head, **_asked(result.asked), **_verdict(result)}
    return {
        **head,
        "told": result.told,
        "waited_ms": result.waited_ms,
        "core_calls": [_call(call) for call in result.calls],
    }


def _verdict(result: StepResult) -> Mapping[str, JsonValue]:
    return {
        "as_expected": None if result.step.expect is None else not result.deviations,
        "deviations": list(result.deviations),
    }


def _asked(asked: Asked) -> Mapping[str, JsonValue]:
    answered = asked.answered
    failure, response = answered.failure, asked.response
    session = answered.session
    return {
        "request": f"{asked.request.method} {asked.request.path}",
        "reply": asked.reply,
        "carried": [_carried(carried) for carried in asked.carried],
        "step": str(answered.step),
        "error": None if failure is None else str(failure.error),
        "error_message": None if failure is None else mask_text(failure.message),
        "error_asks_to_clear": getattr(failure, "clear_tokens", None),
        **_firing(answered.firing),
        "status": None if response is None else response.status,
        "body": None if response is None else mask_text(response.body.decode("utf-8", "replace")),
        "clears_session": asked.marks.clears_session,
        "cleared": list(asked.marks.cleared),
        "set": list(asked.marks.set),
        "core_calls": [_call(call) for call in asked.calls],
        "reuse": asked.reuse,
        "session_in_core": _in_core(asked),
        "session_handle": getattr(failure, "session_handle", session.handle if session else None),
        "refresh_tokens_made": [generation.name for generation in asked.born],
        "frontend_state_before": asked.state_before,
        "next_frontend_action": _action(asked.next_action),
        "reasons": [
            {
                "question": reason.name,
                "wording": reason.wording,
                "answer": mask_text(reason.answer),
                "source": str(reason.source),
            }
            for reason in asked.reasons
        ],
        "why_not": {str(error): because for error, because in asked.why_not.items()},
        "alternatives": [
            {
                "error": other.error,
                "handler": other.handler,
                "handler_kind": other.handler_kind,
                "because": other.because,
            }
            for other in asked.alternatives
        ],
    }


def _in_core(asked: Asked) -> JsonValue:
    """Of an app: whether its core still has the session; null for the rehearsed backend."""
    return asked.in_core or "not asked" if asked.is_app else None


def _firing(firing: Firing) -> Mapping[str, JsonValue]:
    failed = firing.failed
    return {
        "handler": firing.handler,
        "handler_kind": firing.kind,
        "handler_side_effect": firing.side_effect,
        "handler_failed": failed is not None,
        "handler_failure": None if failed is None else mask_text(failed.message),
        "handler_failure_place": None if failed is None else failed.place,
        "final_handler": firing.final_handler,
        "final_handler_kind": firing.final_kind,
    }


def _carried(carried: Carried) -> JsonValue:
    return {
        "kind": carried.kind,
        "place": carried.place,
        "name": carried.name,
        "masked": mask(carried.text),
    }


def _call(call: CoreCall) -> JsonValue:
    return {
        "method": call.method,
        "path": call.path,
        "status": call.status,
        "core_status": call.core_status,
        "failure": None if call.failure is None else mask_text(call.failure),
        "played": call.played,
    }


def _action(action: NextAction | None) -> JsonValue:
    if action is None:
        return None
    return {
        "action": str(action.action),
        "events": list(action.events),
        "local_session_after": str(action.local_session_after),
        "detail": action.detail,
    }
