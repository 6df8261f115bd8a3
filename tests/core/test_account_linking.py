from collections.abc import Iterator

import pytest

from core_people import from_provider, linked, made_primary, mapped, signed_up
from core_stand import Body, Stand, open_stand

PATH = "/recipe/accountlinking/user"
TAKEN = "ACCOUNT_INFO_ALREADY_ASSOCIATED_WITH_ANOTHER_PRIMARY_USER_ID_ERROR"


@pytest.fixture
def stand() -> Iterator[Stand]:
    with open_stand() as found:
        yield found.speaking("5.4")


@pytest.fixture
def pair(stand: Stand) -> tuple[str, str]:
    """A primary user, and a login method that was linked to it."""
    whole, part = signed_up(stand, "a@b.c"), signed_up(stand, "b@b.c")
    made_primary(stand, whole)
    linked(stand, part, whole)
    return whole, part


def unlinked(stand: Stand, user_id: str) -> Body:
    return stand.post(f"{PATH}/unlink", {"recipeUserId": user_id})


def test_being_primary_is_said_once_as_new(stand: Stand) -> None:
    user_id = signed_up(stand, "a@b.c")
    asked = stand.get(f"{PATH}/primary/check", recipeUserId=user_id)
    assert asked == {"status": "OK", "wasAlreadyAPrimaryUser": False}
    first = made_primary(stand, user_id)
    assert (first["wasAlreadyAPrimaryUser"], first["user"]["isPrimaryUser"]) == (False, True)
    assert made_primary(stand, user_id)["wasAlreadyAPrimaryUser"] is True


def test_a_linked_login_method_cannot_become_primary(stand: Stand, pair: tuple[str, str]) -> None:
    found = made_primary(stand, pair[1])
    assert found["status"] == "RECIPE_USER_ID_ALREADY_LINKED_WITH_PRIMARY_USER_ID_ERROR"
    assert found["primaryUserId"] == pair[0]
    assert "user" not in found


def test_an_account_makes_one_primary_user_only(stand: Stand) -> None:
    first = signed_up(stand, "a@b.c")
    second = from_provider(stand, "7", "a@b.c")["user"]["id"]
    made_primary(stand, first)
    assert made_primary(stand, second)["status"] == TAKEN
    third = signed_up(stand, "b@b.c")
    made_primary(stand, third)
    found = linked(stand, second, third)
    assert (found["status"], found["primaryUserId"]) == (TAKEN, first)
    check = stand.get(f"{PATH}/link/check", recipeUserId=second, primaryUserId=third)
    assert check["status"] == TAKEN
    assert linked(stand, second, first)["status"] == "OK"


def test_linking_twice_is_no_fault_and_ends_nothing(stand: Stand, pair: tuple[str, str]) -> None:
    whole, part = pair
    stand.create(part)
    assert linked(stand, part, whole)["accountsAlreadyLinked"] is True
    check = stand.get(f"{PATH}/link/check", recipeUserId=part, primaryUserId=whole)
    assert check == {"status": "OK", "accountsAlreadyLinked": True}
    assert len(stand.handles_of(part)) == 1


def test_what_is_part_of_another_user_is_shown(stand: Stand, pair: tuple[str, str]) -> None:
    other = signed_up(stand, "c@b.c")
    made_primary(stand, other)
    found = linked(stand, pair[1], other)
    assert found["status"] == "RECIPE_USER_ID_ALREADY_LINKED_WITH_ANOTHER_PRIMARY_USER_ID_ERROR"
    assert found["primaryUserId"] == found["user"]["id"] == pair[0]


def test_only_a_primary_user_takes_others_in(stand: Stand) -> None:
    first, second = signed_up(stand, "a@b.c"), signed_up(stand, "b@b.c")
    assert linked(stand, second, first) == {"status": "INPUT_USER_IS_NOT_A_PRIMARY_USER"}


@pytest.mark.parametrize("path", ["primary", "link", "unlink"])
def test_an_unknown_user_is_refused(stand: Stand, path: str) -> None:
    body = {"recipeUserId": "nobody", "primaryUserId": "nobody"}
    assert stand.ask("POST", f"{PATH}/{path}", body).status == 400


