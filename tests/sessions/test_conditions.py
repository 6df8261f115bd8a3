import pytest

from stctl.jsontypes import JsonObject
from stctl.sessions.conditions import created_before, read_condition
from stctl.sessions.info import SessionInfo


def session(payload: JsonObject) -> SessionInfo:
    return SessionInfo(
        handle="h",
        user_id="anna",
        recipe_user_id="anna",
        tenant_id="t1",
        created_at_ms=1_000,
        expires_at_ms=2_000,
        user_data_in_jwt=payload,
        user_data_in_database={"device": None},
    )


PAYLOAD: JsonObject = {
    "role": "admin",
    "level": 3,
    "on": True,
    "one": 1,
    "text": "3",
    "none": None,
    "st-role": {"v": ["admin", "editor"], "t": 5},
    "https://a.b/c": {"deep": [{"x": 1}, {"x": 2}]},
    "obj": {"a": 1},
}


@pytest.mark.parametrize(
    "text",
    [
        "payload.role=admin",
        'payload.role="admin"',
        "payload.role!=user",
        "payload.level=3",
        "payload.level>=3",
        "payload.level<3.5",
        "payload.on=true",
        "payload.text=3",
        'payload.text="3"',
        "payload.none=null",
        "payload.st-role.v=editor",
        'payload.st-role.v=["admin","editor"]',
        "payload.st-role.v!=owner",
        "payload.https://a.b/c.deep.x=2",
        'payload.obj={"a":1}',
        "payload.missing!=1",
        "data.device=null",
        "user_id=anna",
        "tenant_id!=public",
        "created_at_ms<=1000",
        "expires_at_ms>1999",
        "payload.role>abc",
        " payload.role = admin ",
    ],
)
def test_a_condition_that_holds(text: str) -> None:
    assert read_condition(text).holds(session(PAYLOAD))


@pytest.mark.parametrize(
    "text",
    [
        "payload.role=user",
        "payload.role!=admin",
        "payload.level>3",
        "payload.level=true",
        "payload.one=true",
        "payload.on=1",
        "payload.level<text",
        "payload.missing=null",
        "payload.missing=",
        "payload.missing<1",
        "payload.st-role.v!=admin",
        "payload.st-role.v.x=admin",
        "payload.none=",
        "payload.on>0",
        "user_id=",
    ],
)
def test_a_condition_that_does_not_hold(text: str) -> None:
    assert not read_condition(text).holds(session(PAYLOAD))


@pytest.mark.parametrize(
    "text", ["", "payload", "role=admin", "payload..a=1", "=1", "user_id.x=1", "payload.=1"]
)
def test_what_compares_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must begin|compares nothing|has no members"):
        read_condition(text)


def test_a_session_of_exactly_the_age_is_old_enough() -> None:
    assert created_before(1_000, "x").holds(session({}))
    assert not created_before(999, "x").holds(session({}))
