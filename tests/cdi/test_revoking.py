from collections.abc import Sequence
from typing import Any

import pytest

from conftest import NOW_MS
from fake_core import UNAUTHORISED, Asked, FakeCore
from stctl.cdi.client import CdiClient
from stctl.cdi.revoking import carry_out, plan_revocation, token_validity
from stctl.clock import FrozenClock
from stctl.errors import ErrorKind, StctlError
from stctl.sessions.revocation import HandleTarget, RevocationReport, Target, UserTarget

HANDSHAKE = {
    "status": "OK",
    "jwtSigningPublicKey": "k",
    "jwtSigningPublicKeyExpiryTime": 1,
    "accessTokenBlacklistingEnabled": False,
    "accessTokenValidity": 60_000,
    "refreshTokenValidity": 1,
}
SETTINGS = {
    "status": "OK",
    "config": [
        {"key": "other", "valueType": "s", "value": "x", "isDifferentAcrossTenants": False},
        {
            "key": "access_token_validity",
            "valueType": "number",
            "value": 90,
            "isDifferentAcrossTenants": False,
        },
    ],
}
NOT_THERE = StctlError(ErrorKind.CORE_NOT_FOUND, "404")


def info(call: Asked) -> dict[str, Any]:
    handle = call.query["sessionHandle"]
    if handle.startswith("gone"):
        return UNAUTHORISED
    if handle.endswith("_nowhere"):
        raise StctlError(ErrorKind.CORE_REFUSED, "no such tenant")
    return {
        "status": "OK",
        "sessionHandle": handle,
        "userId": "u",
        "recipeUserId": "u",
        "tenantId": "public",
        "userDataInDatabase": {},
        "userDataInJWT": {},
        "expiry": 2,
        "timeCreated": 1,
    }


def remove(call: Asked) -> dict[str, Any]:
    handles = call.body.get("sessionHandles", ["u-1", "u-2", "u-late"])
    return {"status": "OK", "sessionHandlesRevoked": handles}


def core(**changed: Any) -> FakeCore:
    return FakeCore(
        {
            "GET /recipe/session": info,
            "GET /recipe/session/user": {"status": "OK", "sessionHandles": ["u-2", "u-1"]},
            "POST /recipe/session/remove": changed.get("remove", remove),
            "GET /recipe/dashboard/tenant/core-config": changed.get("config", NOT_THERE),
            "POST /recipe/handshake": changed.get("handshake", HANDSHAKE),
            "GET /apiversion": {"versions": ["5.4"]},
        }
    )


def revoked(fake: FakeCore, targets: Sequence[Target]) -> RevocationReport:
    client = CdiClient(fake, cdi="5.4")
    plan = plan_revocation(client, targets)
    return carry_out(client, plan, clock=FrozenClock(NOW_MS), advance=lambda _: None)


def removals(fake: FakeCore) -> list[Any]:
    return [call.body for call in fake.asked if call.path.endswith("/remove")]


def test_planning_changes_nothing() -> None:
    fake = core()
    plan = plan_revocation(
        CdiClient(fake, cdi="5.4"), [UserTarget(user_id="u"), HandleTarget(handle="h")]
    )
    assert plan.handles == ("u-1", "u-2", "h")
    assert [session.info is not None for session in plan.sessions] == [True] * 3
    assert removals(fake) == []


def test_a_user_is_ended_by_one_call_and_handles_in_batches_of_one_tenant() -> None:
    fake = core()
    handles = [f"h{number:03}" for number in range(150)] + ["x_t1", "y_t1"]
    report = revoked(
        fake, [*(HandleTarget(handle=handle) for handle in handles), UserTarget(user_id="u")]
    )
    assert removals(fake) == [
        {"userId": "u"},
        {"sessionHandles": handles[:100]},
        {"sessionHandles": handles[100:150]},
        {"sessionHandles": ["x_t1", "y_t1"]},
    ]
    assert report.revoked == (*handles, "u-1", "u-2", "u-late")
    assert report.is_complete


