"""What rules about the core share: a look at every call to it, whoever made it."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import replace

from stctl.traces.diagnose.model import Finding, Proof
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.sight import Sight
from stctl.traces.explain.core_calls import CoreCall, read_call
from stctl.traces.explain.explanation import Explanation
from stctl.traces.link import LoneCall

Caller = Explanation | LoneCall
"""Where a call to the core is told of: with its request, or alone."""


class CallRule(Rule):
    """A rule that looks at calls to the core, with or without the request that led to them."""

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Looks at each call that the request led to and that was recorded."""
        for call in told.evidence.calls:
            yield from self.of_core_call(call, told, sight)

    def of_call(self, call: LoneCall, sight: Sight) -> Iterable[Finding]:
        """Looks at a call without its request."""
        return self.of_core_call(read_call(call.entry), call, sight)

    @abstractmethod
    def of_core_call(self, call: CoreCall, caller: Caller, sight: Sight) -> Iterable[Finding]:
        """What one call shows."""


def call_proof(call: CoreCall, caller: Caller, shows: str) -> Proof:
    """A call to the core as the place; where it was only concluded, the request that led to it."""
    field = "call to the core"
    made = proof(caller, field, shows)
    if call.index is None or isinstance(caller, LoneCall):
        return made
    return replace(made, entry=call.index, position=None, request=f"{call.method} {call.path}")


def first_line(text: str) -> str:
    """The first line of a core's answer in text, at most 200 characters of it."""
    return text.strip().partition("\n")[0][:200]
