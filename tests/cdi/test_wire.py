import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fake_core import HANDLE, NEW_TOKENS, SESSION, TOKEN
from stctl.cdi import wire
from stctl.cdi.wire import Node
from stctl.errors import ErrorKind, StctlError

INFO = {
    "status": "OK",
    "sessionHandle": f"{HANDLE}_t1",
    "userId": "u1",
    "userDataInDatabase": {},
    "userDataInJWT": {},
    "expiry": 2,
    "timeCreated": 1,
}


def node(value: Any, cdi: str = "5.4") -> Node:
    return Node(value, "", "POST /x at http://fake", cdi)


def without(value: Mapping[str, Any], *path: str) -> Any:
    copy = json.loads(json.dumps(value))
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return copy


def changed(value: Mapping[str, Any], new: Any, *path: str) -> Any:
    copy = json.loads(json.dumps(value))
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = new
    return copy


def problem(read: Callable[[Node], Any], value: Any, cdi: str = "5.4") -> str:
    with pytest.raises(StctlError) as caught:
        read(node(value, cdi))
    assert caught.value.kind is ErrorKind.CORE_WRONG_SHAPE
    assert caught.value.detail.startswith("POST /x at http://fake: ")
    return caught.value.detail.removeprefix("POST /x at http://fake: ")


def test_new_tokens_are_read_with_nulls_kept() -> None:
    tokens = wire.new_tokens(node({**NEW_TOKENS, "antiCsrfToken": "csrf"}))
    assert tokens.session.recipe_user_id == "r1"
    assert tokens.session.user_data_in_jwt == {"role": "admin", "none": None}
    assert tokens.access_token.expires_at_ms == 1_795_003_600_000
    assert (tokens.anti_csrf_token, tokens.id_refresh_token, tokens.legacy_keys) == (
        "csrf",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (("session",), "`session` is missing"),
        (("session", "handle"), "`session.handle` is missing"),
        (("session", "recipeUserId"), "`session.recipeUserId` is missing"),
        (("session", "tenantId"), "`session.tenantId` is missing"),
        (("accessToken", "expiry"), "`accessToken.expiry` is missing"),
        (("refreshToken",), "`refreshToken` is missing"),
    ],
)
def test_a_missing_member_is_named_by_its_path(path: tuple[str, ...], said: str) -> None:
    assert problem(wire.new_tokens, without(NEW_TOKENS, *path)) == said


NOT_WHOLE = "`accessToken.expiry` should be a whole number, not"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("session",), [], "`session` should be an object, not an array"),
        (("session", "userId"), 7, "`session.userId` should be a string, not a whole number"),
        (("session", "handle"), None, "`session.handle` should be a string, not null"),
        (("accessToken", "expiry"), "1", f"{NOT_WHOLE} a string"),
        (("accessToken", "expiry"), 1.5, f"{NOT_WHOLE} a number"),
        (("accessToken", "expiry"), True, f"{NOT_WHOLE} true or false"),
        (("antiCsrfToken",), None, "`antiCsrfToken` should be a string, not null"),
    ],
)
def test_a_wrong_type_is_named_with_both_types(
    path: tuple[str, ...], value: object, said: str
) -> None:
    assert problem(wire.new_tokens, changed(NEW_TOKENS, value, *path)) == said


def test_old_versions_may_leave_out_what_later_ones_must_send() -> None:
    info = wire.session_info(node(INFO, "2.8"))
    assert (info.recipe_user_id, info.tenant_id) == ("u1", "t1")
    assert problem(wire.session_info, INFO, "3.0") == "`tenantId` is missing"
    with_tenant = {**INFO, "tenantId": "t1"}
    assert wire.session_info(node(with_tenant, "3.1")).tenant_id == "t1"
    assert problem(wire.session_info, with_tenant, "4.0") == "`recipeUserId` is missing"


def test_theft_is_read_in_both_families() -> None:
    session = {"handle": HANDLE, "userId": "u1", "recipeUserId": "r1"}
    old = wire.token_theft(node({"session": session}))
    assert (old.session_handle, old.recipe_user_id, old.reuse_subtype) == (HANDLE, "r1", None)
    new = wire.token_theft(node({"session": session, "recentTokenReuseSubtype": "RECENT_PREV"}))
    assert new.reuse_subtype == "RECENT_PREV"


def test_an_unknown_subtype_is_refused_with_the_known_ones() -> None:
    said = problem(wire.unauthorised, {"message": "m", "recentTokenReuseSubtype": "NEW_ONE"})
    assert said == (
        "`recentTokenReuseSubtype` is 'NEW_ONE', "
        "not one of RECENT_PREV, ORPHANED_BRANCH, STALE_LINEAGE"
    )


def test_the_keys_of_old_versions_are_read_with_and_without_the_list() -> None:
    members = {"jwtSigningPublicKey": "MIIB", "jwtSigningPublicKeyExpiryTime": 5}
    plain = wire.legacy_keys(node(members, "2.8"))
    assert plain is not None
    assert plain.keys == ()
    listed = {**members, "jwtSigningPublicKeyList": [{"publicKey": "MIIB", "expiryTime": 5}]}
    assert problem(wire.legacy_keys, listed) == "`jwtSigningPublicKeyList[0].createdAt` is missing"


def test_a_status_that_the_call_does_not_have_is_named() -> None:
    said = problem(wire.or_unauthorised, {"status": "SURPRISE"})
    assert said == "`status` is 'SURPRISE', which this call does not answer"
    assert problem(wire.or_unauthorised, {}) == "`status` is missing"


def test_verify_reads_what_only_some_versions_send() -> None:
    bare = wire.verified(node({"session": SESSION}))
    assert (bare.access_token, bare.payload_update_available) == (None, None)
    full = wire.verified(
        node({"session": SESSION, "accessToken": TOKEN, "payloadUpdateAvailable": False})
    )
    assert full.access_token is not None
    assert full.payload_update_available is False
