"""A diagnosis as SARIF 2.1.0, for tools that show findings of a build.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Final, NamedTuple
from urllib.parse import quote

from stctl import __version__
from stctl.jsontypes import JsonValue
from stctl.render.diagnose.document import TraceDiagnosis
from stctl.render.printer import to_json
from stctl.render.wording import sentence_case
from stctl.traces.diagnose.model import Finding, Proof, RuleInfo, Severity

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARN: "warning", Severity.INFO: "note"}
_LINE: Final = re.compile(r"line (\d+)")
_ID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{20,}|\d{10,}")
"""What differs from run to run: handles of sessions, ids of users and keys."""
_FINGERPRINT: Final = "stctlFinding/v1"
Members = dict[str, JsonValue]


def sarif_text(
    reports: Sequence[TraceDiagnosis], rules: Sequence[RuleInfo], *, reveal: bool
) -> Iterator[str]:
    """The text of the document."""
    yield to_json(sarif_document(reports, rules, reveal=reveal)) + "\n"


def sarif_document(
    reports: Sequence[TraceDiagnosis], rules: Sequence[RuleInfo], *, reveal: bool
) -> Members:
    """One run over all traces; its driver names every rule that was asked."""
    places = {rule.id: number for number, rule in enumerate(rules)}
    driver: Members = {
        "name": "stctl",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules],
    }
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "artifacts": [
                    {"location": {"uri": _uri(report.trace)}, "roles": ["analysisTarget"]}
                    for report in reports
                ],
                "results": [*_results(reports, places, reveal=reveal)],
            }
        ],
    }


def _results(
    reports: Sequence[TraceDiagnosis], places: Mapping[str, int], *, reveal: bool
) -> Iterator[Members]:
    seen: Counter[str] = Counter()
    for number, report in enumerate(reports):
        for finding in report.diagnosis.findings:
            mark = _fingerprint(finding)
            seen[mark] += 1
            trace = _Trace(report.trace, number)
            yield {
                **_result(finding, trace, places, reveal=reveal),
                "partialFingerprints": {_FINGERPRINT: f"{mark}:{seen[mark]}"},
            }


class _Trace(NamedTuple):
    name: str
    number: int


def _rule(rule: RuleInfo) -> Members:
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": f"{sentence_case(rule.title)}."},
        "fullDescription": {"text": rule.cause},
        "help": {"text": rule.fix, "markdown": f"{rule.fix}\n\n[Read more]({rule.link})"},
        "helpUri": rule.link,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["session", "supertokens"]},
    }


def _result(finding: Finding, trace: _Trace, places: Mapping[str, int], *, reveal: bool) -> Members:
    first = [_location(one, trace, reveal=reveal) for one in finding.proofs[:1]]
    whole: Members = {"physicalLocation": _file(trace)}
    related = [
        {"id": number, **_location(one, trace, reveal=reveal)}
        for number, one in enumerate(finding.proofs[1:], start=1)
    ]
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": places[finding.rule.id],
        "level": _LEVELS[finding.rule.severity],
        "message": {"text": f"{sentence_case(finding.rule.title)}. {finding.detail}"},
        "locations": [*first] or [whole],
        **({"relatedLocations": [*related]} if related else {}),
        "occurrenceCount": finding.count,
        "properties": {"subject": finding.subject},
    }


def _location(proof: Proof, trace: _Trace, *, reveal: bool) -> Members:
    place = _file(trace)
    on_line = _LINE.fullmatch(proof.position or "")
    if on_line is not None:
        place["region"] = {"startLine": int(on_line[1])}
    asked = proof.asked(reveal=reveal)
    text = f"{proof.field}: {proof.seen(reveal=reveal)}"
    location: Members = {
        "physicalLocation": place,
        "message": {"text": f"{asked}, {text}" if asked else text},
    }
    if proof.position is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": proof.position, "kind": "element"}]
    return location


def _file(trace: _Trace) -> Members:
    return {"artifactLocation": {"uri": _uri(trace.name), "index": trace.number}}


def _uri(name: str) -> str:
    """A relative reference for a relative path, as tools of a build want it."""
    if name == "-":
        return "stdin"
    path = PurePath(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _fingerprint(finding: Finding) -> str:
    """The same for the same trouble in another recording: no places, times, counts or ids."""
    asked = [part for one in finding.proofs[:1] for part in (one.request, one.field)]
    parts = (_ID.sub("#", part) for part in (finding.rule.id, finding.subject, *asked))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
