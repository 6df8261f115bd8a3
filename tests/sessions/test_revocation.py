from stctl.sessions.revocation import (
    FailedRevocation,
    HandleTarget,
    PlannedSession,
    RevocationPlan,
    Target,
    TokenValidity,
    UserTarget,
    make_plan,
    make_report,
)

HOUR = TokenValidity(validity_ms=3_600_000, source="handshake")
ANNA, BERT = UserTarget(user_id="anna"), UserTarget(user_id="bert")
ONE, TWO = HandleTarget(handle="h1"), HandleTarget(handle="h2")


def planned(handle: str, target: UserTarget | HandleTarget) -> PlannedSession:
    return PlannedSession(handle=handle, target=target)


def plan() -> RevocationPlan:
    found: dict[Target, list[PlannedSession]] = {
        ANNA: [planned("h1", ANNA), planned("h3", ANNA)],
        ONE: [planned("h1", ONE)],
    }
    return make_plan([ANNA, ONE, TWO, BERT, ANNA], found, [], HOUR)


def failure(*handles: str) -> FailedRevocation:
    return FailedRevocation(target=ANNA, handles=handles, code="core-down", detail="refused")


def test_a_session_that_two_targets_lead_to_counts_for_the_first() -> None:
    assert plan().handles == ("h1", "h3")
    assert plan().handles_of(ANNA) == ("h1", "h3")
    assert plan().handles_of(ONE) == ()


def test_targets_without_a_session_are_named_once() -> None:
    assert plan().absent == (TWO, BERT)
    assert plan().targets == (ANNA, ONE, TWO, BERT)


def test_a_target_that_could_not_be_looked_up_is_not_called_absent() -> None:
    refused = FailedRevocation(target=TWO, handles=("h2",), code="core-refused", detail="no tenant")
    made = make_plan([TWO], {}, [refused], HOUR)
    assert (made.absent, made.failed) == ((), (refused,))
    report = make_report(made, [], [], is_interrupted=False, finished_at_ms=0)
    assert report.failed == (refused,)
    assert not report.is_complete


def test_what_the_core_did_not_name_had_ended_before() -> None:
    report = make_report(plan(), ["h3"], [], is_interrupted=False, finished_at_ms=5)
    assert report.revoked == ("h3",)
    assert report.already_gone == ("h2", "h1")
    assert report.is_complete


def test_what_failed_is_neither_revoked_nor_gone() -> None:
    failed = failure("h1", "h3")
    report = make_report(plan(), [], [failed], is_interrupted=False, finished_at_ms=5)
    assert (report.revoked, report.already_gone, report.failed) == ((), ("h2",), (failed,))


def test_a_session_made_after_the_plan_is_reported_last_and_once() -> None:
    revoked = ["new", "h3", "h1", "new"]
    report = make_report(plan(), revoked, [], is_interrupted=False, finished_at_ms=5)
    assert report.revoked == ("h1", "h3", "new")


def test_tokens_live_on_only_where_something_was_revoked() -> None:
    report = make_report(plan(), ["h1"], [], is_interrupted=False, finished_at_ms=1000)
    assert report.tokens_valid_until_ms == 3_601_000
    report = make_report(plan(), [], [], is_interrupted=False, finished_at_ms=1000)
    assert report.tokens_valid_until_ms is None
