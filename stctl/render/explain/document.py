"""Explanations as data: schema `stctl.explain/1`."""

from enum import Enum
from typing import Final

from stctl.jsontypes import JsonValue
from stctl.recipe.frontend import NextAction
from stctl.redact import mask_text
from stctl.traces.explain.core_calls import CoreCall
from stctl.traces.explain.explanation import Alternative, Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.tally import Tally
from stctl.traces.recording import iso_time
from stctl.traces.secrets import secrets_of

SCHEMA: Final = "stctl.explain/1"

Members = dict[str, JsonValue]


def entry_document(told: Explanation, *, reveal: bool) -> Members:
    """One explained request."""
    entry, answered, firing = told.evidence.entry, told.answered, told.answered.firing
    hide = _Veil(told, reveal=reveal)
    document: Members = {
        "index": told.index,
        "position": entry.position,
        "started_at": iso_time(entry.started_at_ms) if entry.started_at_ms else None,
        "request": f"{entry.exchange.request.method} {hide(entry.exchange.request.path)}".strip(),
        "step": answered.step.value,
        "reached": told.reach.value,
        "error": _name(told.error),
        "error_message": hide(told.error_message),
        "handler": _name(firing.handler),
        "handler_kind": firing.kind,
        "status": told.evidence.status,
        "clears_session": told.evidence.marks.clears_session,
        "cleared": list(told.evidence.marks.cleared),
        "set": list(told.evidence.marks.set),
        "core_calls": [_call(call, hide) for call in told.core_calls],
        "handler_side_effect": firing.side_effect,
        "frontend_state_before": _name(told.state_before),
        "next_frontend_action": _action(told.next),
        "reasons": [
            {
                "name": reason.name,
                "question": hide(reason.wording),
                "answer": hide(reason.answer),
                "source": reason.source.value,
            }
            for reason in told.reasons
        ],
        "why_not": {error.value: hide(because) for error, because in told.why_not.items()},
        "alternatives": [_alternative(other, hide) for other in told.alternatives],
    }
    if firing.failed is not None:
        document |= {
            "handler_failed": True,
            "handlers_fired": firing.runs,
            "final_handler": _name(firing.final_handler),
            "final_handler_kind": firing.final_kind,
        }
    if entry.connection is not None:
        document["connection"] = entry.connection
    return document


def _name(value: Enum | None) -> str | None:
    """The plain text behind a name, which every writer of documents can take."""
    return None if value is None else str(value.value)


class _Veil:
    """Masks the secrets of one exchange in whatever is said of it."""

    def __init__(self, told: Explanation, *, reveal: bool) -> None:
        self._secrets = frozenset[str]() if reveal else secrets_of(told.evidence.entry)
        self._reveal = reveal

    def __call__(self, text: str | None) -> str | None:
        if text is None or self._reveal:
            return text
        return mask_text(text, self._secrets)


def _call(call: CoreCall, hide: _Veil) -> Members:
    document: Members = {
        "index": call.index,
        "method": call.method,
        "path": hide(call.path),
        "status": call.status,
        "core_status": call.core_status,
        "source": call.source.value,
    }
    if call.failure is not None:
        document["failure"] = call.failure
    return document


def _action(action: NextAction | None) -> Members | None:
    if action is None:
        return None
    return {
        "action": action.action.value,
        "events": list(action.events),
        "local_session_after": action.local_session_after.value,
        "detail": action.detail,
    }


def _alternative(other: Alternative, hide: _Veil) -> Members:
    return {
        "error": _name(other.error),
        "handler": _name(other.handler),
        "handler_kind": other.handler_kind,
        "because": hide(other.because),
    }


def tally_document(tally: Tally) -> Members:
    """What a whole trace came to."""
    return {
        "requests": tally.requests,
        "errors": {error.value: count for error, count in tally.errors.items()},
        "own_refusals": tally.own_refusals,
        "doubtful": tally.doubtful,
        "handlers": {handler.value: kind for handler, kind in tally.handlers.items()},
    }


def app_document(known: KnownApp) -> Members:
    """What is known of the app, as it was told."""
    sdk = known.sdk
    document: Members = {
        "sdk": sdk.name if sdk else None,
        "sdk_version": sdk.text if sdk else None,
        "framework": known.framework,
        "api_domain": known.api_domain,
        "website_domain": known.website_domain,
        "api_base_path": known.api_base_path,
        "anti_csrf": None if known.anti_csrf is None else str(known.anti_csrf),
        "session_expired_status_code": known.session_expired_status_code,
        "frontend_session_expired_status_code": known.frontend_session_expired_status_code,
        "invalid_claim_status_code": known.invalid_claim_status_code,
        "cookie_domain": known.cookie_domain,
        "older_cookie_domain": known.older_cookie_domain,
        "get_token_transfer_method": known.get_token_transfer_method,
        "use_dynamic_access_token_signing_key": known.use_dynamic_access_token_signing_key,
    }
    return {name: value for name, value in document.items() if value is not None}
