import re
from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explained import CLEARED, LIVE, answer, entry, request
from reported import (
    CORE_DOWN,
    HEALTHY,
    HOSTILE,
    MADE,
    OWN_401,
    RACE,
    THEFT,
    Element,
    by_id,
    made_case,
    recorded_case,
    taken,
    with_class,
)
from stctl.exchange import Request
from stctl.render.report.elements import join
from stctl.render.report.page import page
from stctl.render.report.place import Place
from stctl.traces.casefile.case import CaseFile

LARGEST = 300_000
ALLOWED = {
    *("html", "head", "meta", "title", "style", "script", "body", "main", "header", "footer"),
    *("nav", "section", "article", "h1", "h2", "h3", "h4", "p", "a", "b", "small", "code", "pre"),
    *("ol", "ul", "li", "dl", "dt", "dd", "div", "span", "details", "summary", "wbr", "br"),
    *("table", "tbody", "tr", "th", "td", "figure", "figcaption"),
}
OF_DRAWINGS = {
    "style",
    "svg",
    "g",
    "path",
    "line",
    "rect",
    "circle",
    "text",
    "tspan",
    "title",
    "desc",
}


def elements_of(*cases: CaseFile) -> list[Element]:
    return taken(page(cases, MADE))


@pytest.mark.parametrize("name", [THEFT, RACE, OWN_401, CORE_DOWN, HEALTHY])
def test_a_page_is_whole_and_small_and_its_links_lead_somewhere(name: str) -> None:
    text = page([recorded_case(name)], MADE)
    assert len(text.encode()) < LARGEST
    elements = taken(text)
    ids = [one.attributes["id"] for one in elements if "id" in one.attributes]
    assert len(ids) == len({*ids})
    targets = {(one.attributes.get("href") or "") for one in elements}
    inside = {target.removeprefix("#") for target in targets if target.startswith("#")}
    assert inside <= {*ids}
    assert {one.tag for one in elements} <= ALLOWED | OF_DRAWINGS
    labelled = {one.attributes.get("aria-labelledby") for one in elements} - {None}
    assert labelled <= {*ids}


def test_a_page_loads_nothing_and_only_its_own_script_may_run() -> None:
    elements = elements_of(recorded_case(THEFT))
    policy = next(
        one.attributes["content"]
        for one in elements
        if one.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    (script,) = (one for one in elements if one.tag == "script")
    digest = b64encode(sha256(script.text.encode()).digest()).decode()
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digest}';" in policy
    assert [one.tag for one in elements if one.attributes.keys() & {"src", "srcset", "data"}] == []
    style = next(one.text for one in elements if one.tag == "style")
    assert "url(" not in style
    assert "@import" not in style


def test_every_request_can_be_opened_and_shows_its_reasons_and_both_messages() -> None:
    elements = elements_of(recorded_case(THEFT))
    steps = with_class(elements, "step")
    assert [one.attributes["id"] for one in steps] == ["e0", "e2", "e4", "e7", "e8"]
    assert {one.tag for one in steps} == {"details"}
    theft = by_id(elements, "e4").text
    for told in (
        "what does the core make of the refresh token?",
        "inferred",
        "a refresh never raises it",
        "drops its session; the user has to log in again",
        "POST /recipe/session/remove",
        "revoked the session at the core",
        "front-token",
        '{"message":"token theft detected"}',
        "st-auth-mode",
    ):
        assert told in theft


def test_the_summary_names_the_worst_and_whom_it_concerns() -> None:
    elements = elements_of(recorded_case(THEFT))
    (headline,) = (one.text for one in elements if one.tag == "h1")
    assert "theft" in headline.lower()
    summary = by_id(elements, "summary").text
    assert (
        "5 requests in 79 ms; 1 ended in TOKEN_THEFT_DETECTED, 1 ended in UNAUTHORISED." in summary
    )
    assert "user victim" in summary
    assert "onTokenTheftDetected, the SDK's default handler, answered 401" in summary


def test_a_finding_says_why_what_to_do_and_where_it_is_seen() -> None:
    (card,) = with_class(elements_of(recorded_case(RACE)), "card")
    for told in ("Why. ", "What to do. ", "ST-002", "#8", "read more"):
        assert told in card.text


def test_a_healthy_trace_says_so() -> None:
    elements = elements_of(recorded_case(HEALTHY))
    assert next(one.text for one in elements if one.tag == "h1") == "Nothing went wrong"
    assert "None: " in by_id(elements, "findings").text
    assert with_class(elements, "card") == []


