"""Puts a trace before all rules, as it is read; holds no more than they remember."""

from collections.abc import Iterable, Sequence
from typing import Final

from stctl.recipe.arrival import Reach
from stctl.traces.diagnose.model import Diagnosis, Finding
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules import RULES
from stctl.traces.diagnose.sight import Sight
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.story import Told
from stctl.traces.lineage import Family

_MOST_SUBJECTS: Final = 50
"""Of one rule; what it finds beyond them is counted to its last one."""


class Diagnoser:
    """Asks every rule about item after item."""

    def __init__(self, known: KnownApp, rules: Sequence[type[Rule]] = RULES) -> None:
        self._sight = Sight(known=known)
        self._rules = [make() for make in rules]
        self._findings: dict[str, dict[str, Finding]] = {}

    def see(self, told: Told) -> None:
        """Take one item of the trace; what went to another server is no rule's business."""
        if isinstance(told, Explanation) and told.reach is Reach.ELSEWHERE:
            return
        for rule in self._rules:
            for finding in rule.see(told, self._sight):
                self._keep(finding)
        self._sight.take(told)

    def families(self) -> tuple[Family, ...]:
        """The family trees of the sessions that the rules have seen; dear, so for the end."""
        return self._sight.families()

    def end(self) -> Diagnosis:
        """What was found, once everything was seen; to be called once."""
        for rule in self._rules:
            for finding in rule.end(self._sight):
                self._keep(finding)
        every = [one for of_rule in self._findings.values() for one in of_rule.values()]
        every.sort(key=lambda one: (one.rule.severity.rank, one.rule.id))
        return Diagnosis(
            findings=tuple(every),
            requests=self._sight.requests,
            core_calls=self._sight.core_calls,
            log_events=self._sight.log_events,
            rules=tuple(rule.info for rule in self._rules),
        )

    def _keep(self, finding: Finding) -> None:
        of_rule = self._findings.setdefault(finding.rule.id, {})
        subject = finding.subject
        if subject not in of_rule and len(of_rule) >= _MOST_SUBJECTS:
            subject = next(reversed(of_rule))
        known = of_rule.get(subject)
        of_rule[subject] = finding if known is None else known.also(finding)


def diagnose(
    told: Iterable[Told], known: KnownApp, rules: Sequence[type[Rule]] = RULES
) -> Diagnosis:
    """What `rules` find in an explained trace."""
    diagnoser = Diagnoser(known, rules)
    for item in told:
        diagnoser.see(item)
    return diagnoser.end()
