"""What happened in a performance, as a trace in the form HAR 1.2.

Beside the standard members an entry has `_peer`, `_initiator` and, where an answer did not arrive,
`_connection`, as stctl's readers know them. Every case is a page.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from stctl.exchange import Exchange
from stctl.jsontypes import JsonValue
from stctl.scenarios.core_link import CoreCall
from stctl.scenarios.results import Asked, CaseResult, ScenarioResult
from stctl.scenarios.stage import Target
from stctl.traces.har import Members, har_exchange
from stctl.traces.model import Peer
from stctl.traces.recording import iso_time

API_DOMAIN: Final = "http://localhost:3001"
_CORE: Final = "http://localhost:3567"
_LOST: Final = "the answer was lost on the way to the browser"
_BROKEN: Final = "the backend closed the connection without an answer"

_PAUSE_MS: Final = 200


def har_text(results: Sequence[ScenarioResult], target: Target) -> str:
    """Return the file, tokens in full.

    Of a real app it holds what was sent to that app alone: what stctl asked its core would be
    taken for calls of the backend.
    """
    core = target.name if target.app is None and target.name.startswith("http") else _CORE
    book = _Book(core, None if target.app is None else target.name)
    for result in results:
        for case in result.cases:
            if case.steps:
                book.write(f"{result.scenario.name}/{case.case.name}", case)
    from stctl import __version__

    document = {
        "log": {
            "version": "1.2",
            "creator": {"name": "stctl simulate", "version": __version__},
            "pages": book.pages,
            "entries": book.entries,
        }
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


class _Book:
    """The entries so far; the place of an entry is its number.

    The clock of a rehearsal stands still while things happen. In the trace they happen one after
    the other, a millisecond each, with a pause after each step: their times tell what was caused by
    what.
    """

    def __init__(self, core: str, app: str | None) -> None:
        self._core = core
        self._app = app
        self._last_ms = 0
        self.pages: list[JsonValue] = []
        self.entries: list[JsonValue] = []

    def write(self, page: str, case: CaseResult) -> None:
        """Write one case down."""
        started_at_ms = self._after(next(_times(case), 0))
        self.pages.append(
            {
                "id": page,
                "title": case.case.doc,
                "startedDateTime": iso_time(started_at_ms),
                "pageTimings": {},
            }
        )
        for step in case.steps:
            calls = step.calls if step.asked is None else step.asked.calls
            initiator = None
            if step.asked is not None:
                initiator = len(self.entries)
                at_ms = self._after(step.asked.started_at_ms)
                entry = _asked(step.asked, at_ms, len(calls) + 1, self._app)
                self.entries.append({"pageref": page, **entry})
            for call in () if self._app else calls:
                if call.exchange is not None:
                    at_ms = self._after(call.exchange.started_at_ms)
                    entry = self._call(call, call.exchange, initiator, at_ms)
                    self.entries.append({"pageref": page, **entry})
            self._last_ms += _PAUSE_MS

    def _after(self, at_ms: int) -> int:
        self._last_ms = max(at_ms, self._last_ms + 1)
        return self._last_ms

    def _call(
        self, call: CoreCall, exchange: Exchange, initiator: int | None, at_ms: int
    ) -> Members:
        return {
            **_entry(replace(exchange, started_at_ms=at_ms), self._core),
            "_peer": Peer.BACKEND_CORE.value,
            "_initiator": initiator,
            **({"_connection": call.failure} if call.failure else {}),
        }


def _times(case: CaseResult) -> Iterator[int]:
    return (step.asked.started_at_ms for step in case.steps if step.asked is not None)


def _asked(asked: Asked, at_ms: int, duration_ms: int, app: str | None) -> Members:
    exchange = Exchange(
        request=asked.request,
        response=asked.response,
        started_at_ms=at_ms,
        duration_ms=duration_ms,
    )
    end: Members = {}
    if asked.response is None:
        end = {"_connection": _BROKEN}
    elif asked.reply == "lost":
        end = {"_connection": _LOST}
    if app is not None:
        # Named peers would say that every call to the core is in the trace as well.
        return {**_entry(exchange, app), **end}
    return {
        **_entry(exchange, API_DOMAIN),
        "_peer": Peer.BROWSER_BACKEND.value,
        "_initiator": None,
        **end,
    }


def _entry(exchange: Exchange, address: str) -> Members:
    from urllib.parse import quote, urlencode

    request = exchange.request
    query = f"?{urlencode([*request.query])}" if request.query else ""
    headers = (("host", address.partition("://")[2]), *request.headers)
    sent = replace(exchange, request=replace(request, headers=headers))
    return har_exchange(sent, address + quote(request.path, safe="/%") + query)
