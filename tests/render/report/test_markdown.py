import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explained import CLEARED, answer, entry, request
from reported import (
    CORE_DOWN,
    HEALTHY,
    HOSTILE,
    MADE,
    OWN_401,
    RACE,
    THEFT,
    made_case,
    recorded_case,
)
from stctl.exchange import Request
from stctl.render.report.markdown import LONGEST, markdown

CODE = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")


@pytest.mark.parametrize("name", [THEFT, RACE, OWN_401, CORE_DOWN, HEALTHY])
def test_a_report_is_short_enough_for_a_tracker(name: str) -> None:
    text = markdown([recorded_case(name)], MADE)
    assert len(text) < LONGEST
    assert text.startswith("## ")
    assert text.endswith("tokens, cookies and keys are masked.</sub>\n")
    assert text.count("<details>") == text.count("</details>") == 1


def test_it_says_what_happened_to_whom_and_what_maintainers_ask() -> None:
    text = markdown([recorded_case(THEFT)], MADE)
    assert "- `#4` A refresh token came that had already been replaced" in text
    assert "- Affected: user `victim`, session `" in text
    assert "| CDI (SDK to core) | `5.4` |" in text
    assert "| Session-expired status | `401` (assumed) |" in text
    assert "`GET /protected-db → 401" in text
    assert (
        "| 4 | `POST /auth/session/refresh` | 401 | TOKEN_THEFT_DETECTED, onTokenTheftDetected "
        "(default) | TOKEN_THEFT_DETECTED, OK |" in text
    )
    assert "eyJ" not in text


def test_a_finding_has_its_id_its_severity_and_its_places() -> None:
    text = markdown([recorded_case(RACE)], MADE)
    (line,) = (one for one in text.splitlines() if one.startswith("- **ST-002** (error) "))
    assert line.endswith("`#4` `#8`")


def test_of_a_long_trace_the_errors_are_kept() -> None:
    entries = [
        entry(index, request(f"/{index:05}/{'x' * 80}"), answer(200, {})) for index in range(60)
    ]
    entries[33] = entry(33, request("/me"), answer(401, {"message": "unauthorised"}, CLEARED))
    text = markdown([made_case(entries)], MADE)
    assert len(text) < LONGEST
    assert "| 33 | `GET /me` | 401 | UNAUTHORISED" in text
    assert "more left out</summary>" in text


def test_several_traces_share_the_room() -> None:
    cases = [recorded_case(name) for name in (THEFT, OWN_401, CORE_DOWN, RACE)]
    text = markdown(cases, MADE)
    assert len(text) < LONGEST
    assert text.count("\n## ") == 3


def test_what_is_unmasked_says_so_at_the_top() -> None:
    text = markdown([recorded_case(THEFT, reveal=True)], MADE)
    assert text.startswith("> **Nothing is masked here.**")
    assert text.endswith("; unmasked.</sub>\n")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(HOSTILE, st.text(alphabet="`|*_@#\\<[]~\n a1")), min_size=4, max_size=4))
def test_nothing_in_a_trace_is_taken_for_markup_or_calls_anybody(texts: list[str]) -> None:
    path, name, value, body = texts
    asked = Request(method="GET", path=f"/{path}", headers=((name, value),), host="api.test")
    told = answer(401, {"message": body}, ((name, value),))
    case = made_case([entry(0, asked, told)])
    text = markdown([case], MADE)
    assert len(text) < LONGEST
    text.encode()
    bare = "\n".join(CODE.sub("", line) for line in text.splitlines())
    bare = re.sub(r"\\.", "", bare)
    assert re.search(r"[@#]\w", bare) is None
    assert re.sub(r"</?(?:details|summary|sub)>", "", bare).count("<") == 0
    table = [line for line in text.splitlines() if line.startswith("| 0 |")]
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 6 for line in table)