@pytest.mark.parametrize("cdi", ["5.4", "5.6"])
def test_sessions_carry_both_ids_through_refresh_verify_and_theft(
    stand: Stand, pair: tuple[str, str], cdi: str
) -> None:
    asking, ids = stand.speaking(cdi), {"userId": pair[0], "recipeUserId": pair[1]}
    first = asking.create(pair[1])
    second = asking.refresh(first)
    third = asking.refresh(second)
    for answer in (first, second, third, asking.verify(second)):
        session = answer["session"]
        assert {name: session[name] for name in ids} == ids
    stored = asking.look_up(first)
    assert {name: stored[name] for name in ids} == ids
    theft = asking.refresh(first)
    assert theft["status"] == "TOKEN_THEFT_DETECTED"
    assert theft["session"] == {"handle": first["session"]["handle"], **ids}


def test_a_link_ends_the_sessions_of_the_login_method_alone(stand: Stand) -> None:
    whole, part = signed_up(stand, "a@b.c"), signed_up(stand, "b@b.c")
    made_primary(stand, whole)
    kept, ended = stand.create(whole), stand.create(part)
    linked(stand, part, whole)
    assert stand.look_up(kept)["status"] == "OK"
    assert stand.look_up(ended)["status"] == "UNAUTHORISED"


def test_sessions_are_listed_and_revoked_with_or_without_linked_ones(
    stand: Stand, pair: tuple[str, str]
) -> None:
    whole, part = pair
    mine = stand.create(whole)["session"]["handle"]
    theirs = stand.create(part)["session"]["handle"]
    path, alone = "/recipe/session/user", {"fetchSessionsForAllLinkedAccounts": "false"}
    for user_id, own in ((whole, mine), (part, theirs)):
        assert set(stand.handles_of(user_id)) == {mine, theirs}
        assert stand.get(path, userId=user_id, **alone)["sessionHandles"] == [own]
    one = {"userId": part, "revokeSessionsForLinkedAccounts": False}
    assert stand.post("/recipe/session/remove", one)["sessionHandlesRevoked"] == [theirs]
    rest = stand.post("/recipe/session/remove", {"userId": part})
    assert rest["sessionHandlesRevoked"] == [mine]


def test_leaving_makes_two_users_again(stand: Stand, pair: tuple[str, str]) -> None:
    whole, part = pair
    kept, ended = stand.create(whole), stand.create(part)
    assert unlinked(stand, part) == {
        "status": "OK",
        "wasRecipeUserDeleted": False,
        "wasLinked": True,
    }
    assert stand.look_up(kept)["status"] == "OK"
    assert stand.look_up(ended)["status"] == "UNAUTHORISED"
    assert stand.create(part)["session"]["userId"] == part
    ids = [user["id"] for user in stand.get("/users")["users"]]
    assert ids == [whole, part]
    assert unlinked(stand, part)["wasLinked"] is False


def test_the_one_that_gave_the_id_is_deleted_when_it_leaves(
    stand: Stand, pair: tuple[str, str]
) -> None:
    whole, part = pair
    assert unlinked(stand, whole)["wasRecipeUserDeleted"] is True
    user = stand.get("/user/id", userId=part)["user"]
    assert (user["id"], user["emails"], user["isPrimaryUser"]) == (whole, ["b@b.c"], True)
    assert unlinked(stand, part) == {
        "status": "OK",
        "wasRecipeUserDeleted": False,
        "wasLinked": True,
    }


def test_a_primary_user_alone_stops_being_one(stand: Stand) -> None:
    user_id = signed_up(stand, "a@b.c")
    made_primary(stand, user_id)
    assert unlinked(stand, user_id)["wasRecipeUserDeleted"] is False
    assert stand.get("/user/id", userId=user_id)["user"]["isPrimaryUser"] is False


def test_mapped_ids_are_taken_and_given(stand: Stand) -> None:
    whole, part = signed_up(stand, "a@b.c"), signed_up(stand, "b@b.c")
    mapped(stand, whole, "ext-1")
    mapped(stand, part, "ext-2")
    made_primary(stand, "ext-1")
    assert linked(stand, "ext-2", "ext-1")["user"]["id"] == "ext-1"
    session = stand.create("ext-2")
    assert session["session"]["userId"] == "ext-1"
    assert session["session"]["recipeUserId"] == "ext-2"
    assert stand.look_up(session)["userId"] == "ext-1"
    assert stand.handles_of("ext-1") == [session["session"]["handle"]]


def test_linking_wants_a_licence() -> None:
    with open_stand(paid_features=False) as stand:
        user_id = signed_up(stand, "a@b.c")
        body = {"recipeUserId": user_id, "primaryUserId": user_id}
        assert stand.ask("POST", f"{PATH}/primary", body).status == 402
        assert stand.ask("POST", f"{PATH}/link", body).status == 402
