"""Attempts on a core's host that is down, while another one answers.

Source: SDKs, behaviour notes 5.2: hosts are taken in turn, and a refused connection leaves no entry
in a trace. A process that has just settled the version over one host, and then finds no core, has
more than one host, the first of which is down; from then on every call that lands there first is
tried twice.
"""

from dataclasses import replace
from typing import Final

from stctl.recipe.walk import Source
from stctl.traces.explain.core_calls import CallKind, CoreCall
from stctl.traces.explain.evidence import Evidence

_NOT_IN_TURN: Final = frozenset({CallKind.KEYS, CallKind.VERSION})
_REFUSED: Final = "connection refused"


class HostRota:
    """Follows whose turn it is, once a host is known to be down."""

    def __init__(self) -> None:
        self._knows = False
        self._down_is_next = False

    def attempts(self, evidence: Evidence, concluded: tuple[CoreCall, ...]) -> tuple[CoreCall, ...]:
        """The attempts that must have been made for a request and are not recorded."""
        settled = any(call.kind is CallKind.VERSION and call.answer for call in evidence.calls)
        refused = [call for call in concluded if call.failure == _REFUSED]
        if settled and refused and len(evidence.calls) == 1:
            self._knows, self._down_is_next = True, False
            return (*concluded, refused[-1])
        if not self._knows:
            return concluded
        return (*concluded, *self._refusals(evidence))

    def _refusals(self, evidence: Evidence) -> list[CoreCall]:
        found: list[CoreCall] = []
        for call in evidence.calls:
            if call.kind in _NOT_IN_TURN:
                continue
            if self._down_is_next:
                found.append(_refused(call))
            self._down_is_next = True
        return found


def _refused(call: CoreCall) -> CoreCall:
    return replace(
        call,
        index=None,
        status=None,
        answer={},
        text="",
        failure=_REFUSED,
        source=Source.INFERRED,
    )
