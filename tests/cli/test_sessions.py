"""`stctl sessions` on the embedded core: create, list, show, refresh, data, payload."""

import json
from typing import Any

import pytest

from conftest import NOW_MS
from running import Outcome, run
from stctl.clock import FrozenClock, SystemEntropy
from stctl.errors import ErrorKind

NO = ErrorKind.ANSWER_IS_NO.exit_status


def sessions(*arguments: str, **more: Any) -> Outcome:
    return run("sessions", *arguments, **{"entropy": SystemEntropy(), **more})


def made(*arguments: str, user: str = "anna", **more: Any) -> Any:
    outcome = sessions("create", "--user", user, "--json", *arguments, **more)
    assert outcome.exit_status == 0, outcome.stderr
    return outcome.json


def test_what_one_command_creates_the_next_one_sees() -> None:
    handle = made()["session"]["handle"]
    assert sessions("list", "--user", "anna", "-q").stdout == f"{handle}\n"


def test_create_masks_tokens_on_the_screen_and_gives_them_whole_in_json() -> None:
    document = made()
    token = document["refresh_token"]["token"]
    assert (document["schema"], document["status"]) == ("stctl.sessions.create/1", "OK")
    assert token.endswith(".V2")
    masked = sessions("create", "--user", "anna")
    assert ".V2 (" in masked.stdout
    assert "Tokens in full: --reveal, or --json." in masked.stdout
    assert max(map(len, masked.stdout.splitlines())) <= 100


def test_revealed_tokens_stand_alone_on_their_lines() -> None:
    lines = sessions("create", "--user", "anna", "--anti-csrf", "--reveal").stdout.splitlines()
    access = lines[lines.index("access token") + 1]
    refresh = lines[lines.index("refresh token") + 1]
    assert access.count(".") == refresh.count(".") == 2
    assert sessions("refresh", refresh).exit_status == 0


def test_every_write_says_first_where_it_goes() -> None:
    outcome = sessions("create", "--user", "anna")
    assert outcome.stderr.startswith("· Creating a session at the embedded core (")
    assert "core.sqlite3), CDI 5.4" in outcome.stderr
    handle = made()["session"]["handle"]
    for words in (["data", "set", handle, "{}"], ["payload", "set", handle, "{}"]):
        assert "at the embedded core (" in sessions(*words, "-q").stderr


def test_payload_and_data_come_from_the_line_a_file_or_input() -> None:
    from pathlib import Path

    Path("claims.json").write_text('{"rôle": "ädmin"}', encoding="utf-8")
    session = made("--payload", "@claims.json", "--data", "-", stdin='{"seen": 1}')["session"]
    shown = sessions("show", session["handle"], "--json").json
    assert (shown["payload"], shown["data"]) == ({"rôle": "ädmin"}, {"seen": 1})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ('{"a": }', "line 1, column 7"),
        ("[]", "not an object"),
        ("{'a': 1}", "line 1, column 2"),
        ('{"a": NaN}', "NaN"),
        ('{"a": 1e999}', "JSON"),
        ("", "line 1, column 1"),
        ("@no-such-file.json", "No such file"),
        # Newer versions of Python read deeper.
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "nested too deeply"),
        ('{"a":' + "9" * 5000 + "}", "an integer has too many digits"),
    ],
)
def test_what_is_no_json_object_is_refused_with_the_place(given: str, words: str) -> None:
    outcome = sessions("create", "--user", "anna", "--payload", given)
    assert outcome.exit_status == ErrorKind.INPUT_UNREADABLE.exit_status
    assert words in outcome.stderr
    assert "Creating" not in outcome.stderr


def test_a_claim_that_belongs_to_the_core_is_refused_in_the_core_s_words() -> None:
    outcome = sessions("create", "--user", "anna", "--payload", '{"sub": "x"}', "--json")
    assert outcome.error["code"] == "core-refused"
    assert outcome.exit_status == ErrorKind.CORE_REFUSED.exit_status


def test_a_validity_needs_a_version_that_has_it() -> None:
    outcome = sessions("create", "--user", "anna", "--validity", "30s")
    assert outcome.exit_status == ErrorKind.CORE_VERSION.exit_status
    assert "needs CDI 5.6" in outcome.stderr
    document = made("--validity", "30s", "--cdi", "5.6")
    token = document["access_token"]
    assert token["expires_at_ms"] - token["created_at_ms"] == 30_000


@pytest.mark.parametrize("wrong", ["30", "soon", "-1s", "s"])
def test_a_duration_needs_its_unit(wrong: str) -> None:
    outcome = sessions("create", "--user", "anna", f"--validity={wrong}")
    assert outcome.exit_status == ErrorKind.USAGE.exit_status
    assert "duration" in outcome.stderr


def test_a_static_key_is_asked_for() -> None:
    from stctl.tokens.access import read_structure

    kid = read_structure(made("--static-key")["access_token"]["token"]).kid
    assert kid is not None
    assert kid.startswith("s-")


