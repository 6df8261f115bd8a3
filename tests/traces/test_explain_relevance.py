"""What is left out of the search can only lose."""

from pathlib import Path

import pytest

from explained import LABELLED, entries_of, explain_har
from stctl.traces.explain import facts, variants
from stctl.traces.explain.known_app import KnownApp

SOME = [
    path
    for path in LABELLED
    if path.name.startswith(("anti-csrf", "csrf", "e2e", "static", "throwing", "signout", "theft"))
]


@pytest.mark.parametrize("path", SOME, ids=lambda path: path.name.removesuffix(".labels.json"))
def test_readings_that_a_request_cannot_come_upon_change_no_explanation(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = entries_of(path)
    quick = explain_har(entries, KnownApp())
    monkeypatch.setattr(facts, "may_fail_anti_csrf", lambda *_: True)
    monkeypatch.setattr(variants, "may_lack_custom_header", lambda *_: True)
    monkeypatch.setattr(variants, "may_be_wrong_kind_of_key", lambda one: one.is_trouble)
    assert explain_har(entries, KnownApp()) == quick
