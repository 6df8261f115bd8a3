"""The JSON of a diagnosis: schemas `stctl.diagnose/1` and `stctl.diagnose.rules/1`."""

from collections.abc import Sequence
from dataclasses import dataclass

from stctl.jsontypes import JsonValue
from stctl.traces.diagnose.model import Diagnosis, Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.threads import thread

SCHEMA = "stctl.diagnose/1"
RULES_SCHEMA = "stctl.diagnose.rules/1"
Members = dict[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceDiagnosis:
    """What was found in one trace."""

    trace: str
    """As the person named it."""
    diagnosis: Diagnosis


def report_document(reports: Sequence[TraceDiagnosis], *, reveal: bool) -> Members:
    """Everything that was found, trace by trace; `worst` is null where nothing was."""
    worst = min(
        (one.diagnosis.worst for one in reports if one.diagnosis.worst is not None),
        key=lambda one: one.rank,
        default=None,
    )
    return {
        "worst": worst.value if worst else None,
        "counts": {
            severity.value: sum(one.diagnosis.count(severity) for one in reports)
            for severity in Severity
        },
        "traces": [_trace(one, reveal=reveal) for one in reports],
    }


def _trace(report: TraceDiagnosis, *, reveal: bool) -> Members:
    found = report.diagnosis
    return {
        "trace": report.trace,
        "looked_at": {
            "requests": found.requests,
            "core_calls": found.core_calls,
            "log_events": found.log_events,
            "rules": len(found.rules),
        },
        "findings": [finding_document(one, reveal=reveal) for one in found.findings],
    }


def finding_document(finding: Finding, *, reveal: bool) -> Members:
    """One finding with its proof."""
    rule = finding.rule
    return {
        "id": rule.id,
        "name": rule.name,
        "severity": rule.severity.value,
        "title": rule.title,
        "detail": finding.detail,
        "subject": finding.subject or None,
        "count": finding.count,
        "proofs": [_proof(one, reveal=reveal) for one in finding.proofs],
        "cause": rule.cause,
        "fix": rule.fix,
        "link": rule.link,
        "references": [thread(one) for one in rule.references],
    }


def _proof(proof: Proof, *, reveal: bool) -> Members:
    return {
        "entry": proof.entry,
        "position": proof.position,
        "request": proof.asked(reveal=reveal) or None,
        "field": proof.field,
        "shows": proof.seen(reveal=reveal),
    }


def rule_document(rule: RuleInfo) -> Members:
    """One rule in full."""
    return {
        "id": rule.id,
        "name": rule.name,
        "severity": rule.severity.value,
        "title": rule.title,
        "cause": rule.cause,
        "fix": rule.fix,
        "example": rule.example,
        "link": rule.link,
        "references": [thread(one) for one in rule.references],
    }
