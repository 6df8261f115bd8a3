import pytest

from explained import CLEARED, answer, entry, request
from reported import CORE_DOWN, HEALTHY, OWN_401, THEFT, made_case, recorded_case
from stctl.render.report.words import counts, duration, headline, in_the_end, moments


def test_a_first_visit_is_not_made_a_fault() -> None:
    asked = request("/auth/session/refresh", method="POST", headers={"rid": "session"})
    case = made_case([entry(0, asked, answer(401, {"message": "unauthorised"}, CLEARED))])
    assert headline(case) == "A browser without a session looked for one"


@pytest.mark.parametrize(
    ("name", "words"),
    [(THEFT, "theft"), (CORE_DOWN, "core"), (HEALTHY, "nothing went wrong")],
)
def test_the_headline_names_the_worst(name: str, words: str) -> None:
    assert words in headline(recorded_case(name)).lower()


def test_requests_with_the_same_story_share_a_sentence() -> None:
    told = {one.text: [step.index for step in one.steps] for one in moments(recorded_case(OWN_401))}
    assert [4, 7, 9] in told.values()


def test_the_story_is_bounded_and_in_order() -> None:
    entries = [
        entry(index, request(f"/{index}"), answer(401, {"message": f"m{index}"}, CLEARED))
        for index in range(30)
    ]
    told = moments(made_case(entries))
    assert len(told) <= 8
    firsts = [one.steps[0].ordinal for one in told]
    assert firsts == sorted(firsts)


def test_the_end_is_that_of_the_worst_request() -> None:
    assert in_the_end(recorded_case(THEFT)) == (
        "The browser drops its session; the user has to log in again"
    )
    assert in_the_end(recorded_case(HEALTHY)) == ""


def test_counts_say_whose_refusals_they_were() -> None:
    assert counts(recorded_case(OWN_401)).endswith("3 were refused by the app itself.")
    assert counts(recorded_case(HEALTHY)).endswith("none with an error.")


@pytest.mark.parametrize(
    ("span_ms", "told"),
    [(59_999, "60 s"), (60_000, "1 min"), (3_600_000, "1 h"), (86_400_000, "1 d")],
)
def test_a_duration_changes_its_units_where_they_are_full(span_ms: int, told: str) -> None:
    assert duration(span_ms) == told
