"""What a recording leaves out proves nothing: rules that go by an absence are silent there."""

from dataclasses import replace

import pytest

from diagnosed import (
    Entries,
    found,
    header,
    recorded,
    with_header,
    without_header,
)
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.rules.cookies_kept import SiteMismatch
from stctl.traces.diagnose.rules.cookies_set import RefreshPath
from stctl.traces.diagnose.rules.headers_cors import NotExposed
from stctl.traces.diagnose.rules.headers_sent import (
    AntiCsrfMissing,
    EmptyHeadersDropped,
    FrontendTooOld,
)
from stctl.traces.diagnose.run import diagnose
from stctl.traces.explain.explanation import Explanation
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.story import TraceStory
from stctl.traces.link import link
from stctl.traces.model import Gap
from stctl.traces.readers.har_entry import read_har_entry


def not_exposed() -> Entries:
    entries = recorded("login-and-use.express.default.header")
    without_header(entries[0], "response", "Access-Control-Expose-Headers")
    return entries


def dropped() -> Entries:
    entries = recorded("logout-route.express.default.header")
    for one in entries:
        if header(one, "response", "front-token") == "remove":
            without_header(one, "response", "st-access-token", "st-refresh-token")
    return entries


def too_old() -> Entries:
    entries = recorded("login-and-use.express.default.header")
    without_header(entries[0], "request", "st-auth-mode")
    with_header(entries[0], "request", "fdi-version", "1.15")
    return entries


CASES: list[tuple[type[Rule], Entries]] = [
    (SiteMismatch, recorded("samesite-lax-cross-site.express.default.cookie")),
    (RefreshPath, recorded("api-base-path-mismatch.express.default.cookie")),
    (AntiCsrfMissing, recorded("csrf-token-missing.express.default.cookie")),
    (NotExposed, not_exposed()),
    (EmptyHeadersDropped, dropped()),
    (FrontendTooOld, too_old()),
]


@pytest.mark.parametrize(("rule", "entries"), CASES, ids=[rule.info.id for rule, _ in CASES])
def test_a_rule_that_goes_by_an_absence_is_silent_where_headers_were_left_out(
    rule: type[Rule], entries: Entries
) -> None:
    assert found(entries, rules=[rule])
    read = [read_har_entry(entry, index, f"[{index}]") for index, entry in enumerate(entries)]
    gaps = frozenset({Gap.REQUEST_HEADERS, Gap.RESPONSE_HEADERS})
    known = KnownApp()
    told = [
        replace(
            item,
            evidence=replace(item.evidence, entry=replace(item.evidence.entry, gaps=gaps)),
        )
        for item in TraceStory(known).tell(link(read))
        if isinstance(item, Explanation)
    ]
    assert not diagnose(told, known, [rule]).findings


def test_a_har_without_cookies_and_tokens_raises_nothing() -> None:
    """As browsers export it unless they are asked for sensitive data."""
    for name in (
        "samesite-lax-cross-site.express.default.cookie",
        "api-base-path-mismatch.express.default.cookie",
        "chromium-expired-then-retry.express.default.cookie",
    ):
        entries = recorded(name)
        for entry in entries:
            without_header(entry, "request", "Cookie", "Authorization")
            without_header(entry, "response", "Set-Cookie")
            entry["request"]["cookies"] = entry["response"]["cookies"] = []
        assert not found(entries, rules=[SiteMismatch, RefreshPath, AntiCsrfMissing])