def test_an_unknown_version_is_refused_with_the_list() -> None:
    outcome = sessions("list", "--user", "anna", "--cdi", "9.9")
    assert outcome.exit_status == ErrorKind.USAGE.exit_status
    assert "2.7, 2.8" in outcome.stderr


def test_the_list_has_the_newest_first_with_times_tenant_and_payload() -> None:
    old = made("--payload", '{"n": 1}')["session"]["handle"]
    clock = FrozenClock(NOW_MS + 3 * 3_600_000)
    new = made("--payload", '{"n": 2}', clock=clock)["session"]["handle"]
    outcome = sessions("list", "--user", "anna", clock=FrozenClock(NOW_MS + 4 * 3_600_000))
    title, blank, header, first, second = outcome.stdout.splitlines()
    assert (title, blank) == ("2 sessions of user anna", "")
    assert header.split() == ["HANDLE", "CREATED", "EXPIRES", "TENANT", "PAYLOAD"]
    assert first.startswith(new)
    assert second.startswith(old)
    assert "4 h ago" in second
    assert second.endswith('public  {"n": 1}')


def test_on_a_narrow_screen_each_session_is_a_few_lines() -> None:
    handle = made()["session"]["handle"]
    outcome = sessions("list", "--user", "anna", env={"COLUMNS": "80"})
    assert f"\n{handle}\n  created  now\n" in outcome.stdout
    assert max(map(len, outcome.stdout.splitlines())) <= 80


def test_a_wide_screen_has_absolute_times() -> None:
    made()
    header, row = sessions("list", "--user", "anna", env={"COLUMNS": "140"}).stdout.splitlines()[2:]
    assert "CREATED (UTC)        AGE" in header
    assert "2026-11-18 11:06:40  0 s" in row
    assert max(len(header), len(row)) <= 140


def test_a_long_payload_is_cut_on_the_screen_and_whole_in_json() -> None:
    made("--payload", json.dumps({"text": "x" * 500}))
    outcome = sessions("list", "--user", "anna")
    assert max(map(len, outcome.stdout.splitlines())) <= 100
    assert "…" in outcome.stdout
    document = sessions("list", "--user", "anna", "--json").json
    assert document["sessions"][0]["payload"] == {"text": "x" * 500}


def test_many_sessions_come_in_pages() -> None:
    handles = sorted(made()["session"]["handle"] for _ in range(5))
    first = sessions("list", "--user", "anna", "--limit", "2")
    assert first.stdout.startswith("5 sessions of user anna\n")
    assert first.stdout.endswith("· Page 1 of 3; next: --page 2\n")
    last = sessions("list", "--user", "anna", "--limit", "2", "--page", "3", "--json").json
    assert (last["total"], last["page"], last["pages"]) == (5, 3, 3)
    assert [session["handle"] for session in last["sessions"]] == handles[4:]
    beyond = sessions("list", "--user", "anna", "--limit", "2", "--page", "4")
    assert beyond.exit_status == ErrorKind.USAGE.exit_status


def test_programs_get_everything_unless_they_ask_for_less() -> None:
    handles = sorted(made()["session"]["handle"] for _ in range(3))
    lines = sessions("list", "--user", "anna", "-o", "ndjson").stdout.splitlines()
    assert [json.loads(line)["handle"] for line in lines] == handles
    assert sessions("list", "--user", "anna", "-q").stdout.split() == handles
    header, *rows = sessions("list", "--user", "anna", "-o", "csv").stdout.splitlines()
    assert header.startswith("handle,user_id,recipe_user_id,tenant_id,created_at_ms")
    assert len(rows) == 3


def test_a_user_without_sessions_is_no_error() -> None:
    outcome = sessions("list", "--user", "nobody")
    assert (outcome.exit_status, outcome.stdout) == (0, "No session of user nobody\n")
    assert sessions("list", "--user", "nobody", "-q").stdout == ""


def test_a_user_id_is_never_markup() -> None:
    made(user="[/bold]")
    outcome = sessions("list", "--user", "[/bold]", env={"NO_COLOR": "", "FORCE_COLOR": "1"})
    assert outcome.exit_status == 0
    assert "[/bold]" in outcome.stdout


def test_this_tenant_and_linked_accounts_are_said_in_the_title() -> None:
    made()
    outcome = sessions("list", "--user", "anna", "--this-tenant", "--no-linked-accounts")
    assert outcome.stdout.startswith(
        "1 session of user anna, this tenant, without linked accounts\n"
    )


