"""A served core that is killed, or shares its file, loses nothing that it answered."""

import json
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from threading import Event

from running import run
from served import Started, core_in_foreground, ended, kill_9, wait_until_free


def handle_of(answer: object) -> str:
    assert isinstance(answer, dict)
    return str(answer["session"]["handle"])


def created_until_cut_off(core: Started, name: str, first: Event) -> list[str]:
    """Handles of sessions made one after another until the core is gone."""
    handles: list[str] = []
    while True:
        try:
            handles.append(handle_of(core.create(name)))
        except (OSError, HTTPException, json.JSONDecodeError):
            return handles
        first.set()


def known(core: Started, user_id: str) -> set[str]:
    return set(core.ask("GET", f"/recipe/session/user?userId={user_id}").json["sessionHandles"])


def cut_off(core: Started, how: signal.Signals) -> dict[str, list[str]]:
    """What eight callers were answered before the core was ended in the middle of it."""
    names = [f"user-{number}" for number in range(8)]
    signs = [Event() for _ in names]
    with ThreadPoolExecutor(len(names)) as pool:
        running = [
            pool.submit(created_until_cut_off, core, name, sign)
            for name, sign in zip(names, signs, strict=True)
        ]
        assert all(sign.wait(timeout=30) for sign in signs)
        core.process.send_signal(how)
        ended(core.process)
        return {name: one.result() for name, one in zip(names, running, strict=True)}


def test_every_answered_write_outlives_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "core.db"
    with core_in_foreground(db=file) as core:
        answered = cut_off(core, signal.SIGKILL)
    assert all(answered.values())
    with core_in_foreground(db=file) as core:
        for name, handles in answered.items():
            assert set(handles) <= known(core, name)


def test_every_answered_write_outlives_an_orderly_end(tmp_path: Path) -> None:
    file = tmp_path / "core.db"
    with core_in_foreground(db=file) as core:
        answered = cut_off(core, signal.SIGTERM)
        assert core.process.returncode == 0
    assert [one.name for one in tmp_path.glob("core.db*")] == ["core.db"]
    with core_in_foreground(db=file) as core:
        for name, handles in answered.items():
            assert set(handles) <= known(core, name)


def test_tokens_stay_good_when_a_core_is_killed_and_started_again(tmp_path: Path) -> None:
    file = tmp_path / "core.db"
    with core_in_foreground(db=file) as core:
        made = core.create("u")
        rotated = core.refresh(made["refreshToken"]["token"])
        kill_9(core.process)
    with core_in_foreground(db=file) as core:
        assert core.refresh(rotated["refreshToken"]["token"])["status"] == "OK"


def test_sessions_of_a_killed_core_are_listed_by_another_command(tmp_path: Path) -> None:
    file = tmp_path / "core.db"
    with core_in_foreground(db=file) as core:
        handles = {handle_of(core.create("anna")) for _ in range(3)}
        kill_9(core.process)
        wait_until_free(core.port)
    listed = run("sessions", "list", "--user", "anna", "--db", str(file), "-q")
    assert set(listed.stdout.split()) == handles
    assert run("core", "list", "--json").json["cores"] == []


def test_cores_that_share_a_file_know_each_other_s_sessions(tmp_path: Path) -> None:
    file = tmp_path / "core.db"
    with core_in_foreground(db=file) as one, core_in_foreground(db=file) as two:
        assert {core["port"] for core in run("core", "list", "--json").json["cores"]} == {
            one.port,
            two.port,
        }

        def chain(number: int) -> Counter[str]:
            """Eight refreshes of one session, at the one core and the other by turns."""
            token = one.create(f"chain-{number}")["refreshToken"]["token"]
            statuses: Counter[str] = Counter()
            for turn in range(8):
                answer = (one, two)[turn % 2].refresh(token)
                statuses[answer["status"]] += 1
                token = answer["refreshToken"]["token"]
            return statuses

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(chain, range(8))) == [Counter(OK=8)] * 8


def test_one_token_shown_to_two_cores_at_once_leaves_one_current_token(tmp_path: Path) -> None:
    file = tmp_path / "core.db"
    with core_in_foreground(db=file) as one, core_in_foreground(db=file) as two:
        token = one.create("u")["refreshToken"]["token"]
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda n: (one, two)[n % 2].refresh(token), range(16)))
        assert Counter(answer["status"] for answer in answers) == {"OK": 16}
        accepted = [
            answer
            for answer in answers
            if two.ask(
                "POST",
                "/recipe/session/verify",
                {
                    "accessToken": answer["accessToken"]["token"],
                    "enableAntiCsrf": False,
                    "doAntiCsrfCheck": False,
                    "checkDatabase": True,
                },
            ).json["status"]
            == "OK"
        ]
        assert len(accepted) == 1
