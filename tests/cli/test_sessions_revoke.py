"""`stctl sessions revoke` on the embedded core: plan, question, report."""

from typing import Any

from conftest import NOW_MS
from running import Outcome, run
from stctl.clock import SystemEntropy
from stctl.errors import ErrorKind

HOUR_MS = 3_600_000


def sessions(*arguments: str, **more: Any) -> Outcome:
    return run("sessions", *arguments, entropy=SystemEntropy(), **more)


def made(user: str = "anna") -> str:
    outcome = sessions("create", "--user", user, "-q")
    assert outcome.exit_status == 0, outcome.stderr
    return outcome.stdout.strip()


def left(user: str = "anna") -> list[str]:
    return sessions("list", "--user", user, "-q").stdout.split()


def test_a_user_is_logged_out_everywhere_and_others_are_not() -> None:
    handles = sorted([made(), made()])
    other = made("bert")
    outcome = sessions("revoke", "--user", "anna", "--yes")
    assert outcome.exit_status == 0
    assert outcome.stdout.splitlines()[0].startswith("✓ Revoked 2 sessions at the embedded core (")
    assert [line.strip() for line in outcome.stdout.splitlines()[1:3]] == handles
    assert left() == []
    assert left("bert") == [other]


def test_the_report_says_until_when_tokens_already_issued_stay_valid() -> None:
    made()
    outcome = sessions("revoke", "--user", "anna", "--yes")
    assert (
        "! Access tokens already issued stay valid until 2026-11-18 12:06:40 UTC at the latest, "
        "in 1 h, for verifiers that do not ask the database" in outcome.stdout
    )
    made()
    document = sessions("revoke", "--user", "anna", "--yes", "--json").json
    assert document["access_tokens"]["valid_until_ms"] == NOW_MS + HOUR_MS
    assert document["access_tokens"]["validity_ms"] == HOUR_MS
    assert document["access_tokens"]["known_from"] != "assumed"


def test_the_core_s_own_validity_is_what_counts() -> None:
    made()
    environ = {"ACCESS_TOKEN_VALIDITY": "90"}
    document = sessions("revoke", "--user", "anna", "--yes", "--json", env=environ).json
    assert document["access_tokens"]["valid_until_ms"] == NOW_MS + 90_000


def test_the_plan_comes_before_the_work_and_names_core_sessions_and_reasons() -> None:
    handle = made()
    outcome = sessions("revoke", "--user", "anna", "--handle", handle, "--handle", "gone", "--yes")
    plan = outcome.stderr.splitlines()
    assert plan[0].startswith("To revoke: 1 session at the embedded core (")
    assert plan[1].split() == ["HANDLE", "USER", "TENANT", "CREATED", "WHY"]
    assert plan[2].split() == [handle, "anna", "public", "now", "by", "user", "anna"]
    assert plan[3] == "· No live session: gone"
    assert "up to 1 h for verifiers that do not ask the database" in plan[4]
    assert "· Had ended before: gone" in outcome.stdout


def test_a_narrow_screen_has_the_plan_in_two_lines_a_session() -> None:
    handle = made()
    outcome = sessions("revoke", "--user", "anna", "--dry-run", env={"COLUMNS": "80"})
    assert f"\n{handle}\n  user anna, tenant public, created now; by user anna\n" in outcome.stdout


def test_a_dry_run_shows_the_plan_as_its_result_and_changes_nothing() -> None:
    handle = made()
    outcome = sessions("revoke", "--user", "anna", "--dry-run")
    assert outcome.stdout.startswith("To revoke: 1 session at ")
    document = sessions("revoke", "--user", "anna", "-n", "--json").json
    assert document["dry_run"] is True
    assert [session["handle"] for session in document["plan"]["sessions"]] == [handle]
    assert (document["revoked"], document["access_tokens"]["valid_until_ms"]) == ([], None)
    assert sessions("revoke", "--user", "anna", "-n", "-q").stdout == f"{handle}\n"
    assert left() == [handle]


def test_without_a_terminal_and_without_yes_nothing_is_revoked() -> None:
    handle = made()
    outcome = sessions("revoke", "--user", "anna", stdin="y\n")
    assert outcome.exit_status == ErrorKind.NOT_CONFIRMED.exit_status
    assert "To revoke: 1 session" in outcome.stderr
    assert "--yes" in outcome.stderr
    assert outcome.stdout == ""
    assert left() == [handle]


def test_what_is_gone_already_needs_no_question_and_is_no_failure() -> None:
    outcome = sessions("revoke", "--user", "nobody", "--handle", "gone")
    assert outcome.exit_status == 0
    assert "✓ There was nothing to revoke\n· Had ended before: gone\n" in outcome.stdout
    assert "Access tokens" not in outcome.stdout


def test_handles_come_from_input_one_a_line() -> None:
    handles = [made(), made()]
    listed = sessions("list", "--user", "anna", "-q").stdout
    outcome = sessions("revoke", "--handle", "-", "--yes", "-q", stdin=f"{listed}\n{handles[0]}\n")
    assert sorted(outcome.stdout.split()) == sorted(handles)
    assert left() == []


def test_partly_done_lists_what_was_and_what_was_not() -> None:
    handle = made()
    words = ["revoke", "--handle", handle, "--handle", "x_nowhere", "--yes"]
    outcome = sessions(*words)
    assert outcome.exit_status == ErrorKind.PARTLY_DONE.exit_status
    assert f"  {handle}\n" in outcome.stdout
    assert "✗ Not revoked: x_nowhere (core-refused)" in outcome.stdout
    assert "1 of 2 sessions are ended.  [partly-done]" in outcome.stderr
    document = sessions(*words, "--json").json
    assert document["already_gone"] == [handle]
    assert document["failed"][0]["handles"] == ["x_nowhere"]
    rows = sessions(*words, "-o", "csv").stdout.splitlines()
    assert rows == [
        "handle,outcome,code",
        f"{handle},already_gone,",
        "x_nowhere,failed,core-refused",
    ]


def test_long_plans_and_reports_are_cut_on_the_screen_and_whole_in_json() -> None:
    for _ in range(23):
        made()
    outcome = sessions("revoke", "--user", "anna", "--yes")
    assert "and 3 more; -q or --json has all" in outcome.stderr
    assert "and 3 more; -q or --json has all" in outcome.stdout
    made()
    assert len(sessions("revoke", "--user", "anna", "--yes", "--json").json["revoked"]) == 1


def test_it_must_be_said_what_to_revoke() -> None:
    outcome = sessions("revoke", "--yes")
    assert outcome.exit_status == ErrorKind.USAGE.exit_status
    assert "Give --user or --handle" in outcome.stderr


def test_an_empty_list_on_input_is_nothing_to_revoke() -> None:
    outcome = sessions("revoke", "--handle", "-", "--yes", stdin="\n")
    assert (outcome.exit_status, outcome.stdout) == (0, "✓ There was nothing to revoke\n")
