"""What a recording lacks, so that nobody takes its silence for an answer."""

from collections.abc import Iterator
from typing import ClassVar, Final

from stctl.traces.diagnose.model import Finding, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.sight import Sight
from stctl.traces.explain.explanation import Explanation


class HeadersLeftOut(Rule):
    """Cookies and authorization are not in the recording."""

    info: ClassVar = RuleInfo(
        id="ST-122",
        name="recording-without-cookies",
        severity=Severity.INFO,
        title="cookies and authorization were taken out of the recording",
        cause="Browsers leave Cookie, Set-Cookie and Authorization out of a HAR unless they are "
        "told otherwise (Chrome calls it sanitized), and other tools put a mask in their place. "
        "Which tokens were sent is concluded from the answers then, and lineage and replay have "
        "little to go by.",
        fix="Export it with sensitive data (in Chrome a setting of the developer tools allows "
        "it), which stctl masks wherever it shows them. Or record with `stctl record`, which "
        "writes stand-ins in place of secrets.",
        link="https://developer.chrome.com/docs/devtools/network/reference",
        example="A refresh is answered with a new front-token, and neither its request nor its "
        "answer holds a cookie.",
    )

    def __init__(self) -> None:
        self._is_told = False

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        """Fires once, on the first request that shows headers, but not all of them."""
        del sight
        if self._is_told:
            return
        if told.evidence.hides_tokens:
            self._is_told = True
            detail = "Which tokens were sent is inferred: the recording does not show them."
            yield self.finding(detail, proof(told, "request headers", "no cookie, no token"))


RULES: Final = (HeadersLeftOut,)
