"""`stctl users`, `roles` and `tenants`, as a person and a program use them."""

import json
from typing import Any

import pytest

from fake_core import Asked, FakeCore
from on_fake_core import core_with, run_on
from stctl.errors import ErrorKind

NO = ErrorKind.ANSWER_IS_NO.exit_status
METHOD = {
    "recipeId": "emailpassword",
    "recipeUserId": "u1",
    "tenantIds": ["public"],
    "timeJoined": 1_700_000_000_000,
    "verified": True,
    "email": "anna@example.com",
}


def user(user_id: str = "u1", **more: Any) -> dict[str, Any]:
    return {
        "id": user_id,
        "isPrimaryUser": False,
        "tenantIds": ["public"],
        "timeJoined": 1_700_000_000_000,
        "emails": ["anna@example.com"],
        "phoneNumbers": [],
        "thirdParty": [{"id": "google", "userId": "g1"}],
        "loginMethods": [METHOD],
        **more,
    }


def pages(call: Asked) -> dict[str, Any]:
    """Three pages of one user each."""
    number = int(call.query.get("paginationToken", "0"))
    more = {"nextPaginationToken": str(number + 1)} if number < 2 else {}
    return {"status": "OK", "users": [user(f"u{number}")], **more}


LISTED = core_with({"GET /users": pages})
CARE = {"GET /recipe/user/roles": {"roles": ["admin"]}}


def test_a_page_of_users_names_the_next_one() -> None:
    outcome = run_on(LISTED, "users", "list", "--limit", "1")
    assert "anna@example.com, google:g1" in outcome.stdout
    assert "2023-11-14 22:13:20" in outcome.stdout
    assert "--page-token 1" in outcome.stdout
    document = run_on(LISTED, "users", "list", "--page-token", "1", "--json").json
    assert [one["id"] for one in document["users"]] == ["u1"]
    assert document["next_page_token"] == "2"


def test_all_pages_stream_in_every_form() -> None:
    everything = run_on(LISTED, "users", "list", "--all", "-o", "ndjson").stdout.splitlines()
    assert [json.loads(text)["id"] for text in everything] == ["u0", "u1", "u2"]
    assert json.loads(everything[0])["schema"] == "stctl.users.list/1"
    assert run_on(LISTED, "users", "list", "--all", "-q").stdout == "u0\nu1\nu2\n"
    assert run_on(LISTED, "users", "list", "--all", "-o", "csv").stdout.count("\n") == 4
    assert "u2" in run_on(LISTED, "users", "list", "--all", "-o", "yaml").stdout


def test_a_search_is_sent_and_finding_nobody_is_no_error() -> None:
    core = core_with({"GET /users": {"users": []}})
    words = ("--email", "a", "--email", "b", "--provider", "google", "--newest-first")
    outcome = run_on(core, "users", "list", *words)
    assert (outcome.exit_status, outcome.stdout) == (0, "· No user\n")
    assert core.asked[0].query == {
        "limit": "100",
        "timeJoinedOrder": "DESC",
        "email": "a;b",
        "provider": "google",
    }


def known(**more: Any) -> FakeCore:
    return core_with(
        {
            "GET /user/id": {"user": user()},
            "GET /recipe/userid/map": lambda _: {"status": "UNKNOWN_MAPPING_ERROR"},
            "GET /recipe/user/roles": {"roles": ["editor", "admin"]},
            "GET /recipe/user/metadata": {"metadata": {"plan": "pro"}},
            "GET /recipe/session/user": {"sessionHandles": ["h1", "h2"]},
            **more,
        }
    )


def test_show_joins_all_that_hangs_on_a_user() -> None:
    outcome = run_on(known(), "users", "show", "u1")
    for words in ("admin, editor", "live sessions", '{"plan": "pro"}', "(verified)", "recipe user"):
        assert words in outcome.stdout
    document = run_on(known(), "users", "show", "u1", "--json").json
    assert (document["live_sessions"], document["roles"]) == (2, ["admin", "editor"])
    assert document["user"]["login_methods"][0]["email"] == "anna@example.com"


def test_sessions_of_an_id_that_is_no_user_are_counted_all_the_same() -> None:
    stranger = {"GET /user/id": lambda _: {"status": "UNKNOWN_USER_ID_ERROR"}}
    outcome = run_on(known(**stranger), "users", "show", "x", "--json")
    assert outcome.exit_status == NO
    assert (outcome.json["status"], outcome.json["live_sessions"]) == ("UNKNOWN_USER_ID_ERROR", 2)


def test_the_facts_of_a_user_stand_in_one_column() -> None:
    lines = run_on(known(), "users", "show", "u1").stdout.splitlines()
    joined = next(text for text in lines if text.startswith("  joined  "))
    roles = next(text for text in lines if text.startswith("  roles  "))
    assert joined.index("2023") == roles.index("admin")


