from collections.abc import Iterator

import pytest

from core_people import from_provider, linked, made_primary, signed_up
from core_stand import Body, Stand, open_stand

TENANT = "/recipe/multitenancy/tenant/v2"


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    """Five users; the third and the fifth come from a provider, the last two are linked."""
    with open_stand() as opened:
        found = opened.speaking("5.4")
        signed_up(found, "ann@one.org")
        signed_up(found, "ben@two.org")
        from_provider(found, "77", "cat@one.org")
        whole = signed_up(found, "dan_x@two.org")
        part = from_provider(found, "88", "dan@three.org")["user"]["id"]
        made_primary(found, whole)
        linked(found, part, whole)
        found.ask("PUT", TENANT, {"tenantId": "t1"})
        signed_up(found, "eve@one.org", "/t1")
        yield found


def emails(answer: Body) -> list[str]:
    return [user["emails"][0].partition("@")[0] for user in answer["users"]]


def listed(stand: Stand, **query: str) -> list[str]:
    return emails(stand.get("/users", **query))


def test_users_come_in_the_order_in_which_they_joined_or_the_other_way_round(stand: Stand) -> None:
    assert listed(stand) == ["ann", "ben", "cat", "dan_x"]
    assert listed(stand, timeJoinedOrder="DESC") == ["dan_x", "cat", "ben", "ann"]
    assert emails(stand.get("/t1/users")) == ["eve"]


@pytest.mark.parametrize("order", ["ASC", "DESC"])
@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_put_together_are_the_list(stand: Stand, order: str, limit: int) -> None:
    found, query = [], {"timeJoinedOrder": order, "limit": str(limit)}
    while True:
        page = stand.get("/users", **query)
        assert len(page["users"]) <= limit
        found += emails(page)
        if "nextPaginationToken" not in page:
            break
        query["paginationToken"] = page["nextPaginationToken"]
    assert found == listed(stand, timeJoinedOrder=order)


def test_users_of_one_moment_are_paged_without_loss() -> None:
    with open_stand() as stand:
        for number in range(3):
            body = {"email": f"u{number}@b.c", "password": "p"}
            stand.post("/recipe/signup", body)
        first = stand.get("/users", limit="2")
        rest = stand.get("/users", limit="2", paginationToken=first["nextPaginationToken"])
        ids = [user["id"] for page in (first, rest) for user in page["users"]]
        assert len(set(ids)) == 3
        assert ids == sorted(ids, reverse=True)


def test_a_recipe_finds_whoever_logs_in_by_it_too(stand: Stand) -> None:
    assert listed(stand, includeRecipeIds="thirdparty") == ["cat", "dan_x"]
    assert listed(stand, includeRecipeIds="passwordless, webauthn") == []
    assert listed(stand, includeRecipeIds="emailpassword,thirdparty") == listed(stand)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"email": "ann"}, ["ann"]),
        ({"email": "ANN;b"}, ["ann", "ben"]),
        ({"email": "one."}, ["ann", "cat"]),
        ({"email": "nn@"}, []),
        ({"email": "%"}, []),
        ({"email": "dan_"}, ["dan_x"]),
        ({"email": "da"}, ["dan_x"]),
        ({"provider": "goo"}, ["cat", "dan_x"]),
        ({"provider": "goo", "email": "cat"}, ["cat"]),
        ({"provider": "goo", "email": "ann"}, []),
        ({"phone": "+4"}, []),
        ({"phone": "+4", "email": "ann"}, []),
        ({"email": " ; "}, ["ann", "ben", "cat", "dan_x"]),
    ],
)
def test_a_search_goes_by_beginnings(stand: Stand, query: dict[str, str], found: list[str]) -> None:
    assert listed(stand, **query) == found


def test_a_search_has_no_pages_and_keeps_the_order(stand: Stand) -> None:
    answer = stand.get("/users", email="one", limit="1000", timeJoinedOrder="DESC")
    assert emails(answer) == ["cat", "ann"]
    assert "nextPaginationToken" not in answer


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "ten"},
        {"limit": "1.0"},
        {"timeJoinedOrder": "asc"},
        {"paginationToken": "bad"},
        {"paginationToken": "YWJj"},
        {"includeRecipeIds": "nope"},
    ],
)
def test_what_makes_no_sense_is_refused(stand: Stand, query: dict[str, str]) -> None:
    assert stand.ask("GET", "/users", None, **query).status == 400


def test_an_unknown_tenant_has_no_list(stand: Stand) -> None:
    assert stand.ask("GET", "/nosuch/users").status == 400
    assert stand.ask("GET", "/nosuch/users/count").status == 400


def test_below_4_0_a_list_shows_the_recipe_beside_the_user(stand: Stand) -> None:
    first = stand.speaking("3.0").get("/users")["users"][0]
    assert first["recipeId"] == "emailpassword"
    assert first["user"].keys() == {"id", "timeJoined", "tenantIds", "email"}
    assert "tenantIds" not in stand.speaking("2.9").get("/users")["users"][0]["user"]


def test_counts_are_of_a_tenant_or_of_the_app_and_count_linked_ones_once(stand: Stand) -> None:
    assert stand.get("/users/count")["count"] == 4
    assert stand.get("/t1/users/count")["count"] == 1
    assert stand.get("/users/count", includeAllTenants="TRUE")["count"] == 5
    assert stand.get("/users/count", includeRecipeIds="thirdparty")["count"] == 2
    assert stand.ask("GET", "/t1/users/count", None, includeAllTenants="true").status == 403


def test_how_good_a_count_is_is_said_from_5_6_on_where_it_was_asked(stand: Stand) -> None:
    newest, now_ms = stand.speaking("5.6"), stand.clock.now_ms()
    asked = {"allowApproximate": "true"}
    assert stand.get("/users/count", **asked) == {"status": "OK", "count": 4}
    assert newest.get("/users/count", **asked) == {
        "status": "OK",
        "count": 4,
        "approximate": True,
        "asOf": now_ms - 60_000,
    }
    filtered = newest.get("/users/count", includeRecipeIds="thirdparty", **asked)
    assert (filtered["approximate"], filtered["asOf"]) == (False, now_ms)


@pytest.mark.parametrize("since", ["-1", "x", "", "1.5", "99999999999999999999"])
def test_since_has_to_be_a_moment(stand: Stand, since: str) -> None:
    assert stand.ask("GET", "/users/count/active", None, since=since).status == 400


def test_whoever_used_a_session_is_active_since_then() -> None:
    with open_stand() as stand:
        stand.create("u1")
        made_at_ms = stand.clock.now_ms()

        def active(since_ms: int) -> int:
            count: int = stand.get("/users/count/active", since=str(since_ms))["count"]
            return count

        assert active(made_at_ms) == 1
        assert active(made_at_ms + 1) == 0
