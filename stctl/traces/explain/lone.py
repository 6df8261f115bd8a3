"""Calls to a core whose requests were not recorded: what they tell of the backend all the same."""

from typing import Final

from stctl.exchange import Exchange, Request
from stctl.recipe.config import AppConfig
from stctl.traces.explain.core_calls import CallKind, read_call
from stctl.traces.explain.evidence import Evidence
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.model import Entry, Gap

_TELLING: Final = frozenset({CallKind.VERIFY, CallKind.REFRESH, CallKind.CREATE})


def ends_theft(call: Entry, after: Entry) -> bool:
    """Whether a call removes the session that the one before it reported as stolen."""
    refresh, removal = read_call(call), read_call(after)
    if refresh.core_status != "TOKEN_THEFT_DETECTED" or removal.kind is not CallKind.REMOVE:
        return False
    session, handles = refresh.answer.get("session"), removal.sent.get("sessionHandles")
    handle = session.get("handle") if isinstance(session, dict) else None
    return isinstance(handles, list) and handle in handles


def evidence_of_lone(call: Entry, after: Entry | None, known: KnownApp) -> Evidence | None:
    """The request that must have led to a call, with nothing known of it but that call.

    `after` is the next call: the removal of a session whose refresh token was stolen belongs to
    the refresh. None for a call that no step of the session recipe begins with.
    """
    read = read_call(call)
    if read.kind not in _TELLING:
        return None
    calls = [read]
    if after is not None and ends_theft(call, after):
        calls.append(read_call(after))
    base = known.api_base_path
    if base is None:
        base = AppConfig().api_base_path
    is_refresh = read.kind is CallKind.REFRESH
    path = f"{base}/session/refresh" if is_refresh else "(not recorded)"
    method = "GET" if read.kind is CallKind.VERIFY else "POST"
    exchange = Exchange(
        request=Request(method=method, path=path),
        response=None,
        started_at_ms=call.started_at_ms,
        duration_ms=call.exchange.duration_ms,
    )
    entry = Entry(
        index=call.index,
        position=call.position,
        exchange=exchange,
        url=path,
        scheme="http",
        port=80,
        gaps=frozenset(Gap),
    )
    return Evidence(entry=entry, calls=tuple(calls), core_recorded=True)