def test_counts() -> None:
    core = core_with({"GET /users/count": {"count": 1204}, "GET /users/count/active": {"count": 7}})
    assert run_on(core, "users", "count").stdout == "· 1,204 users\n"
    assert run_on(core, "users", "count", "--all-tenants", "-q").stdout == "1204\n"
    assert core.asked[-1].query == {"includeAllTenants": "true"}
    active = run_on(core, "users", "active", "--since", "1h", "--json").json
    assert active["count"] == 7
    assert str(active["since_ms"]) == core.asked[-1].query["since"]
    assert run_on(core, "users", "count", "--approximate").exit_status == (
        ErrorKind.CORE_VERSION.exit_status
    )


def test_test_users_share_a_password_that_the_screen_masks() -> None:
    core = core_with({"POST /recipe/signup": _signed_up})
    document = run_on(core, "users", "create", "--count", "3", "--json").json
    sent = {call.body["password"] for call in core.asked}
    assert sent == {document["password"]}
    assert len({call.body["email"] for call in core.asked}) == len(document["users"]) == 3
    shown = run_on(core, "users", "create", "--email", "a@b.c")
    assert core.asked[-1].body["password"] not in shown.stdout
    revealed = run_on(core, "users", "create", "--email", "a@b.c", "--reveal")
    assert core.asked[-1].body["password"] in revealed.stdout
    run_on(core, "users", "create", "--email", "a@b.c", "--password-file", "-", stdin="mine-1\n")
    assert core.asked[-1].body["password"] == "mine-1"


def test_a_taken_address_is_an_answer() -> None:
    core = core_with({"POST /recipe/signup": lambda _: {"status": "EMAIL_ALREADY_EXISTS_ERROR"}})
    outcome = run_on(core, "users", "create", "--email", "a@b.c", "--json")
    assert (outcome.exit_status, outcome.json["taken"]) == (NO, ["a@b.c"])
    assert run_on(core, "users", "create").exit_status == ErrorKind.USAGE.exit_status


def _signed_up(call: Asked) -> dict[str, Any]:
    return {"status": "OK", "user": user(call.body["email"], emails=[call.body["email"]])}


def test_roles_of_a_user() -> None:
    core = core_with(
        {
            **CARE,
            "PUT /recipe/user/role": _give,
            "POST /recipe/user/role/remove": {"didUserHaveRole": True},
        }
    )
    assert run_on(core, "users", "roles", "list", "u1", "-q").stdout == "admin\n"
    outcome = run_on(core, "users", "roles", "add", "u1", "admin", "editor", "none", "--json")
    assert outcome.exit_status == NO
    assert outcome.json["roles"] == {
        "admin": "had_already",
        "editor": "added",
        "none": "unknown_role",
    }
    removed = run_on(core, "users", "roles", "remove", "u1", "admin", "--yes")
    assert "admin: removed" in removed.stdout
    assert "To take admin from: user u1" in removed.stderr


def _give(call: Asked) -> dict[str, Any]:
    if call.body["role"] == "none":
        return {"status": "UNKNOWN_ROLE_ERROR"}
    return {"status": "OK", "didUserAlreadyHaveRole": call.body["role"] == "admin"}


def test_metadata() -> None:
    core = core_with(
        {
            "GET /recipe/user/metadata": {"metadata": {"plan": "pro"}},
            "PUT /recipe/user/metadata": {"metadata": {"plan": "free"}},
            "POST /recipe/user/metadata/remove": {},
        }
    )
    assert json.loads(run_on(core, "users", "metadata", "get", "u1").stdout) == {"plan": "pro"}
    written = run_on(core, "users", "metadata", "set", "u1", '{"plan": "free", "x": null}')
    assert json.loads(written.stdout) == {"plan": "free"}
    assert core.asked[-1].body["metadataUpdate"] == {"plan": "free", "x": None}
    assert run_on(core, "users", "metadata", "remove", "u1", "--yes").exit_status == 0
    assert core.asked[-1].path == "/recipe/user/metadata/remove"


def test_mappings() -> None:
    there = {"superTokensUserId": "st", "externalUserId": "ext", "externalUserIdInfo": "i"}
    core = core_with(
        {
            "GET /recipe/userid/map": there,
            "POST /recipe/userid/map": {},
            "POST /recipe/userid/map/remove": {"didMappingExist": True},
        }
    )
    assert run_on(core, "users", "mapping", "get", "st", "-q").stdout == "ext\n"
    assert run_on(core, "users", "mapping", "add", "st", "ext", "--force").exit_status == 0
    assert core.asked[-1].body["force"] is True
    assert run_on(core, "users", "mapping", "remove", "ext", "--yes").exit_status == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": "UNKNOWN_SUPERTOKENS_USER_ID_ERROR"}, "no user st"),
        (
            {
                "status": "USER_ID_MAPPING_ALREADY_EXISTS_ERROR",
                "doesSuperTokensUserIdExist": False,
                "doesExternalUserIdExist": True,
            },
            "in a mapping already: the other id",
        ),
    ],
)
def test_a_mapping_that_cannot_be_is_an_answer(answer: dict[str, Any], words: str) -> None:
    core = core_with({"POST /recipe/userid/map": lambda _: answer})
    outcome = run_on(core, "users", "mapping", "add", "st", "ext")
    assert outcome.exit_status == NO
    assert words in outcome.stdout


