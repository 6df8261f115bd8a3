"""`stctl sessions show` and `diff`: a session with what stands around it, and beside its token."""

from typing import Any

import pytest

from conftest import NOW_MS
from fake_core import UNAUTHORISED
from on_fake_core import core_with, run_on
from running import Outcome, run
from stctl.clock import FrozenClock, SystemEntropy
from stctl.errors import ErrorKind, StctlError

NO = ErrorKind.ANSWER_IS_NO.exit_status
HANDSHAKE = {
    "jwtSigningPublicKey": "k",
    "jwtSigningPublicKeyExpiryTime": 1,
    "accessTokenBlacklistingEnabled": False,
    "accessTokenValidity": 900_000,
    "refreshTokenValidity": 1,
}
ROW = {
    "sessionHandle": "h_t1",
    "userId": "u1",
    "recipeUserId": "u1",
    "tenantId": "t1",
    "userDataInDatabase": {},
    "userDataInJWT": {"role": "admin"},
    "expiry": NOW_MS + 60_000,
    "timeCreated": NOW_MS - 1,
}
USER = {
    "id": "u1",
    "isPrimaryUser": False,
    "tenantIds": ["t1"],
    "timeJoined": 1,
    "emails": ["anna@example.com"],
    "phoneNumbers": [],
    "thirdParty": [],
    "loginMethods": [],
}


def refused(_call: object) -> StctlError:
    return StctlError(ErrorKind.CORE_NOT_FOUND, "404")


def shown(*words: str, **changed: Any) -> Outcome:
    answers = {
        "GET /recipe/session": ROW,
        "GET /user/id": {"user": USER},
        "GET /t1/recipe/user/roles": {"roles": ["b", "a"]},
        "GET /recipe/dashboard/tenant/core-config": refused,
        "POST /recipe/handshake": HANDSHAKE,
        **changed,
    }
    return run_on(core_with(answers), "sessions", "show", "h_t1", *words)


def test_show_joins_the_user_and_the_roles_of_the_tenant_of_the_session() -> None:
    outcome = shown()
    assert "anna@example.com" in outcome.stdout
    assert "a, b" in outcome.stdout
    assert "verifier with database  accepted: the session is live until" in outcome.stdout
    assert "for up to 15 min after its issue" in outcome.stdout
    document = shown("--json").json
    assert (document["roles"], document["user_known"]) == (["a", "b"], True)
    assert document["verifiers"]["access_token_validity_ms"] == 900_000
    assert document["payload"] == {"role": "admin"}


def test_what_a_core_does_not_tell_is_left_open() -> None:
    outcome = shown("--json", **{"GET /user/id": refused, "GET /t1/recipe/user/roles": refused})
    assert outcome.exit_status == 0
    assert (outcome.json["user_known"], outcome.json["roles"]) == (None, None)


def test_a_session_of_nobody_says_so() -> None:
    nobody = {"GET /user/id": lambda _: {"status": "UNKNOWN_USER_ID_ERROR"}}
    assert "no user of this id" in shown(**nobody).stdout


def test_of_a_session_that_is_gone_it_says_how_long_tokens_may_outlive_it() -> None:
    outcome = shown(**{"GET /recipe/session": lambda _: UNAUTHORISED})
    assert outcome.exit_status == NO
    assert "within the last 15 min" in outcome.stdout


def sessions(*arguments: str, **more: Any) -> Outcome:
    return run("sessions", *arguments, **{"entropy": SystemEntropy(), **more})


def made(*arguments: str) -> Any:
    return sessions("create", "--user", "anna", "--json", *arguments).json


def test_a_new_token_and_its_row_say_the_same() -> None:
    token = made("--payload", '{"a": {"b": [1, true]}}')["access_token"]["token"]
    outcome = sessions("diff", token)
    assert outcome.exit_status == 0
    assert "say the same" in outcome.stdout
    assert token not in outcome.stdout
    assert sessions("diff", "-", "--json", stdin=f"{token}\n").json["same"] is True


def test_a_payload_that_was_replaced_differs_from_the_token() -> None:
    document = made("--payload", '{"role": "user", "old": 1, "deep": {"x": 1, "y": 2}}')
    handle, token = document["session"]["handle"], document["access_token"]["token"]
    sessions("payload", "set", handle, '{"role": "admin", "new": 1, "deep": {"x": 1, "y": true}}')
    outcome = sessions("diff", token, "--json")
    assert outcome.exit_status == NO
    found = {(one["member"], one["kind"]) for one in outcome.json["differences"]}
    assert found == {
        ("payload.role", "changed"),
        ("payload.old", "only_in_token"),
        ("payload.new", "only_in_row"),
        ("payload.deep.y", "changed"),
    }
    assert "payload.role" in sessions("diff", token).stdout
    assert sorted(sessions("diff", token, "-q").stdout.split()) == sorted(one for one, _ in found)


def test_the_token_of_a_revoked_session_is_told_from_one_that_has_expired() -> None:
    document = made()
    token = document["access_token"]["token"]
    sessions("revoke", "--handle", document["session"]["handle"], "--yes")
    gone = sessions("diff", token)
    assert gone.exit_status == NO
    assert "UNAUTHORISED: session" in gone.stdout
    assert "accepted, if its signature holds" in gone.stdout
    late = sessions("diff", token, clock=FrozenClock(NOW_MS + 3_700_000))
    assert "TRY_REFRESH_TOKEN: the token has expired" in late.stdout


def test_a_refreshed_token_names_its_parent_until_it_is_used() -> None:
    refresh_token = made()["refresh_token"]["token"]
    child = sessions("refresh", refresh_token, "--json").json["access_token"]["token"]
    assert "came from a refresh of the token with hash" in sessions("diff", child).stdout
    assert sessions("diff", child, "--json").json["token"]["parent_refresh_token_hash1"]


@pytest.mark.parametrize("token", ["rubbish", "a.b.c", ""])
def test_what_is_no_access_token_is_said_before_a_core_is_asked(token: str) -> None:
    outcome = sessions("diff", token)
    assert outcome.exit_status == ErrorKind.INPUT_UNREADABLE.exit_status
