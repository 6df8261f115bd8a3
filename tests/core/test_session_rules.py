"""Boundaries of the rules of sessions, on a clock that stands exactly on them."""

from collections.abc import Iterator

import pytest

from core_stand import START_MS, Stand, open_stand

_VALIDITY_MS = 3_600_000
_LIFE_MINUTES = 100.0
_LIFE_MS = 6_000_000
"""Shorter than the time between two clean-ups, so that ended sessions are still there."""
_GRACE_MS = 30_000
_FAMILIES = ["5.4", "5.6"]


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand(
        access_token_validity_jitter=0.0, refresh_token_validity=_LIFE_MINUTES
    ) as stand:
        yield stand


@pytest.fixture(params=_FAMILIES)
def either(request: pytest.FixtureRequest, stand: Stand) -> Stand:
    return stand.speaking(request.param)


def test_an_access_token_is_good_in_the_millisecond_in_which_it_ends(either: Stand) -> None:
    tokens = either.create()
    assert tokens["accessToken"]["expiry"] == START_MS + _VALIDITY_MS
    either.clock.wait_ms(_VALIDITY_MS)
    assert either.verify(tokens)["status"] == "OK"
    either.clock.wait_ms(1)
    assert either.verify(tokens)["status"] == "TRY_REFRESH_TOKEN"


def test_a_token_of_whole_seconds_ends_up_to_a_second_early(stand: Stand) -> None:
    stand.clock.wait_ms(999)
    tokens = stand.create()
    assert tokens["accessToken"]["createdTime"] == START_MS
    assert tokens["accessToken"]["expiry"] == START_MS + _VALIDITY_MS
    old = stand.speaking("2.20").create()
    assert old["accessToken"]["createdTime"] == START_MS + 999
    assert old["accessToken"]["expiry"] == START_MS + 999 + _VALIDITY_MS


def test_a_session_may_be_refreshed_in_the_millisecond_in_which_it_ends(either: Stand) -> None:
    tokens = either.create()
    either.clock.wait_ms(_LIFE_MS)
    assert either.refresh(tokens)["status"] == "OK"


def test_a_session_cannot_be_refreshed_a_millisecond_later(either: Stand) -> None:
    tokens = either.create()
    either.clock.wait_ms(_LIFE_MS + 1)
    answer = either.refresh(tokens)
    assert answer["status"] == "UNAUTHORISED"
    assert "recentTokenReuseSubtype" not in answer


def test_get_and_put_refuse_a_session_that_a_list_still_shows(stand: Stand) -> None:
    tokens = stand.create()
    handle = tokens["session"]["handle"]
    stand.clock.wait_ms(_LIFE_MS - 1)
    assert stand.look_up(tokens)["status"] == "OK"
    stand.clock.wait_ms(1)
    assert stand.look_up(tokens)["status"] == "UNAUTHORISED"
    put = {"sessionHandle": handle, "userDataInDatabase": {}}
    assert stand.ask("PUT", "/recipe/session/data", put).body.startswith(b'{"status":"UNAUTH')
    assert stand.handles_of() == [handle]
    stand.clock.wait_ms(1)
    assert stand.handles_of() == []


@pytest.mark.parametrize("after_ms", [0, 1, _GRACE_MS])
def test_a_rotated_token_is_taken_again_inside_its_window(stand: Stand, after_ms: int) -> None:
    first = stand.create()
    second = stand.refresh(first)
    stand.clock.wait_ms(after_ms)
    third = stand.refresh(first)
    assert third["status"] == "OK"
    assert stand.verify(second, database=True)["status"] == "UNAUTHORISED"
    assert stand.verify(third, database=True)["status"] == "OK"


def test_a_rotated_token_ends_the_session_after_its_window(stand: Stand) -> None:
    first = stand.create()
    stand.refresh(first)
    stand.clock.wait_ms(_GRACE_MS + 1)
    answer = stand.refresh(first)
    assert answer["status"] == "TOKEN_THEFT_DETECTED"
    assert answer["recentTokenReuseSubtype"] == "RECENT_PREV"
    assert stand.look_up(first)["status"] == "UNAUTHORISED"


def test_the_window_counts_from_the_first_rotation(stand: Stand) -> None:
    first = stand.create()
    stand.refresh(first)
    stand.clock.wait_ms(_GRACE_MS)
    stand.refresh(first)
    stand.clock.wait_ms(1)
    assert stand.refresh(first)["recentTokenReuseSubtype"] == "RECENT_PREV"


def test_a_retry_moves_only_the_current_token(stand: Stand) -> None:
    first = stand.create()
    stand.refresh(first)
    expiry = stand.look_up(first)["expiry"]
    stand.clock.wait_ms(10)
    retried = stand.refresh(first)
    assert stand.look_up(first)["expiry"] == expiry
    assert retried["refreshToken"]["expiry"] == expiry + 10


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [("TOKEN_THEFT", "TOKEN_THEFT_DETECTED"), ("UNAUTHORISED", "UNAUTHORISED")],
)
def test_an_orphan_is_reported_as_configured_and_always_ends_the_session(
    behaviour: str, status: str
) -> None:
    with open_stand(recent_token_reuse_behaviour=behaviour) as stand:
        first = stand.create()
        orphan = stand.refresh(first)
        stand.refresh(first)
        answer = stand.refresh(orphan)
        assert answer["status"] == status
        assert answer["recentTokenReuseSubtype"] == "ORPHANED_BRANCH"
        assert stand.look_up(first)["status"] == "UNAUTHORISED"


