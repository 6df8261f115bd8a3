"""What a rule is."""

from abc import ABC
from collections.abc import Iterable
from typing import ClassVar

from stctl.traces.diagnose.model import MOST_PROOFS, Finding, Proof, RuleInfo
from stctl.traces.diagnose.sight import Sight
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.story import Told
from stctl.traces.link import LoneCall
from stctl.traces.model import LogEvent


class Rule(ABC):
    """Looks for one thing, in one trace: an object is made for each trace.

    What an object remembers must not grow with the trace. A rule that fires for the same reason
    again and again may say so each time: equal findings are put together and counted. Odd but
    legal traffic raises nothing: a rule that is not sure is silent.
    """

    info: ClassVar[RuleInfo]

    def see(self, told: Told, sight: Sight) -> Iterable[Finding]:
        """What one item of the trace shows; `sight` knows what came before it."""
        match told:
            case Explanation():
                return self.of_request(told, sight)
            case LoneCall():
                return self.of_call(told, sight)
            case LogEvent():
                return self.of_event(told, sight)
            case _:
                return ()

    def of_request(self, told: Explanation, sight: Sight) -> Iterable[Finding]:
        """What one request of a client shows, with the calls to the core that it led to."""
        del told, sight
        return ()

    def of_call(self, call: LoneCall, sight: Sight) -> Iterable[Finding]:
        """What a call to the core shows whose request is not in the trace."""
        del call, sight
        return ()

    def of_event(self, event: LogEvent, sight: Sight) -> Iterable[Finding]:
        """What a line of a debug log shows."""
        del event, sight
        return ()

    def end(self, sight: Sight) -> Iterable[Finding]:
        """What can be said only once the whole trace was seen."""
        del sight
        return ()

    def finding(self, detail: str, *proofs: Proof, subject: str = "", count: int = 1) -> Finding:
        """Make a finding of this rule."""
        return Finding(
            rule=self.info,
            detail=detail,
            proofs=proofs[:MOST_PROOFS],
            subject=subject,
            count=count,
        )
