"""Trouble between backend and core: recorded on the way to a call, or concluded from its lack."""

from typing import TYPE_CHECKING, Final

from stctl.recipe.core_replies import CoreTrouble
from stctl.traces.explain import core_calls, plausibility
from stctl.traces.explain.choices import Option
from stctl.traces.explain.core_calls import CallKind

if TYPE_CHECKING:
    from stctl.traces.explain.facts import RecordedFacts

_SLIGHT: Final = 0.5
_UNAUTHORISED: Final = 401
_OK: Final = 200
_FAILED: Final = 500


def version_trouble(facts: "RecordedFacts") -> CoreTrouble | None:
    """Trouble in the negotiation of the interface version, which comes before a first call."""
    for call in facts.pending.take_all(CallKind.VERSION):
        if call.status == _OK and not call.is_told:
            continue
        versions = call.answer.get("versions")
        if isinstance(versions, list):
            if facts.app.profile.cdi in versions:
                continue
            return CoreTrouble(kind="version", method=call.method, path=call.path)
        return core_calls.trouble_of(call)
    return None


def trouble_options(facts: "RecordedFacts", method: str, path: str) -> list[Option[CoreTrouble]]:
    """Every trouble that a call which is not recorded can have met.

    Where calls to the core would be recorded, a refused connection is the one that leaves no trace.
    """
    earlier = version_trouble(facts)
    if earlier is not None:
        return [Option(earlier, plausibility.EXPECTED)]
    refused = Option(core_calls.refused(method, path), _price_of_refused(facts))
    if facts.evidence.core_recorded:
        if facts.evidence.of_kind(CallKind.VERSION):
            no_version = CoreTrouble(kind="version", method="GET", path="/apiversion")
            return [refused, Option(no_version, plausibility.COMMON + _SLIGHT)]
        return [refused]
    return [
        Option(refused.value, plausibility.UNCOMMON),
        Option(_status(method, path, _FAILED), plausibility.UNCOMMON + _SLIGHT),
        Option(_status(method, path, _UNAUTHORISED), plausibility.UNUSUAL),
        Option(CoreTrouble(kind="unusable", method=method, path=path), plausibility.RARE),
    ]


def _price_of_refused(facts: "RecordedFacts") -> float:
    """A core that answered a moment ago is seldom gone."""
    answered = any(
        call.status is not None and call.kind not in {CallKind.VERSION, CallKind.KEYS}
        for call in facts.evidence.calls
    )
    if answered:
        return plausibility.RARE
    return plausibility.EXPECTED if facts.book.is_outage else plausibility.COMMON


def _status(method: str, path: str, status: int) -> CoreTrouble:
    return CoreTrouble(kind="status", method=method, path=path, status=status)
