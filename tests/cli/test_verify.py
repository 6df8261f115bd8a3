import json
from pathlib import Path
from typing import Any

from conftest import NOW_MS
from running import Outcome, run
from served import core_in_foreground
from stctl.clock import FrozenClock

DB = ("--db", "x.sqlite3")


def created(*arguments: str) -> Any:
    done = run("sessions", "create", "--user", "anna", *DB, "--json", *arguments)
    assert done.exit_status == 0, done.stderr
    return done.json


def refreshed(tokens: Any, *arguments: str) -> Any:
    token = tokens["refresh_token"]["token"]
    return run("sessions", "refresh", token, *DB, "--json", *arguments).json


def access(tokens: Any) -> str:
    token: str = tokens["access_token"]["token"]
    return token


def said(outcome: Outcome) -> list[tuple[str, str]]:
    return [(one["outcome"], one["status"]) for one in outcome.json["verdicts"]]


def verify(token: str, *arguments: str, clock: FrozenClock | None = None) -> Outcome:
    return run("verify", token, *DB, "--json", *arguments, clock=clock)


def test_a_good_token_is_accepted_by_all_three() -> None:
    done = verify(access(created()))
    assert done.exit_status == 0
    assert said(done) == [("yes", "OK")] * 3
    assert [one["verifier"] for one in done.json["verdicts"]] == [
        "key set of the core",
        "core, CDI 5.6, without database",
        "core, CDI 5.6, with database",
    ]
    assert done.json["session"] == "there"
    assert done.json["notes"] == []


def test_a_revoked_session_is_told_by_the_database_alone_and_says_until_when() -> None:
    tokens = created()
    run("sessions", "revoke", "--user", "anna", *DB, "--yes")
    done = verify(access(tokens))
    assert done.exit_status == 3
    assert said(done) == [("yes", "OK"), ("yes", "OK"), ("no", "UNAUTHORISED")]
    assert "The session was ended" in done.json["notes"][0]
    assert "ended" in run("verify", access(tokens), *DB).stdout


def test_a_displaced_branch_is_told_apart_from_a_revoked_session() -> None:
    first = created()
    second = refreshed(first, "--cdi", "5.6")
    refreshed(second, "--cdi", "5.6")
    done = verify(access(first))
    assert said(done)[2] == ("no", "UNAUTHORISED")
    assert "another branch" in done.json["notes"][0]
    assert done.json["session"] == "there"


def test_a_look_never_promotes_a_session_unless_it_is_allowed() -> None:
    tokens = created()
    child = refreshed(tokens, "--cdi", "5.4")
    done = verify(access(child), "--cdi", "5.4")
    assert said(done) == [("yes", "OK"), ("not-asked", ""), ("not-asked", "")]
    assert verify(access(child)).exit_status == 0
    # Nothing was promoted: the first refresh token is still the current one.
    again = refreshed(tokens, "--cdi", "5.4")
    assert again["status"] == "OK"
    allowed = verify(access(child), "--cdi", "5.4", "--may-promote")
    assert said(allowed) == [("yes", "OK")] * 3
    assert allowed.json["verdicts"][1]["replaces_token"]
    assert refreshed(tokens, "--cdi", "5.4")["status"] == "TOKEN_THEFT_DETECTED"


def test_a_token_that_no_question_can_promote_is_asked_about_in_the_old_family_too() -> None:
    done = verify(access(created()), "--cdi", "5.4")
    assert said(done) == [("yes", "OK")] * 3


def test_at_the_moment_of_expiry_the_core_and_the_libraries_differ() -> None:
    tokens = created()
    token = access(tokens)
    expires_ms = verify(token).json["token"]["expires_at_ms"]
    at = verify(token, clock=FrozenClock(expires_ms))
    assert said(at) == [("no", "TRY_REFRESH_TOKEN"), ("yes", "OK"), ("yes", "OK")]
    assert any("very moment" in note for note in at.json["notes"])
    after = verify(token, clock=FrozenClock(expires_ms + 1))
    assert said(after) == [("no", "TRY_REFRESH_TOKEN")] * 3


def test_a_clock_of_the_core_that_is_behind_is_noticed() -> None:
    with core_in_foreground() as core:
        url = f"http://127.0.0.1:{core.port}"
        token = core.create("anna")["accessToken"]["token"]
        ahead = FrozenClock(core.create("anna")["accessToken"]["expiry"] + 240_000)
        done = run("verify", token, "--core", url, "--json", clock=ahead)
    assert said(done) == [("no", "TRY_REFRESH_TOKEN"), ("yes", "OK"), ("yes", "OK")]
    assert any("behind this one" in note for note in done.json["notes"])


def test_a_key_set_in_a_file_needs_no_core() -> None:
    token = access(created())
    assert run("verify", token, "--no-core", "--json").error["code"] == "usage"
    with core_in_foreground() as core:
        other = core.ask("GET", "/.well-known/jwks.json").body
        Path("other.json").write_bytes(other)
    done = verify(token, "--jwks", "other.json", "--no-core")
    assert done.exit_status == 3
    assert said(done) == [("no", "TRY_REFRESH_TOKEN")]
    beside = verify(token, "--jwks", "other.json")
    assert said(beside)[1:] == [("yes", "OK")] * 2
    assert any("old copy" in note for note in beside.json["notes"])


def test_a_tampered_token_is_refused_by_all() -> None:
    head, payload, signature = access(created()).split(".")
    done = verify(f"{head}.{payload}.{signature[::-1]}")
    assert [one[0] for one in said(done)] == ["no"] * 3


def test_a_changed_payload_is_told() -> None:
    tokens = created()
    handle = tokens["session"]["handle"]
    run("sessions", "payload", "set", handle, '{"role": "admin"}', *DB)
    done = verify(access(tokens))
    assert done.json["verdicts"][2]["payload_update_available"] is True
    assert any("payload has changed" in note for note in done.json["notes"])


def test_the_token_is_found_in_what_was_pasted_and_never_printed() -> None:
    token = access(created())
    done = run("verify", "-", *DB, stdin=f"Cookie: sAccessToken={token}; other=1\n")
    assert done.exit_status == 0
    assert token not in done.stdout + done.stderr
    assert token not in json.dumps(verify(token).json)


def test_what_is_no_access_token_is_named() -> None:
    tokens = created()
    done = run("verify", tokens["refresh_token"]["token"], *DB, "--json")
    assert done.error["code"] == "input-unreadable"
    assert "refresh-token" in done.error["message"]


def test_a_core_that_is_down_is_an_error_unless_somebody_else_can_say() -> None:
    down = ("--core", "http://127.0.0.1:9", "--json")
    assert run("verify", access(created()), *down).error["code"] == "core-down"
    with core_in_foreground() as core:
        mine = core.create("u")["accessToken"]["token"]
        Path("keys.json").write_bytes(core.ask("GET", "/.well-known/jwks.json").body)
    done = run("verify", mine, "--jwks", "keys.json", *down, clock=FrozenClock(NOW_MS))
    assert done.exit_status == 10
    assert said(done) == [("yes", "OK"), ("failed", "core-down")]


def test_an_anti_csrf_token_that_differs_is_refused() -> None:
    tokens = created("--anti-csrf")
    good = verify(access(tokens), "--anti-csrf-token", tokens["anti_csrf_token"])
    assert good.exit_status == 0
    wrong = verify(access(tokens), "--anti-csrf-token", "x")
    assert said(wrong)[1:] == [("no", "TRY_REFRESH_TOKEN")] * 2