def test_settings_and_questions_are_answered_or_say_how_to_find_out() -> None:
    elements = elements_of(recorded_case(THEFT))
    told = by_id(elements, "settings").text
    assert "CDI (SDK to core)5.4" in told
    assert "assumed, nothing tells it" in told
    asked = by_id(elements, "questions").text
    assert "GET /protected-db → 401" in asked
    assert "POST /auth/session/refresh → 401" in asked
    assert "switch debug on in the SDK" in asked


def test_what_is_left_out_is_counted_where_it_is_missing() -> None:
    entries = [entry(index, request("/ok", cookies=LIVE), answer(200, {})) for index in range(30)]
    entries[20] = entry(20, request("/me"), answer(401, {"message": "unauthorised"}, CLEARED))
    elements = elements_of(made_case(entries, most_steps=3))
    assert [one.text for one in with_class(elements, "pause")] == [
        "19 requests left out here",
        "8 requests left out here",
    ]
    assert "27 requests that tell least are left out." in by_id(elements, "sequence-section").text


def test_several_traces_are_on_one_page_and_their_requests_do_not_get_mixed_up() -> None:
    elements = elements_of(recorded_case(THEFT), recorded_case(OWN_401))
    ids = [one.attributes["id"] for one in elements if "id" in one.attributes]
    assert len(ids) == len({*ids})
    assert {"t1-e4", "t2-e4"} <= {*ids}
    assert next(one.text for one in elements if one.tag == "h1") == "Report on 2 traces"


def test_nothing_is_masked_only_under_a_banner_that_says_so() -> None:
    masked = page([recorded_case(THEFT)], MADE)
    assert 'class="banner"' not in masked
    assert "eyJraWQiOiJkLTE3OTU1MzY1MzIxODci" not in masked
    revealed = page([recorded_case(THEFT, reveal=True)], MADE)
    assert 'class="banner"' in revealed
    assert "eyJraWQiOiJkLTE3OTU1MzY1MzIxODci" in revealed


def test_a_trace_without_any_request_makes_a_page_all_the_same() -> None:
    elements = elements_of(made_case([]))
    assert (
        next(one.text for one in elements if one.tag == "h1") == "There is no request in the trace"
    )


def hostile_case(texts: list[str]) -> CaseFile:
    path, name, value, body, method = texts
    asked = Request(
        method=method,
        path=f"/{path}",
        query=((name, value),),
        headers=((name, value), ("cookie", f"{name}={value}"), ("user-agent", value)),
        host="api.test",
    )
    told = answer(401, {"message": body, name: value}, ((name, value), ("set-cookie", value)))
    return made_case([entry(0, asked, told), entry(1, request("/me"), None)])


@settings(max_examples=40, deadline=None)
@given(st.lists(HOSTILE, min_size=5, max_size=5))
def test_nothing_in_a_trace_becomes_markup_or_a_script(texts: list[str]) -> None:
    text = page([hostile_case(texts)], MADE)
    text.encode()
    elements = taken(text)
    assert {one.tag for one in elements} <= ALLOWED | OF_DRAWINGS
    assert sum(one.tag == "script" for one in elements) == 1
    assert [name for one in elements for name in one.attributes if name.startswith("on")] == []
    assert re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text) is None


def test_the_family_is_drawn_with_its_verdict_and_leads_to_the_requests() -> None:
    elements = elements_of(recorded_case(RACE))
    (tree,) = with_class(elements, "tree")
    assert tree.attributes["tabindex"] == "0"
    told = by_id(elements, "lineage").text
    assert "theft at 8" in told
    assert "The evidence speaks for two tabs" in told
    assert "By other rules:" in told
    linked = [one for one in elements if one.tag == "a" and one.attributes.get("href") == "#e8"]
    assert any("theft at 8" in one.text for one in linked)
    assert any(one.text == "8" for one in linked)


def test_a_trace_without_tokens_has_no_family() -> None:
    told = by_id(elements_of(made_case([])), "lineage").text
    assert "No refresh token" in told


def test_entries_that_a_sentence_names_are_links_where_they_are_opened() -> None:
    place, case = Place(prefix="t2-", level=3), recorded_case(RACE)
    told = join(*place.linked(case, "entries 0, 1 and 99 <at> entry 8; 4 days")).text
    assert told == (
        'entries <a href="#t2-e0">0</a>, <a href="#t2-e1">1</a> and 99 &lt;at&gt; entry '
        '<a href="#t2-e8">8</a>; 4 days'
    )
