from conftest import NOW_MS
from stctl.render.plain import layout
from stctl.render.sessions.pieces import Asked
from stctl.render.sessions.revocation import planned, reported
from stctl.sessions.revocation import (
    FailedRevocation,
    HandleTarget,
    PlannedSession,
    RevocationPlan,
    TokenValidity,
    UserTarget,
    make_plan,
    make_report,
)

ASKED = Asked(target="http://core:3567", cdi="5.4", now_ms=NOW_MS)
ASSUMED = TokenValidity(validity_ms=3_600_000, source="assumed")
ANNA = UserTarget(user_id="anna", across_tenants=False, linked_accounts=False)
FAILED = FailedRevocation(target=ANNA, handles=("h1", "h2"), code="core-slow", detail="no answer")


def plan(count: int = 2, absent: int = 0) -> RevocationPlan:
    sessions = [PlannedSession(handle=f"h{number}", target=ANNA) for number in range(1, count + 1)]
    gone = [HandleTarget(handle=f"gone{number}") for number in range(absent)]
    return make_plan([ANNA, *gone], {ANNA: sessions}, [], ASSUMED)


def screen_of_plan(made: RevocationPlan, width: int = 100) -> str:
    return "\n".join(layout(planned(made, ASKED).view(width)))


def test_what_was_not_asked_for_in_detail_is_a_question_mark() -> None:
    shown = screen_of_plan(plan())
    assert "h1      ?     ?       ?        by user anna (this tenant, no linked accounts)" in shown
    assert screen_of_plan(plan(), 80).count("user ?, tenant ?, created ?") == 2


def test_an_assumed_validity_is_called_one() -> None:
    assert "does not tell its access_token_validity; 1 h is the default" in screen_of_plan(plan())


def test_many_handles_without_a_session_are_cut() -> None:
    shown = screen_of_plan(plan(absent=25))
    assert shown.count("No live session: gone") == 20
    assert "nor for 5 others" in shown


def test_a_failure_names_user_sessions_code_and_words() -> None:
    made = plan()
    report = make_report(made, [], [FAILED], is_interrupted=False, finished_at_ms=NOW_MS)
    shown = "\n".join(layout(reported(made, report, ASKED).view(100)))
    assert shown == "✗ Not revoked: user anna, 2 sessions (core-slow) no answer"


def test_rows_have_the_outcome_of_each_handle() -> None:
    made = plan(count=4)
    report = make_report(made, ["h3"], [FAILED], is_interrupted=False, finished_at_ms=NOW_MS)
    rows = reported(made, report, ASKED).rows
    assert rows is not None
    assert [(row["handle"], row["outcome"], row["code"]) for row in rows()] == [
        ("h3", "revoked", None),
        ("h4", "already_gone", None),
        ("h1", "failed", "core-slow"),
        ("h2", "failed", "core-slow"),
    ]
