"""`stctl sessions` over many users, as a person and a program use it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fleet_stand import Stand, failing
from running import Outcome
from stctl.cdi.client import CdiClient
from stctl.cli.app import app
from stctl.cli.context import Context
from stctl.cli.settings import CoreTarget
from stctl.errors import ErrorKind
from stctl.exchange import Request, Response


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    stand = Stand(tmp_path)
    with stand.core:
        yield stand


def sessions(stand: Stand, *words: str, stdin: str | None = None, cdi: str = "5.4") -> Outcome:
    """Run `stctl sessions` with the core of the stand in place of its own."""

    class StandContext(Context):
        @contextmanager
        def open_core(self, target: CoreTarget) -> Iterator[CdiClient]:
            yield stand.client(cdi).in_tenant(target.tenant_id)

    arguments = ("sessions", *words)
    context = StandContext(environ={"HOME": str(stand.folder)}, clock=stand.clock)
    context.arguments = arguments
    result = CliRunner().invoke(app, list(arguments), input=stdin, obj=context)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(result.exit_code, result.stdout, result.stderr)


def rows(outcome: Outcome) -> list[Any]:
    return [json.loads(text) for text in outcome.stdout.splitlines()]


def runs_left(stand: Stand) -> list[Path]:
    return list((stand.folder / ".local/state/stctl/runs").glob("*"))


def test_all_sessions_stream_out_user_by_user(stand: Stand) -> None:
    handles = stand.populate(7)
    outcome = sessions(stand, "list", "--all-users", "-o", "ndjson")
    assert outcome.exit_status == 0, outcome.stderr
    assert [row["handle"] for row in rows(outcome)] == handles
    assert rows(outcome)[0]["schema"] == "stctl.sessions.list-all/1"
    assert "14 sessions of 7 users" in outcome.stderr
    assert "no users of it cannot be found" in outcome.stderr
    assert runs_left(stand) == []


def test_the_same_in_every_form(stand: Stand) -> None:
    handles = stand.populate(2, role="admin")
    words = ("list", "--all-users")
    assert sessions(stand, *words, "-q").stdout.split() == handles
    document = sessions(stand, *words, "--json").json
    assert [one["handle"] for one in document["sessions"]] == handles
    table = sessions(stand, *words).stdout
    assert table.startswith("HANDLE ")
    assert all(handle in table for handle in handles)
    assert sessions(stand, *words, "-o", "csv").stdout.count("\n") == 5


def test_a_narrow_screen_has_two_lines_a_session(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    (handle,) = stand.populate(1, sessions=1)
    monkeypatch.setattr("stctl.render.printer.Screen.width", 60)
    first, second = sessions(stand, "list", "--all-users").stdout.splitlines()
    assert first == handle
    assert second == "  user-00000, tenant public, created now, expires in 100 d"


def test_an_interface_without_a_list_of_tenants_is_walked_in_one_and_says_so(stand: Stand) -> None:
    handles = stand.populate(2)
    stand.users["t1"] = ["elsewhere"]
    outcome = sessions(stand, "list", "--all-users", "-q", cdi="4.0")
    assert outcome.stdout.split() == handles
    assert "CDI 4.0 lists no tenants: users of public alone are walked." in outcome.stderr
    assert "elsewhere" not in stand.asked


def test_handles_alone_take_one_call_a_user(stand: Stand) -> None:
    stand.populate(4)
    stand.fault = failing(500, "/recipe/session")
    assert len(sessions(stand, "list", "--all-users", "-q").stdout.split()) == 8


def test_an_interrupted_list_goes_on_where_it_was(stand: Stand) -> None:
    handles = stand.populate(6)
    stand.fault = failing(401, "/recipe/session/user", after=3)
    words = ("list", "--all-users", "-o", "ndjson")
    first = sessions(stand, *words)
    assert first.exit_status == ErrorKind.CORE_KEY_REFUSED.exit_status
    assert "--resume goes on from here" in first.stderr
    stand.fault = lambda _: None
    second = sessions(stand, *words, "--resume")
    assert [row["handle"] for row in [*rows(first), *rows(second)]] == handles
    assert runs_left(stand) == []


def test_there_is_nothing_to_resume_before_something_was_begun(stand: Stand) -> None:
    outcome = sessions(stand, "revoke", "--all-users", "--resume", "--yes")
    assert outcome.exit_status == ErrorKind.USAGE.exit_status
    assert "nothing to resume" in outcome.stderr
    assert runs_left(stand) == []


def test_a_user_without_an_answer_is_listed_and_the_exit_status_says_partly(stand: Stand) -> None:
    stand.populate(4, sessions=1)
    stand.fault = failing(400, "/recipe/session/user", after=1, times=1)
    outcome = sessions(stand, "list", "--all-users", "-q")
    assert outcome.exit_status == ErrorKind.PARTLY_DONE.exit_status
    assert len(outcome.stdout.split()) == 3
    assert "Could not be asked about: user user-00001" in outcome.stderr


def test_filters_compose_for_a_list(stand: Stand) -> None:
    stand.populate(2, sessions=1, role="admin")
    stand.clock.wait_ms(3_600_000)
    stand.populate(1, sessions=1, role="admin")
    old = ("list", "--user", "user-00000", "--older-than", "30min", "-q")
    assert len(sessions(stand, *old).stdout.split()) == 1
    words = ("list", "--all-users", "--where", "payload.role=admin", "--older-than", "30min")
    assert len(sessions(stand, *words, "-q").stdout.split()) == 2 + 1
    assert sessions(stand, *words, "--where", "payload.role=no", "-q").stdout == ""


def test_a_dry_run_counts_and_changes_nothing(stand: Stand) -> None:
    handles = stand.populate(3)
    outcome = sessions(stand, "revoke", "--all-users", "--dry-run")
    assert "To revoke: 6 sessions at " in outcome.stdout
    assert "of all users" in outcome.stdout
    assert sessions(stand, "revoke", "--all-users", "--dry-run", "-q").stdout.split() == handles
    assert len(list(stand.live())) == 6
    assert runs_left(stand) == []


def test_all_users_lose_their_sessions(stand: Stand) -> None:
    stand.populate(5)
    outcome = sessions(stand, "revoke", "--all-users", "--yes", "--json")
    assert outcome.exit_status == 0, outcome.stderr
    report = outcome.json
    assert (report["planned"], report["revoked"], report["not_begun"]) == (10, 10, 0)
    assert report["access_tokens"]["validity_ms"] == 3_600_000
    assert list(stand.live()) == []
    assert runs_left(stand) == []


def test_each_handle_has_an_outcome_of_its_own(stand: Stand) -> None:
    handles = stand.populate(2)
    found = rows(sessions(stand, "revoke", "--all-users", "--yes", "-o", "ndjson"))
    assert [(row["handle"], row["outcome"]) for row in found] == [(h, "revoked") for h in handles]


def test_without_a_terminal_and_without_yes_nothing_happens(stand: Stand) -> None:
    stand.populate(120, sessions=1)
    outcome = sessions(stand, "revoke", "--all-users")
    assert outcome.exit_status == ErrorKind.NOT_CONFIRMED.exit_status
    assert len(list(stand.live())) == 120


@pytest.mark.parametrize(("typed", "left"), [("120", 0), ("y", 120), ("", 120), ("119", 120)])
def test_many_sessions_end_only_for_who_types_their_number(
    stand: Stand, typed: str, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.populate(120, sessions=1)
    monkeypatch.setattr(Context, "can_ask", property(lambda _: True))
    outcome = sessions(stand, "revoke", "--all-users", stdin=f"{typed}\n")
    assert "Type the number to agree" in outcome.stderr
    assert len(list(stand.live())) == left


def test_a_revocation_that_broke_off_is_resumed(stand: Stand) -> None:
    stand.populate(30, sessions=10)
    stand.fault = failing(401, "/recipe/session/remove", after=1)
    words = ("revoke", "--all-users", "--yes")
    first = sessions(stand, *words, "--json")
    assert first.exit_status == ErrorKind.PARTLY_DONE.exit_status
    assert first.json["revoked"] == 100
    assert "100 of 300 sessions are ended" in first.error["message"]
    stand.fault = lambda _: None
    second = sessions(stand, *words, "--resume", "--json").json
    assert (second["revoked"], second["earlier"]) == (300, 100)
    assert list(stand.live()) == []


def test_ctrl_c_finishes_what_is_under_way_and_says_what_was_done(stand: Stand) -> None:
    import os
    import signal

    stand.populate(30, sessions=10)

    def interrupt(request: Request) -> Response | None:
        if request.path == "/recipe/session/remove":
            os.kill(os.getpid(), signal.SIGINT)
        return None

    stand.fault = interrupt
    words = ("revoke", "--all-users", "--yes")
    outcome = sessions(stand, *words, "--json")
    assert outcome.exit_status == ErrorKind.INTERRUPTED.exit_status
    assert (outcome.json["revoked"], outcome.json["not_begun"]) == (100, 200)
    assert "Stopped: 100 of 300 sessions are ended." in outcome.error["message"]
    stand.fault = lambda _: None
    assert sessions(stand, *words, "--resume").exit_status == 0
    assert list(stand.live()) == []


def test_ctrl_c_while_counting_revokes_nothing(stand: Stand) -> None:
    import os
    import signal

    stand.populate(9)

    def interrupt(_request: Request) -> Response | None:
        if len(stand.asked) == 4:
            os.kill(os.getpid(), signal.SIGINT)
        return None

    stand.fault = interrupt
    outcome = sessions(stand, "revoke", "--all-users", "--yes")
    assert outcome.exit_status == ErrorKind.INTERRUPTED.exit_status
    assert "nothing was revoked" in outcome.stderr
    assert len(list(stand.live())) == 18


def test_a_tenant_named_alone_means_its_sessions_and_no_others(stand: Stand) -> None:
    stand.core.answer(_put_tenant("t1"))
    stand.users["t1"] = ["user-00000"]
    stand.populate(2, sessions=1)
    inside = stand.client().in_tenant("t1").create_session("user-00000").session.handle
    outcome = sessions(stand, "revoke", "--tenant", "t1", "--yes", "-q")
    assert outcome.stdout.split() == [inside]
    assert len(list(stand.live())) == 2


def test_a_list_comes_from_a_file_or_from_input(stand: Stand) -> None:
    handles = stand.populate(3, sessions=1)
    Path("list.txt").write_text(f"{handles[0]}\n", encoding="utf-8")
    assert sessions(stand, "revoke", "--from-file", "list.txt", "--yes").exit_status == 0
    listed = sessions(stand, "list", "--all-users", "-o", "ndjson").stdout
    done = sessions(stand, "revoke", "--from-file", "-", "--yes", "-q", stdin=listed)
    assert sorted(done.stdout.split()) == sorted(handles[1:])


def test_many_named_users_are_dealt_with_as_work_of_any_size(stand: Stand) -> None:
    stand.populate(25, sessions=1)
    words = [word for user in stand.users["public"] for word in ("--user", user)]
    outcome = sessions(stand, "revoke", *words, "--yes", "--json")
    assert (outcome.json["revoked"], outcome.json["users"]) == (25, 25)


def test_two_processes_are_not_at_the_same_work_at_once(stand: Stand) -> None:
    stand.populate(2)
    at_once: list[Outcome] = []

    def also(request: Request) -> Response | None:
        if request.path == "/recipe/session/remove" and not at_once:
            at_once.append(sessions(stand, "revoke", "--all-users", "--yes"))
        return None

    stand.fault = also
    assert sessions(stand, "revoke", "--all-users", "--yes", "--json").json["revoked"] == 4
    assert at_once[0].exit_status == ErrorKind.USAGE.exit_status
    assert "at the same work" in at_once[0].stderr


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("list", "--user", "a", "--all-users"),
        ("revoke",),
        ("revoke", "--user", "a", "--all-users"),
        ("revoke", "--all-users", "--where", "role=admin"),
        ("revoke", "--all-users", "--where", "payload.role"),
        ("revoke", "--all-users", "--older-than", "30"),
        ("revoke", "--all-users", "--rate", "0"),
        ("revoke", "--all-users", "--concurrency", "0"),
    ],
)
def test_words_that_mean_nothing_are_refused(stand: Stand, words: tuple[str, ...]) -> None:
    assert sessions(stand, *words).exit_status == ErrorKind.USAGE.exit_status
    assert stand.asked == []


def _put_tenant(tenant_id: str) -> Request:
    return Request(
        method="PUT",
        path="/recipe/multitenancy/tenant/v2",
        headers=[("cdi-version", "5.4"), ("content-type", "application/json")],
        body=json.dumps({"tenantId": tenant_id}).encode(),
    )
