"""SARIF of a diagnosis has the structure that the published schema of 2.1.0 demands."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from diagnosed import found, recorded, with_header
from stctl.render.diagnose.document import TraceDiagnosis
from stctl.render.diagnose.sarif import sarif_document
from stctl.traces.diagnose.model import Diagnosis, Finding, Proof
from stctl.traces.diagnose.rules.cookies_kept import SiteMismatch
from stctl.traces.diagnose.rules.cookies_sent import DoubledCookies, LegacyCookie

RULES = (DoubledCookies.info, SiteMismatch.info, LegacyCookie.info)
REQUIRED: Mapping[str, Sequence[str]] = {
    "sarifLog": ("version", "runs"),
    "run": ("tool",),
    "tool": ("driver",),
    "toolComponent": ("name",),
    "reportingDescriptor": ("id",),
    "result": ("message",),
}
"""What the schema requires of each object that is made here."""
ALLOWED: Mapping[str, frozenset[str]] = {
    "sarifLog": frozenset({"$schema", "version", "runs"}),
    "run": frozenset({"tool", "columnKind", "artifacts", "results"}),
    "toolComponent": frozenset({"name", "version", "semanticVersion", "rules"}),
    "reportingDescriptor": frozenset(
        {
            "id",
            "name",
            "shortDescription",
            "fullDescription",
            "help",
            "helpUri",
            "defaultConfiguration",
            "properties",
        }
    ),
    "result": frozenset(
        {
            "ruleId",
            "ruleIndex",
            "level",
            "message",
            "locations",
            "relatedLocations",
            "occurrenceCount",
            "partialFingerprints",
            "properties",
        }
    ),
}
"""Members that are used, all of which the schema knows; it allows no others."""
LEVELS = {"none", "note", "warning", "error"}
DOUBLED = "duplicate-access-cookies.go.default.cookie"


def findings() -> list[Finding]:
    return found(recorded(DOUBLED), rules=[DoubledCookies])


def report(*given: Finding, trace: str = "traces/a b.har") -> TraceDiagnosis:
    diagnosis = Diagnosis(findings=given, requests=1, core_calls=0, log_events=0, rules=RULES)
    return TraceDiagnosis(trace=trace, diagnosis=diagnosis)


def document(*reports: TraceDiagnosis, reveal: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = sarif_document(reports, RULES, reveal=reveal)
    return made


def result_of(finding: Finding, trace: str = "traces/a b.har") -> dict[str, Any]:
    (run,) = document(report(finding, trace=trace))["runs"]
    (result,) = run["results"]
    found_one: dict[str, Any] = result
    return found_one


def test_every_object_has_what_the_schema_requires() -> None:
    log = document(report(*findings()), report(trace="b.ndjson"))
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    objects = {
        "sarifLog": [log],
        "run": [run],
        "tool": [run["tool"]],
        "toolComponent": [driver],
        "reportingDescriptor": driver["rules"],
        "result": run["results"],
    }
    for kind, members in REQUIRED.items():
        for one in objects[kind]:
            assert set(members) <= set(one), kind
            assert set(one) <= ALLOWED.get(kind, set(one)), kind
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    assert run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}


def test_a_result_points_to_its_rule_and_its_file() -> None:
    (run,) = document(report(*findings()))["runs"]
    (result,) = run["results"]
    rules = run["tool"]["driver"]["rules"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "ST-003"
    assert result["level"] in LEVELS
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert run["artifacts"][place["index"]]["location"]["uri"] == place["uri"]
    assert result["occurrenceCount"] == 2
    assert [one["id"] for one in result["relatedLocations"]] == [1]


def test_rules_say_what_they_mean_in_text_objects() -> None:
    (run,) = document(report())["runs"]
    assert run["results"] == []
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["shortDescription"]["text"].endswith(".")
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["helpUri"].startswith("https://")
        assert rule["defaultConfiguration"]["level"] in LEVELS


def proof(position: str | None) -> Proof:
    return Proof(entry=3, position=position, request="GET /me", field="answer status", shows="401")


def with_proof(one: Proof) -> Finding:
    return replace(findings()[0], proofs=(one,))


def test_a_line_of_ndjson_is_a_region_and_an_entry_of_a_har_a_logical_place() -> None:
    (location,) = result_of(with_proof(proof("line 12")))["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 12}
    (location,) = result_of(with_proof(proof("log.entries[3]")))["locations"]
    assert "region" not in location["physicalLocation"]
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "log.entries[3]"


def test_a_finding_without_proof_points_to_the_whole_file() -> None:
    result = result_of(replace(findings()[0], proofs=()))
    (location,) = result["locations"]
    assert set(location) == {"physicalLocation"}
    assert "relatedLocations" not in result


@pytest.mark.parametrize(
    ("trace", "uri"),
    [
        ("traces/a b.har", "traces/a%20b.har"),
        ("-", "stdin"),
        ("/data/a b.har", "file:///data/a%20b.har"),
    ],
)
def test_the_file_is_a_uri(trace: str, uri: str) -> None:
    (location,) = result_of(findings()[0], trace)["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == uri


def fingerprint(finding: Finding) -> str:
    prints: dict[str, str] = result_of(finding)["partialFingerprints"]
    (one,) = prints.values()
    return one


def test_a_fingerprint_outlives_another_recording_of_the_same_trouble() -> None:
    (one,) = findings()
    later = recorded(DOUBLED)
    other = recorded("refresh-ok.go.default.header")
    (again,) = found([*other, *later], rules=[DoubledCookies])
    assert again.proofs[0].entry != one.proofs[0].entry
    assert fingerprint(again) == fingerprint(one)


def test_a_fingerprint_forgets_handles_and_numbers_what_then_looks_alike() -> None:
    (one,) = findings()
    first = replace(one, subject="176f47ed-6f60-49e3-a47d-29833bdb8141")
    second = replace(one, subject="1461bc94-accf-4012-a4a2-c925a76d2697")
    assert fingerprint(first) == fingerprint(second)
    (run,) = document(report(first, second))["runs"]
    prints = [next(iter(item["partialFingerprints"].values())) for item in run["results"]]
    assert prints == [fingerprint(first), fingerprint(first).replace(":1", ":2")]


def test_a_fingerprint_tells_findings_apart() -> None:
    (one,) = findings()
    entries = recorded("samesite-lax-cross-site.express.default.cookie")
    with_header(entries[0], "request", "Sec-Fetch-Site", "cross-site")
    (other,) = found(entries, rules=[SiteMismatch])
    prints = {fingerprint(one), fingerprint(other), fingerprint(replace(one, subject="x"))}
    assert len(prints) == 3


def test_secrets_in_messages_are_masked_unless_revealed() -> None:
    token = "abcdefghijklmnopqrstuvwxyz0123456789"
    secret = replace(proof("line 1"), shows=f"it is {token}", secrets=frozenset({token}))
    made = report(with_proof(secret))
    assert token not in str(document(made))
    assert token in str(document(made, reveal=True))