def test_a_handle_that_is_gone_is_no_failure_and_is_not_sent() -> None:
    fake = core()
    report = revoked(fake, [HandleTarget(handle="gone1"), HandleTarget(handle="h")])
    assert removals(fake) == [{"sessionHandles": ["h"]}]
    assert (report.revoked, report.already_gone) == (("h",), ("gone1",))


def test_a_handle_that_the_core_refuses_does_not_keep_the_others_from_ending() -> None:
    report = revoked(core(), [HandleTarget(handle="a_nowhere"), HandleTarget(handle="h")])
    assert report.revoked == ("h",)
    assert [(failure.handles, failure.code) for failure in report.failed] == [
        (("a_nowhere",), "core-refused")
    ]


def test_a_failure_in_the_middle_is_reported_and_the_rest_goes_on() -> None:
    def half(call: Asked) -> dict[str, Any]:
        if "userId" in call.body:
            raise StctlError(ErrorKind.CORE_FAILED, "HTTP 500")
        return remove(call)

    report = revoked(core(remove=half), [UserTarget(user_id="u"), HandleTarget(handle="h")])
    assert report.revoked == ("h",)
    assert (report.failed[0].handles, report.failed[0].code) == (("u-1", "u-2"), "core-failed")
    assert not report.is_complete


def test_ctrl_c_ends_the_work_and_the_report_says_what_was_done() -> None:
    def stopped(call: Asked) -> dict[str, Any]:
        if call.body.get("sessionHandles") == ["b_t1"]:
            raise KeyboardInterrupt
        return remove(call)

    targets = [HandleTarget(handle=handle) for handle in ("a", "b_t1", "c_t2")]
    report = revoked(core(remove=stopped), targets)
    assert report.revoked == ("a",)
    assert report.is_interrupted
    assert [failure.detail for failure in report.failed] == [
        "stopped; it may have been done",
        "not begun",
    ]


def test_a_user_of_this_tenant_only_is_asked_for_and_ended_there() -> None:
    fake = core()
    fake.answers = {
        **fake.answers,
        "GET /t1/recipe/session/user": {"status": "OK", "sessionHandles": ["u-1"]},
        "POST /t1/recipe/session/remove": remove,
        "GET /t1/recipe/dashboard/tenant/core-config": NOT_THERE,
    }
    client = CdiClient(fake, cdi="5.4", tenant_id="t1")
    target = UserTarget(user_id="u", across_tenants=False, linked_accounts=False)
    plan = plan_revocation(client, [target])
    carry_out(client, plan, clock=FrozenClock(NOW_MS), advance=lambda _: None)
    assert removals(fake) == [
        {
            "userId": "u",
            "revokeAcrossAllTenants": False,
            "revokeSessionsForLinkedAccounts": False,
        }
    ]


@pytest.mark.parametrize(
    ("answers", "validity_ms", "source"),
    [
        ({"config": SETTINGS}, 90_000, "settings"),
        ({"config": {"status": "OK", "config": []}}, 60_000, "handshake"),
        ({}, 60_000, "handshake"),
        ({"handshake": NOT_THERE}, 3_600_000, "assumed"),
    ],
)
def test_the_validity_of_access_tokens_is_asked_for_where_the_core_tells_it(
    answers: dict[str, Any], validity_ms: int, source: str
) -> None:
    validity = token_validity(CdiClient(core(**answers), cdi="5.4"))
    assert (validity.validity_ms, validity.source) == (validity_ms, source)


def test_a_core_that_cannot_be_asked_at_all_ends_the_planning() -> None:
    fake = core()
    fake.answers = {"GET /recipe/session": StctlError(ErrorKind.CORE_DOWN, "refused")}
    with pytest.raises(StctlError, match="refused"):
        plan_revocation(CdiClient(fake, cdi="5.4"), [HandleTarget(handle="h")])