def test_a_token_two_rotations_old_is_theft_however_configured() -> None:
    with open_stand(recent_token_reuse_behaviour="UNAUTHORISED") as stand:
        first = stand.create()
        stand.refresh(stand.refresh(first))
        answer = stand.refresh(first)
        assert answer["status"] == "TOKEN_THEFT_DETECTED"
        assert answer["recentTokenReuseSubtype"] == "STALE_LINEAGE"


def test_a_legacy_theft_revokes_nothing(stand: Stand) -> None:
    legacy = stand.speaking("5.4")
    parent = legacy.create()
    child = legacy.refresh(parent)
    assert legacy.verify(child)["accessToken"]["token"] != child["accessToken"]["token"]
    assert legacy.refresh(parent)["status"] == "TOKEN_THEFT_DETECTED"
    assert legacy.refresh(child)["status"] == "OK"


def test_a_legacy_promotion_revives_a_session_whose_row_had_ended(stand: Stand) -> None:
    legacy = stand.speaking("5.4")
    parent = legacy.create()
    legacy.clock.wait_ms(_LIFE_MS - 10)
    child = legacy.refresh(parent)
    legacy.clock.wait_ms(11)
    assert legacy.look_up(parent)["status"] == "UNAUTHORISED"
    assert legacy.verify(child)["status"] == "OK"
    assert legacy.look_up(parent)["status"] == "OK"


@pytest.mark.parametrize(
    ("cdi", "validity_ms", "status"),
    [
        ("5.6", 1, 200),
        ("5.6", _VALIDITY_MS, 200),
        ("5.6", _VALIDITY_MS + 1, 400),
        ("5.6", 0, 400),
        ("5.6", -1, 400),
        ("5.5", 0, 200),
    ],
)
def test_a_validity_of_ones_own_is_bounded_by_the_configured_one(
    stand: Stand, cdi: str, validity_ms: int, status: int
) -> None:
    body = {
        "userId": "u1",
        "userDataInJWT": {},
        "userDataInDatabase": {},
        "enableAntiCsrf": False,
        "accessTokenValidity": validity_ms,
    }
    assert stand.speaking(cdi).ask("POST", "/recipe/session", body).status == status
    assert len(stand.handles_of()) == (1 if status == 200 else 0)


def test_a_bad_refresh_token_comes_before_a_bad_validity(stand: Stand) -> None:
    first = stand.create()
    bad = {"refreshToken": {"token": first["refreshToken"]["token"] + "x"}}
    assert stand.refresh(bad, accessTokenValidity=0)["status"] == "UNAUTHORISED"
    body = {
        "refreshToken": first["refreshToken"]["token"],
        "enableAntiCsrf": False,
        "useDynamicSigningKey": True,
        "accessTokenValidity": 0,
    }
    assert stand.ask("POST", "/recipe/session/refresh", body).status == 400
    assert stand.refresh(first)["status"] == "OK"


def test_a_protected_name_stops_a_rotation_only_after_it_was_written(stand: Stand) -> None:
    old = stand.speaking("2.20").create(userDataInJWT={"tId": "mine"})
    assert stand.refresh(old)["status"] == "UNAUTHORISED"
    stand.clock.wait_ms(_GRACE_MS + 1)
    assert stand.refresh(old)["recentTokenReuseSubtype"] == "RECENT_PREV"


def test_handles_of_unknown_tenants_fail_and_the_others_are_revoked(stand: Stand) -> None:
    tokens = [stand.create(), stand.create()]
    handles = [one["session"]["handle"] for one in tokens]
    body = {"sessionHandles": [handles[0], "x_nosuch", handles[1]]}
    assert stand.ask("POST", "/recipe/session/remove", body).status == 400
    assert stand.handles_of() == []


def test_a_handle_given_twice_is_reported_twice(stand: Stand) -> None:
    handle = stand.create()["session"]["handle"]
    body = {"sessionHandles": [handle, "unknown", handle]}
    answer = stand.post("/recipe/session/remove", body)
    assert answer["sessionHandlesRevoked"] == [handle, handle]
    assert stand.post("/recipe/session/remove", body)["sessionHandlesRevoked"] == []


def test_an_access_token_without_a_parent_outlives_its_session(either: Stand) -> None:
    tokens = either.create()
    either.post("/recipe/session/remove", {"userId": "u1"})
    assert either.verify(tokens)["status"] == "OK"
    assert either.verify(tokens, database=True)["status"] == "UNAUTHORISED"


@pytest.mark.parametrize(
    ("created_with", "refreshed_with", "given", "status"),
    [
        (True, True, "right", "OK"),
        (True, True, "wrong", "UNAUTHORISED"),
        (True, True, None, "UNAUTHORISED"),
        (True, False, None, "OK"),
        (False, True, None, "OK"),
        (False, True, "wrong", "OK"),
    ],
)
def test_a_refresh_compares_the_anti_csrf_value_that_the_token_has(
    either: Stand, created_with: bool, refreshed_with: bool, given: str | None, status: str
) -> None:
    tokens = either.create(enableAntiCsrf=created_with)
    sent = {None: {}, "right": {"antiCsrfToken": tokens.get("antiCsrfToken")}}
    more = sent.get(given, {"antiCsrfToken": "wrong"})
    answer = either.refresh(tokens, enableAntiCsrf=refreshed_with, **more)
    assert answer["status"] == status
    assert ("antiCsrfToken" in answer) is (status == "OK" and refreshed_with)
