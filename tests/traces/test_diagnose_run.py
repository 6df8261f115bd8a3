"""What rules are given, what becomes of what they say, and what no rule may say."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from diagnosed import found, ids, known_of, played, recorded
from explained import TRACES, app_of, labels_of
from stctl.traces.diagnose.model import MOST_PROOFS, Finding, Proof, RuleInfo, Severity
from stctl.traces.diagnose.proof import proof
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules import (
    RULES,
    cookies_kept,
    cookies_sent,
    cookies_set,
    headers_cors,
    headers_limits,
    headers_sent,
    tokens_claims,
    tokens_keys,
    tokens_places,
)
from stctl.traces.diagnose.run import diagnose
from stctl.traces.diagnose.sight import Sight
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.story import TraceStory
from stctl.traces.explain.telling import told_of
from stctl.traces.link import link
from stctl.traces.readers import open_trace
from stctl.traces.readers.har_entry import read_har_entry

MODULES = (
    cookies_kept,
    cookies_sent,
    cookies_set,
    headers_cors,
    headers_limits,
    headers_sent,
    tokens_claims,
    tokens_keys,
    tokens_places,
)
OF_THESE = [rule for module in MODULES for rule in module.RULES]
HEALTHY = (
    "app-exception",
    "claim-fails",
    "expired-access-token",
    "login-and-use",
    "logout-route",
    "no-token",
    "refresh-garbage",
    "refresh-no-token",
    "refresh-ok",
    "refresh-race",
    "revoked-session",
    "signout-api",
    "theft-parent-reused",
    "update-payload",
)
"""Scenarios in which cookies, headers and tokens are as they should be."""
HEALTHY_TRACES = [
    path for path in sorted(TRACES.glob("*.har.json")) if path.name.split(".")[0] in HEALTHY
]


def info(severity: Severity = Severity.WARN, id_: str = "ST-900") -> RuleInfo:
    return RuleInfo(
        id=id_, name="x", severity=severity, title="t", cause="c", fix="f", link="https://x.test"
    )


class EachRequest(Rule):
    """Says something of every request."""

    info: ClassVar = info()

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        shows = f"{told.evidence.status}, after {sight.requests}"
        yield self.finding("Seen.", proof(told, "answer status", shows))


class EachPath(Rule):
    """Tells subjects apart, more of them than are kept apart."""

    info: ClassVar = info(Severity.ERROR, "ST-901")

    def of_request(self, told: Explanation, sight: Sight) -> Iterator[Finding]:
        del told, sight
        for number in range(60):
            yield self.finding("One of many.", subject=str(number))


class AtTheEnd(Rule):
    """Speaks once all is seen."""

    info: ClassVar = info(Severity.INFO, "ST-902")

    def end(self, sight: Sight) -> Iterator[Finding]:
        yield self.finding(f"{sight.requests} requests.")


def test_what_a_rule_says_again_is_counted_and_proved_by_the_first_cases() -> None:
    entries = recorded("login-and-use.express.default.header") * 3
    (one,) = found(entries, rules=[EachRequest])
    assert one.count == 12
    assert len(one.proofs) == MOST_PROOFS
    assert [item.entry for item in one.proofs] == sorted(
        item.entry for item in one.proofs if item.entry is not None
    )


def test_a_rule_sees_only_what_came_before() -> None:
    (one,) = found(recorded("refresh-ok.go.default.header")[:1], rules=[EachRequest])
    assert one.proofs[0].shows == "200, after 0"


def test_findings_come_worst_first_and_too_many_subjects_end_in_the_last_one() -> None:
    entries = recorded("refresh-ok.go.default.header")[:1]
    findings = found(entries, rules=[AtTheEnd, EachRequest, EachPath])
    assert ids(findings) == ["ST-901"] * 50 + ["ST-900", "ST-902"]
    assert (findings[48].count, findings[49].count) == (1, 11)
    assert findings[-1].detail == "1 requests."


def test_the_past_is_told_by_client_and_in_short() -> None:
    entries = played("try-refresh-token", "expired")
    read = [read_har_entry(entry, index, f"[{index}]") for index, entry in enumerate(entries)]
    sight = Sight()
    pasts = []
    for told in TraceStory(KnownApp()).tell(link(read)):
        if isinstance(told, Explanation):
            pasts.append([one.path for one in sight.before(told)])
        sight.take(told)
    assert pasts[0] == []
    assert pasts[3] == ["/login", "/protected", "/auth/session/refresh"]
    login, call, refresh, again = sight.recent
    assert login.access_set == call.access_sent == refresh.access_sent
    assert login.refresh_set == refresh.refresh_sent
    assert refresh.access_set == again.access_sent != call.access_sent


def test_secrets_of_an_exchange_are_masked_in_its_proofs() -> None:
    secret = "0123456789abcdef0123456789abcdef"
    one = Proof(
        entry=0,
        position=None,
        request=f"GET /reset/{secret}",
        field="path",
        shows=f"it holds {secret}",
        secrets=frozenset({secret}),
    )
    assert secret not in one.seen(reveal=False) + one.asked(reveal=False)
    assert secret in one.seen(reveal=True)
    assert secret in one.asked(reveal=True)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.info.id)
def test_every_rule_says_all_that_people_need(rule: type[Rule]) -> None:
    told = rule.info
    assert told.id.startswith("ST-")
    assert told.name == told.name.lower()
    assert " " not in told.name
    assert not told.title.endswith(".")
    assert told.cause.endswith(".")
    assert told.fix.endswith(".")
    assert told.link.startswith("https://")
    assert told.example


def test_ids_and_names_are_given_once_and_in_order() -> None:
    given = [rule.info.id for rule in RULES]
    assert given == sorted(set(given))
    assert len({rule.info.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "blind"])
@pytest.mark.parametrize("path", HEALTHY_TRACES, ids=lambda path: path.name[: -len(".har.json")])
def test_odd_but_legal_traffic_raises_nothing(path: Path, *, is_known: bool) -> None:
    labels = labels_of(path.with_name(path.name.replace(".har.", ".labels.")))
    known = app_of(labels) if is_known else KnownApp()
    with path.open("rb") as stream, open_trace(str(path), stdin=stream) as trace:
        findings = diagnose(told_of(trace, known), known, OF_THESE).findings
    assert not findings


@pytest.mark.parametrize(
    ("scenario", "case"),
    [
        ("try-refresh-token", "expired"),
        ("race", "two-clients"),
        ("lost-reply", "retried-at-once"),
        ("key-rotation", "new-token"),
        ("payload-update", "by-the-app"),
        ("user-switch-device", "other-user-same-browser"),
    ],
)
def test_played_traffic_without_such_faults_raises_nothing(scenario: str, case: str) -> None:
    assert not found(played(scenario, case), rules=OF_THESE)


def test_a_frontend_sdk_in_a_real_browser_raises_nothing() -> None:
    name = "chromium-expired-then-retry.express.default.cookie"
    assert not found(recorded(name), known_of(name), OF_THESE)
