"""The findings of a trace: one card for each rule, with every case that it found."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from stctl.render.report.elements import Content, Html, el, prose
from stctl.render.report.place import Place
from stctl.render.wording import count_of, sentence_case
from stctl.traces.casefile.case import CaseFile
from stctl.traces.diagnose.model import Finding, Proof, RuleInfo
from stctl.traces.diagnose.threads import thread

_MOST_CASES: Final = 6


def by_rule(found: Sequence[Finding]) -> list[list[Finding]]:
    """Findings of one rule together, in the order in which they come: worst first."""
    return [list(group) for _, group in groupby(found, key=lambda one: one.rule.id)]


def findings(case: CaseFile, place: Place) -> Html:
    """What the rules of `stctl diagnose` found."""
    cards = [_card(group, case, place) for group in by_rule(case.diagnosis.findings)]
    if not cards:
        nothing = f"None: {count_of(len(case.diagnosis.rules), 'rule')} looked at the trace."
        return place.section("findings", "Findings", el("p", nothing))
    return place.section("findings", "Findings", el("ol", *cards, class_="cards"))


def _card(group: list[Finding], case: CaseFile, place: Place) -> Html:
    rule = group[0].rule
    times = sum(one.count for one in group)
    badge = el("span", rule.severity.value, class_=f"badge {rule.severity.value}")
    often = el("small", f" {times:,} times") if times > 1 else None
    return el(
        "li",
        el(f"h{place.level + 1}", badge, " ", *prose(sentence_case(rule.title)), often),
        *(piece for one in group[:_MOST_CASES] for piece in _found(one, case, place)),
        _more(len(group) - _MOST_CASES),
        el("p", el("b", "Why. "), *prose(rule.cause)),
        el("p", el("b", "What to do. "), *prose(rule.fix)),
        el("p", el("code", rule.id), f" {rule.name} ", *_links(rule), class_="dim"),
        id=f"{place.prefix}{rule.id}",
        class_=f"card {rule.severity.value}",
    )


def _found(finding: Finding, case: CaseFile, place: Place) -> Iterator[Html]:
    yield el("p", *place.linked(case, sentence_case(finding.detail)), class_="lead")
    yield el("ul", *(_proof(one, case, place) for one in finding.proofs), class_="proofs")


def _more(number: int) -> Content:
    return el("p", f"and {count_of(number, 'case')} more", class_="dim") if number > 0 else None


def _links(rule: RuleInfo) -> Iterator[Content]:
    named = [("read more", rule.link), *((one, thread(one)) for one in rule.references)]
    for place, (name, address) in enumerate(named):
        if address != rule.link or place == 0:
            yield ", " if place else None
            yield el("a", name, href=address, rel="noreferrer noopener")


def _proof(proof: Proof, case: CaseFile, place: Place) -> Html:
    reveal = case.is_revealed
    mention = place.entry(case, proof.entry) or el("span", proof.position or "", class_="entry")
    field = el("span", f"{proof.field}: ", class_="dim")
    asked = el("code", proof.asked(reveal=reveal))
    return el("li", mention, " ", asked, " ", field, proof.seen(reveal=reveal))
