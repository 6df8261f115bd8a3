"""A diagnosis and its rules on a screen."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

from stctl.render.diagnose.document import (
    RULES_SCHEMA,
    SCHEMA,
    TraceDiagnosis,
    finding_document,
    report_document,
    rule_document,
)
from stctl.render.diagnose.sarif import sarif_text
from stctl.render.view import (
    Block,
    Facts,
    Gap,
    Heading,
    Line,
    Lines,
    Note,
    Presentation,
    Span,
    Style,
    Table,
    dim,
    good,
    line,
    strong,
)
from stctl.render.wording import count_of, listed, sentence_case
from stctl.traces.diagnose.model import Diagnosis, Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.threads import thread

_MARKS: Final[Mapping[Severity, Literal["bad", "warn", "info"]]] = {
    Severity.ERROR: "bad",
    Severity.WARN: "warn",
    Severity.INFO: "info",
}
_STYLES: Final[Mapping[Severity, Style]] = {
    Severity.ERROR: "bad",
    Severity.WARN: "warn",
    Severity.INFO: "strong",
}
_WIDE: Final = 100
_NOUNS: Final = {Severity.ERROR: "error", Severity.WARN: "warning", Severity.INFO: "remark"}


def presentation(
    reports: Sequence[TraceDiagnosis], rules: Sequence[RuleInfo], *, reveal: bool
) -> Presentation:
    """Present what `rules` found; `-q` prints the ids of those that found something."""
    found = [(one.trace, finding) for one in reports for finding in one.diagnosis.findings]
    return Presentation(
        schema=SCHEMA,
        view=lambda _: _reports(reports, reveal=reveal),
        document=lambda: report_document(reports, reveal=reveal),
        rows=lambda: (
            {"trace": trace, **finding_document(finding, reveal=reveal)} for trace, finding in found
        ),
        ids=lambda: list(dict.fromkeys(finding.rule.id for _, finding in found)),
        others={"sarif": lambda: sarif_text(reports, rules, reveal=reveal)},
    )


def _reports(reports: Sequence[TraceDiagnosis], *, reveal: bool) -> Iterator[Block]:
    for report in reports:
        if len(reports) > 1:
            yield Heading(line(strong(report.trace)))
        advised: set[str] = set()
        for finding in report.diagnosis.findings:
            # Why and what to do is the same for every case of a rule: the first one tells it.
            advice = () if finding.rule.id in advised else _advice(finding.rule)
            advised.add(finding.rule.id)
            yield from _finding(finding, advice, reveal=reveal)
            yield Gap()
        yield Note(_verdict(report.diagnosis), line(*_summary(report.diagnosis)))
        yield Gap()


def _finding(
    finding: Finding, advice: Iterable[tuple[str, Line]], *, reveal: bool
) -> Iterator[Block]:
    rule = finding.rule
    times = dim(f"  ({finding.count:,} times)") if finding.count > 1 else ""
    title = line(f"{rule.id}  ", Span(sentence_case(rule.title), _STYLES[rule.severity]), times)
    yield Note(_MARKS[rule.severity], title)
    yield Lines([line(sentence_case(finding.detail))], indent=2)
    yield Facts([*_proofs(finding, reveal=reveal), *advice])


def _proofs(finding: Finding, *, reveal: bool) -> Iterator[tuple[str, Line]]:
    """A row for each entry; what one entry shows in several places stands in one."""
    last: tuple[int | None, str | None] | None = None
    for proof in finding.proofs:
        place = (proof.entry, proof.position)
        shown = line(dim(f"{proof.field}: "), proof.seen(reveal=reveal))
        if place == last:
            yield "", shown
            continue
        last = place
        asked = proof.asked(reveal=reveal)
        yield _label(proof), line(strong(asked), dim(", "), shown) if asked else shown
    missing = finding.count - len(finding.proofs)
    if missing > 0 and len(finding.proofs) > 1:
        yield "", line(dim(f"and {missing:,} more"))


def _label(proof: Proof) -> str:
    return f"entry {proof.entry}" if proof.entry is not None else proof.position or ""


def _advice(rule: RuleInfo) -> Iterator[tuple[str, Line]]:
    yield "why", line(rule.cause)
    yield "fix", line(rule.fix)
    yield "read", line(dim(rule.link))


def _verdict(found: Diagnosis) -> Literal["good", "warn", "bad", "info"]:
    if not found.requests and not found.core_calls and not found.log_events:
        return "warn"
    return "good" if found.worst is None else _MARKS[found.worst]


def _summary(found: Diagnosis) -> Iterator[Span]:
    looked_at = _looked_at(found)
    if not looked_at:
        yield Span("There is nothing to look at: the trace holds no request.")
        return
    if found.worst is None:
        yield good("Nothing found. ")
    else:
        counts = [
            count_of(found.count(severity), _NOUNS[severity])
            for severity in Severity
            if found.count(severity)
        ]
        yield strong(f"{', '.join(counts)}. ")
    yield dim(f"Looked at {looked_at} by {count_of(len(found.rules), 'rule')}.")


def _looked_at(found: Diagnosis) -> str:
    parts = [
        count_of(found.requests, "request") if found.requests else "",
        count_of(found.core_calls, "call") + " to the core" if found.core_calls else "",
        count_of(found.log_events, "line") + " of a log" if found.log_events else "",
    ]
    return listed([part for part in parts if part])


def rules_presentation(rules: Sequence[RuleInfo], *, opened: bool) -> Presentation:
    """Present rules as a table, or `opened`, each in full; `-q` prints their ids."""
    return Presentation(
        schema=RULES_SCHEMA,
        view=lambda width: _opened(rules) if opened else _table(rules, width),
        document=lambda: {"rules": [rule_document(rule) for rule in rules]},
        rows=lambda: (rule_document(rule) for rule in rules),
        ids=lambda: (rule.id for rule in rules),
        others={"sarif": lambda: sarif_text([], rules, reveal=False)},
    )


def _table(rules: Sequence[RuleInfo], width: int) -> Iterator[Block]:
    """Names, which only repeat the ids in words, stand where there is room."""
    has_names = width >= _WIDE
    columns = ("ID", "SEVERITY", *(("NAME",) if has_names else ()), "WHAT IT FINDS")
    yield Table(columns, [_cells(rule, has_name=has_names) for rule in rules])


def _cells(rule: RuleInfo, *, has_name: bool) -> list[Line]:
    severity = line(Span(rule.severity, _STYLES[rule.severity]))
    name = [line(dim(rule.name))] if has_name else []
    return [line(rule.id), severity, *name, line(rule.title)]


def _opened(rules: Sequence[RuleInfo]) -> Iterator[Block]:
    for rule in rules:
        yield Heading(line(f"{rule.id}  ", Span(sentence_case(rule.title), _STYLES[rule.severity])))
        facts: list[tuple[str, Line]] = [
            ("name", line(rule.name)),
            ("severity", line(Span(rule.severity, _STYLES[rule.severity]))),
            ("why", line(rule.cause)),
            ("fix", line(rule.fix)),
        ]
        facts += [("example", line(rule.example))] if rule.example else []
        facts += [("read", line(dim(rule.link)))]
        others = [thread(one) for one in rule.references if thread(one) != rule.link]
        facts += [("" if number else "also", line(dim(one))) for number, one in enumerate(others)]
        yield Facts(facts)
        yield Gap()