def test_show_has_everything_the_core_knows() -> None:
    handle = made("--payload", '{"a": 1}', "--data", '{"b": 2}')["session"]["handle"]
    assert sessions("show", handle).stdout.splitlines()[:7] == [
        f"session  {handle}",
        "user     anna",
        "tenant   public",
        "created  2026-11-18 11:06:40 UTC, now",
        "expires  2027-02-26 11:06:40 UTC, in 100 d",
        'payload  {"a": 1}',
        'data     {"b": 2}',
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["show", "unknown"],
        ["data", "get", "unknown"],
        ["payload", "get", "unknown"],
        ["data", "set", "unknown", "{}"],
        ["payload", "set", "unknown", "{}"],
        ["refresh", "unknown"],
    ],
)
def test_a_session_that_is_not_there_is_an_answer_and_the_answer_is_no(words: list[str]) -> None:
    outcome = sessions(*words)
    assert outcome.exit_status == NO
    assert outcome.stdout.startswith("✗ UNAUTHORISED: ")
    document = sessions(*words, "--json").json
    assert document["status"] == "UNAUTHORISED"


def test_data_is_printed_as_bare_json_and_replaced_as_a_whole() -> None:
    handle = made("--data", '{"a": 1}')["session"]["handle"]
    assert json.loads(sessions("data", "get", handle).stdout) == {"a": 1}
    outcome = sessions("data", "set", handle, "-", stdin='{"ß": [1, null]}')
    assert outcome.stdout.startswith(f"✓ Replaced the data of session {handle}\n")
    assert sessions("data", "get", handle, "--json").json["data"] == {"ß": [1, None]}


def test_a_new_payload_says_when_tokens_get_it() -> None:
    handle = made()["session"]["handle"]
    legacy = sessions("payload", "set", handle, '{"a": 1}')
    assert "next refresh, or at a verify that asks the database" in legacy.stdout
    rotation = sessions("payload", "set", handle, '{"a": 2}', "--cdi", "5.6")
    assert "Tokens get it at the next refresh.\n" in rotation.stdout
    assert json.loads(sessions("payload", "get", handle).stdout) == {"a": 2}


def test_refresh_takes_a_token_from_input_and_from_a_cookie() -> None:
    from urllib.parse import quote

    token = made()["refresh_token"]["token"]
    for given in (f"{token}\n", quote(token, safe=""), f'"{token}"'):
        outcome = sessions("refresh", "-", "--json", stdin=given)
        assert outcome.exit_status == 0, outcome.stdout
        assert outcome.json["schema"] == "stctl.sessions.refresh/1"


def test_what_cannot_be_a_refresh_token_is_remarked_on_and_asked_all_the_same() -> None:
    outcome = sessions("refresh", made()["access_token"]["token"])
    assert "does not look like a refresh token" in outcome.stderr
    assert outcome.exit_status == NO
    assert sessions("refresh", "-", stdin="\n").exit_status == 4


def stolen(cdi: str, *arguments: str) -> tuple[Outcome, str]:
    first = made("--cdi", cdi)
    second = sessions("refresh", first["refresh_token"]["token"], "--cdi", cdi, "--json").json
    sessions("refresh", second["refresh_token"]["token"], "--cdi", cdi)
    clock = FrozenClock(NOW_MS + 60_000)
    words = ["refresh", first["refresh_token"]["token"], "--cdi", cdi, *arguments]
    return sessions(*words, clock=clock), first["session"]["handle"]


def test_theft_names_session_and_user_and_what_the_core_left_to_do() -> None:
    outcome, handle = stolen("5.4")
    assert outcome.exit_status == NO
    assert outcome.stdout.startswith("✗ TOKEN_THEFT_DETECTED: ")
    assert f"session  {handle}\n  user     anna\n" in outcome.stdout
    assert "The core has revoked nothing" in outcome.stdout
    assert f"stctl sessions revoke --handle {handle}" in outcome.stdout
    assert sessions("show", handle).exit_status == 0


def test_theft_at_5_6_names_the_subtype_and_the_core_has_ended_the_session() -> None:
    outcome, handle = stolen("5.6")
    assert "subtype  STALE_LINEAGE: " in outcome.stdout
    assert "The core has ended this session itself" in outcome.stdout
    assert sessions("show", handle).exit_status == NO


def test_theft_in_json_says_whether_the_core_revoked() -> None:
    for cdi, revoked, subtype in (("5.4", False, None), ("5.6", True, "STALE_LINEAGE")):
        outcome, handle = stolen(cdi, "--json")
        assert outcome.exit_status == NO
        assert outcome.json["status"] == "TOKEN_THEFT_DETECTED"
        assert outcome.json["session"]["handle"] == handle
        assert (outcome.json["revoked_by_core"], outcome.json["reuse_subtype"]) == (
            revoked,
            subtype,
        )


def test_a_core_that_is_down_is_one_clear_error_with_its_own_status() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    outcome = sessions("list", "--user", "anna", "--core", address)
    assert outcome.exit_status == ErrorKind.CORE_DOWN.exit_status
    assert "connection refused  [core-down]" in outcome.stderr
    assert "stctl core start" in outcome.stderr
