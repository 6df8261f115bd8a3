"""What is left out of the search can only lose."""

from pathlib import Path

import pytest

from explained import LABELLED, answer, entries_of, entry, explain_har, request
from stctl.recipe.failures import HandlerName
from stctl.traces.explain import facts, search, variants
from stctl.traces.explain.book import Book
from stctl.traces.explain.evidence import Evidence, evidence_of
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.relevance import told_by_answer

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


@pytest.mark.parametrize("path", SOME, ids=lambda path: path.name.removesuffix(".labels.json"))
def test_where_an_answer_tells_its_verdict_a_longer_search_finds_no_other(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = entries_of(path)
    quick = explain_har(entries, KnownApp())
    monkeypatch.setattr(search, "told_by_answer", lambda *_: None)
    assert explain_har(entries, KnownApp()) == quick


def refusal(message: str) -> Evidence:
    exchange = entry(0, request("/me"), answer(401, {"message": message}))
    return evidence_of(exchange, [], core_recorded=False)


def test_a_default_text_tells_its_handler_unless_a_route_is_known_to_write_it_too() -> None:
    book, refused = Book(), refusal("unauthorised")
    told = told_by_answer(refused, book)
    assert told is not None
    assert told.handler is HandlerName.ON_UNAUTHORISED
    assert refused.response is not None
    book.notes.own_answers.put(refused.response.body, True)
    assert told_by_answer(refused, book) is None


def test_a_text_of_the_apps_own_leaves_it_open_who_wrote_it() -> None:
    assert told_by_answer(refusal("log in"), Book()) is None
