"""`stctl users`, `roles` and `tenants` on the embedded core: what one writes the other reads."""

import json
from typing import Any

from conftest import NOW_MS
from running import Outcome, run
from stctl.clock import FrozenClock, SystemEntropy
from stctl.errors import ErrorKind

NO = ErrorKind.ANSWER_IS_NO.exit_status


def stctl(*arguments: str, **more: Any) -> Outcome:
    return run(*arguments, **{"entropy": SystemEntropy(), **more})


def made(count: int = 1, *more: str, **options: Any) -> list[str]:
    outcome = stctl("users", "create", "--count", str(count), "-q", *more, **options)
    assert outcome.exit_status == 0, outcome.stderr
    return outcome.stdout.split()


def test_users_that_were_made_are_listed_page_by_page() -> None:
    ids = [made(1, clock=FrozenClock(NOW_MS + number))[0] for number in range(5)]
    first = stctl("users", "list", "--limit", "3", "--json").json
    words = ("--page-token", first["next_page_token"])
    rest = stctl("users", "list", "--limit", "3", *words, "-q").stdout.split()
    seen = [user["id"] for user in first["users"]] + rest
    assert seen == ids
    newest = stctl("users", "list", "--newest-first", "-q").stdout.split()
    assert newest == seen[::-1]
    assert stctl("users", "list", "--all", "-q").stdout.split() == seen
    assert stctl("users", "count", "-q").stdout == "5\n"


def test_a_user_is_found_by_the_beginning_of_its_address() -> None:
    for address in ("anna@example.com", "bert@example.com"):
        stctl("users", "create", "--email", address)
    (found,) = stctl("users", "list", "--email", "ann", "--json").json["users"]
    assert found["emails"] == ["anna@example.com"]
    again = stctl("users", "create", "--email", "anna@example.com", "--json")
    assert (again.exit_status, again.json["taken"]) == (NO, ["anna@example.com"])


def test_what_hangs_on_a_user_is_shown_with_it_and_with_its_session() -> None:
    (user,) = made()
    handle = stctl("sessions", "create", "--user", user, "-q").stdout.strip()
    stctl("roles", "create", "editor", "--permission", "write")
    assert stctl("users", "roles", "add", user, "editor", "none").exit_status == NO
    stctl("users", "metadata", "set", user, '{"plan": "pro", "old": 1}')
    stctl("users", "metadata", "set", user, '{"old": null}')
    shown = stctl("users", "show", user, "--json").json
    assert (shown["roles"], shown["metadata"], shown["live_sessions"]) == (
        ["editor"],
        {"plan": "pro"},
        1,
    )
    session = stctl("sessions", "show", handle, "--json").json
    assert (session["roles"], session["user_known"]) == (["editor"], True)
    assert session["emails"] == shown["user"]["emails"]
    assert stctl("users", "active", "-q").stdout == "1\n"


def test_roles_come_and_go() -> None:
    (user,) = made()
    stctl("roles", "create", "a", "--permission", "p")
    stctl("users", "roles", "add", user, "a")
    assert stctl("roles", "users", "a", "-q").stdout.split() == [user]
    assert stctl("roles", "show", "a", "--json").json["permissions"] == ["p"]
    assert stctl("users", "roles", "remove", user, "a", "--yes").exit_status == 0
    assert stctl("users", "roles", "list", user, "-q").stdout == ""
    assert stctl("roles", "delete", "a", "--yes").exit_status == 0
    assert stctl("roles", "delete", "a", "--yes").exit_status == NO


def test_a_mapped_user_has_its_other_id_everywhere() -> None:
    (user,) = made()
    assert stctl("users", "mapping", "add", user, "ext").exit_status == 0
    assert stctl("users", "list", "-q").stdout == "ext\n"
    assert stctl("users", "mapping", "get", "ext", "--json").json["supertokens_user_id"] == user
    assert stctl("users", "mapping", "add", user, "other").exit_status == NO
    assert stctl("users", "mapping", "remove", "ext", "--yes").exit_status == 0
    assert stctl("users", "mapping", "get", "ext").exit_status == NO
    assert stctl("users", "list", "-q").stdout == f"{user}\n"


def test_tenants_have_users_of_their_own() -> None:
    assert stctl("tenants", "create", "t1", "--first-factor", "emailpassword").exit_status == 0
    inside = made(2, "--tenant", "t1")
    outside = made(1)
    assert sorted(stctl("users", "list", "--tenant", "t1", "-q").stdout.split()) == sorted(inside)
    assert stctl("users", "list", "-q").stdout.split() == outside
    assert stctl("users", "count", "--all-tenants", "-q").stdout == "3\n"
    assert stctl("tenants", "list", "-q").stdout.split() == ["public", "t1"]
    assert stctl("tenants", "show", "t1", "--json").json["first_factors"] == ["emailpassword"]
    deleted = stctl("tenants", "delete", "t1", "--yes", "--json")
    assert deleted.json["users"] == 2
    assert stctl("tenants", "show", "t1").exit_status == NO


def test_all_sessions_of_all_tenants_are_found_and_ended() -> None:
    stctl("tenants", "create", "t1")
    handles = [
        stctl("sessions", "create", "--user", user, "--tenant", tenant, "-q").stdout.strip()
        for tenant in ("public", "t1")
        for user in made(3, "--tenant", tenant)
    ]
    listed = stctl("sessions", "list", "--all-users", "-o", "ndjson").stdout.splitlines()
    assert sorted(json.loads(text)["handle"] for text in listed) == sorted(handles)
    in_t1 = stctl("sessions", "list", "--all-users", "--tenant", "t1", "-q").stdout.split()
    assert sorted(in_t1) == sorted(handles[3:])
    report = stctl("sessions", "revoke", "--all-users", "--yes", "--json").json
    assert (report["revoked"], report["by_tenant"]) == (6, {"public": 3, "t1": 3})
    assert stctl("sessions", "list", "--all-users", "-q").stdout == ""