ROLE = {
    "GET /recipe/role/permissions": {"permissions": ["write", "read"]},
    "GET /recipe/role/users": {"users": ["u2", "u1"]},
}


def test_roles_of_the_app() -> None:
    core = core_with(
        {
            **ROLE,
            "GET /recipe/roles": {"roles": ["b", "a"]},
            "PUT /recipe/role": {"createdNewRole": True},
            "POST /recipe/role/remove": {"didRoleExist": True},
        }
    )
    assert run_on(core, "roles", "list").stdout == "a\nb\n"
    assert run_on(core, "roles", "users", "a", "-q").stdout == "u1\nu2\n"
    shown = run_on(core, "roles", "show", "a", "--json").json
    assert (shown["permissions"], shown["users"]) == (["read", "write"], ["u1", "u2"])
    assert "Created role a" in run_on(core, "roles", "create", "a", "--permission", "p").stdout
    assert run_on(core, "roles", "delete", "a", "--yes", "-q").stdout == "a\n"


@pytest.mark.parametrize("command", ["show", "users", "delete"])
def test_an_unknown_role_is_an_answer(command: str) -> None:
    unknown = {"status": "UNKNOWN_ROLE_ERROR"}
    core = core_with(dict.fromkeys(ROLE, lambda _: unknown))
    outcome = run_on(core, "roles", command, "nosuch", "--json")
    assert (outcome.exit_status, outcome.json["status"]) == (NO, "UNKNOWN_ROLE_ERROR")


TENANT = {
    "tenantId": "t1",
    "thirdParty": {"providers": [{"thirdPartyId": "google"}]},
    "firstFactors": ["emailpassword"],
    "coreConfig": {"email_verification_token_lifetime": 1},
}


def test_tenants() -> None:
    core = core_with(
        {
            "GET /recipe/multitenancy/tenant/list/v2": {"tenants": [TENANT]},
            "GET /t1/recipe/multitenancy/tenant/v2": TENANT,
            "GET /t1/users/count": {"count": 9},
            "PUT /recipe/multitenancy/tenant/v2": {"createdNew": True},
            "POST /recipe/multitenancy/tenant/remove": {"didExist": True},
        }
    )
    assert run_on(core, "tenants", "list", "-q").stdout == "t1\n"
    assert "google" in run_on(core, "tenants", "list").stdout
    assert run_on(core, "tenants", "show", "t1", "--json").json["providers"] == ["google"]
    words = ("--first-factor", "otp-email", "--set", "a=1", "--set", "b=x")
    assert run_on(core, "tenants", "create", "t1", *words).exit_status == 0
    assert core.asked[-1].body["coreConfig"] == {"a": 1, "b": "x"}
    deleted = run_on(core, "tenants", "delete", "t1", "--yes")
    assert "9 users" in deleted.stderr
    assert "Deleted tenant t1" in deleted.stdout


def test_an_unknown_tenant_is_an_answer() -> None:
    path = "GET /t1/recipe/multitenancy/tenant/v2"
    core = core_with({path: lambda _: {"status": "TENANT_NOT_FOUND_ERROR"}})
    for command in ("show", "delete"):
        outcome = run_on(core, "tenants", command, "t1", "--json")
        assert (outcome.exit_status, outcome.json["status"]) == (NO, "TENANT_NOT_FOUND_ERROR")
    assert run_on(core, "tenants", "create", "t1", "--set", "x").exit_status == (
        ErrorKind.USAGE.exit_status
    )


DESTRUCTIVE = [
    ("users", "roles", "remove", "u1", "admin"),
    ("users", "metadata", "remove", "u1"),
    ("users", "mapping", "remove", "u1"),
    ("roles", "delete", "a"),
    ("tenants", "delete", "t1"),
]


@pytest.mark.parametrize("words", DESTRUCTIVE, ids=" ".join)
def test_what_cannot_be_undone_shows_its_plan_and_needs_a_yes(words: tuple[str, ...]) -> None:
    core = core_with(
        {
            **CARE,
            **ROLE,
            "GET /recipe/user/metadata": {"metadata": {}},
            "GET /recipe/userid/map": {"superTokensUserId": "st", "externalUserId": "ext"},
            "GET /t1/recipe/multitenancy/tenant/v2": TENANT,
            "GET /t1/users/count": {"count": 9},
        }
    )
    refused = run_on(core, *words)
    assert refused.exit_status == ErrorKind.NOT_CONFIRMED.exit_status
    assert refused.stdout == ""
    assert "http://fake:3567" in refused.stderr
    rehearsed = run_on(core, *words, "--dry-run", "--json")
    assert (rehearsed.exit_status, rehearsed.json["dry_run"]) == (0, True)
    assert {call.method for call in core.asked} == {"GET"}
