"""Ending the sessions of many users: nothing twice, nothing forgotten, whatever happens."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet_stand import Stand, failing
from stctl.cdi.fleet.journal import Journal, records
from stctl.cdi.fleet.pace import Stop
from stctl.cdi.fleet.planning import planned_handles
from stctl.cdi.fleet.sources import FromLines, SomeUsers
from stctl.errors import ErrorKind, StctlError
from stctl.exchange import Request, Response
from stctl.sessions.conditions import read_condition


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    stand = Stand(tmp_path)
    with stand.core:
        yield stand


def test_every_session_of_every_user_ends_and_no_other(stand: Stand) -> None:
    handles = stand.populate(1203, sessions=1)
    stranger = stand.client().create_session("no-user-of-the-core").session.handle
    plan = stand.plan()
    assert (plan.users, plan.sessions, plan.is_complete) == (1203, 1203, True)
    assert list(planned_handles(stand.folder / "found.ndjson")) == handles
    report = stand.end()
    assert (report.revoked, report.already_gone, report.not_begun) == (1203, 0, 0)
    assert list(stand.live()) == [stranger]


def test_sessions_made_after_the_count_stay(stand: Stand) -> None:
    stand.populate(3)
    stand.plan()
    late = stand.client().create_session("user-00001").session.handle
    assert stand.end().revoked == 6
    assert list(stand.live()) == [late]


def test_what_ended_after_the_count_is_told_apart(stand: Stand) -> None:
    handles = stand.populate(3)
    stand.plan()
    stand.client().revoke_handles(handles[:2])
    report = stand.end()
    assert (report.revoked, report.already_gone, report.is_complete) == (4, 2, True)
    outcomes = {handle: outcome for handle, outcome, _ in stand.ending().outcomes()}
    assert [outcomes[handle] for handle in handles[:3]] == ["already_gone"] * 2 + ["revoked"]


@pytest.mark.parametrize("workers", [1, 5])
def test_a_stopped_count_goes_on_where_it_stopped(stand: Stand, workers: int) -> None:
    stand.populate(40, sessions=1)
    stop = Stop()

    def stop_soon(request: Request) -> Response | None:
        if request.path == "/recipe/session/user" and len(stand.asked) == 17:
            stop.ask()
        return None

    stand.fault = stop_soon
    first = stand.plan(workers=workers, stop=stop)
    assert not first.is_complete
    assert 17 <= first.users < 40
    second = stand.plan(workers=workers)
    assert (second.users, second.sessions, second.is_complete) == (40, 40, True)
    assert sorted(stand.asked) == stand.users["public"]


@pytest.mark.parametrize("workers", [1, 5])
def test_a_stopped_revocation_goes_on_and_asks_for_nothing_twice(
    stand: Stand, workers: int
) -> None:
    handles = stand.populate(120, sessions=10)
    stand.plan()
    stand.asked.clear()
    stop = Stop()

    def stop_soon(request: Request) -> Response | None:
        if request.path == "/recipe/session/remove" and len(stand.asked) >= 300:
            stop.ask()
        return None

    stand.fault = stop_soon
    first = stand.end(workers=workers, stop=stop)
    assert first.is_interrupted
    assert 0 < first.not_begun < 1200
    assert first.revoked + first.not_begun == 1200
    second = stand.end(workers=workers)
    assert (second.revoked, second.already_gone, second.not_begun) == (1200, 0, 0)
    assert second.earlier == first.revoked
    assert sorted(stand.asked) == sorted(handles)
    assert list(stand.live()) == []


def test_a_killed_process_leaves_journals_that_can_be_read(stand: Stand) -> None:
    stand.populate(30, sessions=1)
    stand.plan()
    found = stand.folder / "found.ndjson"
    lines = found.read_bytes().splitlines(keepends=True)
    found.write_bytes(b"".join(lines[:11]) + lines[11][:20])
    stand.asked.clear()
    plan = stand.plan()
    assert plan.sessions == 30
    assert stand.asked == stand.users["public"][11:]
    assert len(set(planned_handles(found))) == 30


def test_the_last_user_of_a_page_may_vanish_between_two_runs(stand: Stand) -> None:
    stand.populate(10, sessions=1)
    stand.plan()
    found = stand.folder / "found.ndjson"
    lines = found.read_bytes().splitlines(keepends=True)
    found.write_bytes(b"".join(lines[:5]))
    stand.users["public"].remove("user-00004")
    assert stand.plan().is_complete
    assert '"user":"user-00005"' in found.read_text("utf-8")


def test_a_user_of_several_tenants_is_asked_about_once(stand: Stand) -> None:
    stand.populate(3, sessions=1)
    stand.users["t1"] = ["user-00001", "only-t1"]
    plan = stand.plan()
    assert (plan.users, plan.sessions) == (4, 3)
    assert sorted(stand.asked) == ["only-t1", "user-00000", "user-00001", "user-00002"]


def test_a_refused_batch_is_listed_and_tried_again_by_the_next_run(stand: Stand) -> None:
    stand.populate(250, sessions=1)
    stand.plan()
    stand.fault = failing(400, "/recipe/session/remove", after=1, times=1)
    report = stand.end()
    assert (report.revoked, report.failed, report.is_complete) == (150, 100, False)
    (failure,) = report.failures
    assert (failure.sessions, failure.code) == (100, "core-refused")
    stand.fault = lambda _: None
    again = stand.end()
    assert (again.revoked, again.failed, again.earlier) == (250, 0, 150)
    assert list(stand.live()) == []


def test_a_user_that_cannot_be_asked_about_is_listed_and_the_others_go_on(stand: Stand) -> None:
    stand.populate(5, sessions=1)
    stand.fault = failing(400, "/recipe/session/user", after=2, times=1)
    plan = stand.plan()
    assert (plan.sessions, plan.failed, plan.is_complete) == (4, 1, True)
    assert plan.failures[0].what == "user user-00002"


def test_a_core_that_refuses_the_key_ends_the_work_at_once(stand: Stand) -> None:
    stand.populate(50, sessions=1)
    stand.fault = failing(401, "/recipe/session/user", after=10)
    with pytest.raises(StctlError) as caught:
        stand.plan()
    assert caught.value.kind is ErrorKind.CORE_KEY_REFUSED
    stand.fault = lambda _: None
    assert stand.plan().sessions == 50
    assert len(stand.asked) == 50


def test_twenty_refusals_in_a_row_are_the_core_and_not_the_users(stand: Stand) -> None:
    stand.populate(60, sessions=1)
    stand.fault = failing(400, "/recipe/session/user", after=5)
    with pytest.raises(StctlError):
        stand.plan()
    assert sum(1 for _ in records(stand.folder / "found.ndjson")) == 5 + 19


def test_a_revocation_that_loses_its_core_says_what_was_not_begun(stand: Stand) -> None:
    stand.populate(300, sessions=1)
    stand.plan()
    stand.fault = failing(401, "/recipe/session/remove", after=1)
    report = stand.end()
    assert (report.revoked, report.failed, report.not_begun) == (100, 100, 100)
    assert not report.is_interrupted


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_core_is_waited_for(stand: Stand, status: int) -> None:
    stand.populate(5, sessions=1)
    stand.fault = failing(status, "/recipe/session/user", after=1, times=3)
    before_ms = stand.clock.now_ms()
    assert stand.plan().sessions == 5
    assert stand.clock.now_ms() - before_ms >= 7_000


def test_conditions_compose_and_only_what_meets_all_is_planned(stand: Stand) -> None:
    stand.populate(2, sessions=1, role="admin", level=1)
    client = stand.client()
    wanted = client.create_session(
        "user-00000", user_data_in_jwt={"role": "admin", "level": 5}
    ).session.handle
    conditions = [read_condition("payload.role=admin"), read_condition("payload.level>=5")]
    plan = stand.plan(conditions=conditions)
    assert (plan.sessions, plan.users) == (1, 2)
    assert list(planned_handles(stand.folder / "found.ndjson")) == [wanted]


def test_a_list_may_name_handles_and_users_in_any_order(stand: Stand) -> None:
    handles = stand.populate(4, sessions=1)
    lines = [
        handles[3],
        json.dumps({"user_id": "user-00000"}),
        "",
        json.dumps({"handle": handles[1], "user_id": "user-00001"}),
        json.dumps({"schema": "stctl.users.list/1", "id": "user-00002"}),
    ]
    source = FromLines(stand.client(), lambda: lines)
    assert stand.plan(source=source).sessions == 4
    assert sorted(planned_handles(stand.folder / "found.ndjson")) == sorted(handles)


@pytest.mark.parametrize("cut", range(5))
def test_a_list_is_taken_up_after_any_part(stand: Stand, cut: int) -> None:
    stand.populate(3, sessions=1)
    lines = [*(f"h{number}" for number in range(230)), '{"user_id": "user-00001"}', "last"]
    source = FromLines(stand.client(), lambda: lines)
    whole = [(subject.user_id, subject.handles) for subject in source.subjects(None)]
    parts = list(source.subjects(None))
    rest = source.subjects(parts[cut].position)
    assert [(one.user_id, one.handles) for one in rest] == whole[cut + 1 :]


@pytest.mark.parametrize("text", ["{", "{}", '{"handle": 1}', "{" * 5000])
def test_a_line_that_names_nothing_is_named(stand: Stand, text: str) -> None:
    with pytest.raises(StctlError) as caught:
        list(FromLines(stand.client(), lambda: ["h", text]).subjects(None))
    assert caught.value.kind is ErrorKind.INPUT_UNREADABLE
    assert "Line 2" in caught.value.detail


def test_named_users_are_asked_in_their_order(stand: Stand) -> None:
    stand.populate(3, sessions=1)
    source = SomeUsers(stand.client(), ["user-00002", "nobody", "user-00000"])
    assert stand.plan(source=source).sessions == 2
    assert stand.asked == ["user-00002", "nobody", "user-00000"]


def test_two_processes_cannot_be_at_the_same_work(stand: Stand) -> None:
    path = stand.folder / "found.ndjson"
    with Journal(path, stand.clock), pytest.raises(StctlError) as caught:
        Journal(path, stand.clock)
    assert "at the same work" in caught.value.detail


def test_a_journal_is_whole_after_it_was_torn_anywhere(tmp_path: Path, stand: Stand) -> None:
    path = tmp_path / "journal.ndjson"
    for length in range(30):
        path.write_bytes(b'{"a":1}\n{"b":"\\u00e9"}\n{"c":3}\n'[:length])
        kept = list(records(path))
        with Journal(path, stand.clock) as journal:
            journal.add({"d": "ü\n"})
        assert list(records(path)) == [*kept, {"d": "ü\n"}]
