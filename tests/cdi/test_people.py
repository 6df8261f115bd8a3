"""Calls about users, roles and tenants, against what a real core was recorded to answer."""

import pytest

from fake_core import FakeCore
from recorded_people import client_of
from stctl.cdi.client import CdiClient
from stctl.cdi.retries import Repeat
from stctl.errors import ErrorKind, StctlError
from stctl.sessions.people import (
    EmailTaken,
    MappingExists,
    UnknownMapping,
    UnknownRole,
    UnmappableUser,
    User,
    UserCount,
    UserIdMapping,
    UserSearch,
)
from stctl.sessions.tenancy import Tenant, UnknownTenant


@pytest.mark.parametrize(
    ("day", "order", "tenant"),
    [
        ("users-list-and-pages-cdi5.4-order-ASC", "ASC", "t-rfbjhp"),
        ("users-list-and-pages-cdi4.0-order-DESC", "DESC", "t-rmzjqd"),
    ],
)
def test_pages_of_users_lead_through_all_of_them(day: str, order: str, tenant: str) -> None:
    client, _ = client_of(day, tenant_id=tenant)
    search = UserSearch(order="ASC" if order == "ASC" else "DESC")
    made = [client.sign_up(f"u{n}-{tenant[2:]}@example.com", "validpass123") for n in range(3)]
    ids = [user.user_id for user in made if isinstance(user, User)]
    first = client.users_page(search, limit=2)
    second = client.users_page(search, limit=2, token=first.next_token)
    seen = [user.user_id for page in (first, second) for user in page.users]
    assert seen == (ids if order == "ASC" else ids[::-1])
    assert second.next_token is None
    assert client.count_users() == UserCount(count=3)


def test_a_user_is_read_whole() -> None:
    client, _ = client_of("users-by-id-cdi5.4")
    made = client.sign_up("a-rrtzgf@example.com", "validpass123")
    assert isinstance(made, User)
    assert client.find_user(made.user_id) == made
    assert client.find_user("nosuch") is None
    (method,) = made.login_methods
    assert (made.emails, made.tenant_ids, made.is_primary) == (
        ("a-rrtzgf@example.com",),
        ("public",),
        False,
    )
    assert (method.recipe_id, method.recipe_user_id) == ("emailpassword", made.user_id)
    assert (method.is_verified, method.email) == (False, "a-rrtzgf@example.com")


def test_a_user_of_an_old_interface_is_its_one_login_method() -> None:
    listed = {
        "recipeId": "thirdparty",
        "user": {
            "id": "u1",
            "email": "a@b.c",
            "timeJoined": 7,
            "thirdParty": {"id": "google", "userId": "g1"},
        },
    }
    core = FakeCore({"GET /users": {"status": "OK", "users": [listed]}})
    (user,) = CdiClient(core, cdi="2.20").users_page(UserSearch()).users
    assert (user.user_id, user.emails, user.joined_at_ms) == ("u1", ("a@b.c",), 7)
    assert (user.tenant_ids, user.login_methods[0].recipe_id) == (("public",), "thirdparty")
    assert user.third_parties[0].provider == "google"


def test_searches_are_sent_as_a_core_reads_them() -> None:
    client, core = client_of("users-list-params-cdi5.4", tenant_id="t-rxpjcp")
    for recipes in (("thirdparty",), ("emailpassword", "thirdparty")):
        found = client.users_page(UserSearch(recipes=recipes)).users
        assert len(found) == (0 if recipes == ("thirdparty",) else 2)
    assert len(client.users_page(UserSearch(emails=("alpha-", "beta-"))).users) == 2
    assert client.users_page(UserSearch(providers=("google",))).users == ()
    assert client.users_page(UserSearch(phones=("+4",))).users == ()
    assert core.asked[-1].query["phone"] == "+4"


@pytest.mark.parametrize("limit", [0, 501])
def test_a_page_that_no_core_gives_is_not_asked_for(limit: int) -> None:
    client, core = client_of("users-list-params-cdi5.4")
    with pytest.raises(StctlError) as caught:
        client.users_page(UserSearch(), limit=limit)
    assert caught.value.kind is ErrorKind.USAGE
    assert core.asked == []


def test_counts_may_be_of_a_recipe_of_the_app_or_approximate() -> None:
    client, _ = client_of("users-count-cdi5.4", tenant_id="t-rgvsbh")
    assert client.count_users().count == 1
    assert client.count_users(recipes=("thirdparty",)).count == 0
    assert not client.count_users(allow_approximate=True).is_approximate
    assert client.count_users(all_tenants=True).count >= 1
    assert client.count_active_users(0) >= 0


def test_an_approximation_says_so() -> None:
    answer = {"status": "OK", "count": 9, "approximate": True, "asOf": 5}
    client = CdiClient(FakeCore({"GET /users/count": answer}), cdi="5.6")
    counted = client.count_users(allow_approximate=True)
    assert counted == UserCount(count=9, is_approximate=True, as_of_ms=5)


def test_sign_up_is_never_repeated_in_doubt_and_goes_to_its_recipe() -> None:
    core = FakeCore({"POST /recipe/signup": {"status": "EMAIL_ALREADY_EXISTS_ERROR"}})
    client = CdiClient(core, cdi="5.4")
    assert client.sign_up("a@b.c", "password1") == EmailTaken(email="a@b.c")
    assert core.asked[0].repeat is Repeat.ONCE
    assert core.asked[0].header("rid") == "emailpassword"


def test_the_life_of_a_role() -> None:
    client, _ = client_of("roles-life-cdi5.4")
    first, second, user = "ra-rhqzmr", "rb-rhqzmr", "ru-rhqzmr"
    assert client.create_role(first, ["p1-rhqzmr", "p2-rhqzmr"]) is True
    assert client.create_role(first, ["p3-rhqzmr"]) is False
    assert client.create_role(second) is True
    assert client.roles() == [first, second]
    assert client.permissions_of_role(first) == ["p1-rhqzmr", "p2-rhqzmr", "p3-rhqzmr"]
    assert client.permissions_of_role("nosuch") == UnknownRole(role="nosuch")
    assert [client.add_role(user, first), client.add_role(user, first)] == [True, False]
    assert client.add_role(user, "nosuch") == UnknownRole(role="nosuch")
    client.add_role(user, second)
    assert client.roles_of_user(user) == [first, second]
    assert client.roles_of_user("nobody-rhqzmr") == []
    assert client.users_of_role(first) == [user]
    assert client.users_of_role("nosuch") == UnknownRole(role="nosuch")
    assert [client.remove_role(user, first), client.remove_role(user, first)] == [True, False]
    assert client.remove_role(user, "nosuch") == UnknownRole(role="nosuch")
    assert [client.delete_role(first), client.delete_role(first)] == [True, False]


def test_metadata_is_merged_and_null_removes() -> None:
    client, _ = client_of("metadata-life-cdi5.4")
    user = "m-rnbzpj"
    assert client.user_metadata(user) == {}
    client.update_user_metadata(user, {"a": 1, "b": {"c": 1, "d": None}, "n": None, "l": [None, 1]})
    merged = client.update_user_metadata(user, {"a": None, "b": {"e": 2}})
    assert merged == client.user_metadata(user) == {"l": [None, 1], "b": {"e": 2}}
    client.remove_user_metadata(user)
    client.remove_user_metadata(user)
    assert client.user_metadata(user) == {}


def test_the_life_of_a_mapping() -> None:
    client, _ = client_of("mapping-life-cdi5.4")
    made = client.sign_up("a-rzrhdd@example.com", "validpass123")
    assert isinstance(made, User)
    own, other = made.user_id, "ext-rzrhdd"
    unknown = UserIdMapping(supertokens_user_id="nosuch", external_user_id=other)
    assert client.add_user_id_mapping(unknown) == UnmappableUser(user_id="nosuch")
    mapping = UserIdMapping(supertokens_user_id=own, external_user_id=other, info="info")
    assert client.add_user_id_mapping(mapping) is None
    again = UserIdMapping(supertokens_user_id=own, external_user_id="other-rzrhdd")
    assert client.add_user_id_mapping(again) == MappingExists(
        has_supertokens_user_id=True, has_external_user_id=False
    )
    assert client.user_id_mapping(own) == mapping
    assert client.user_id_mapping(other) == mapping
    assert [client.remove_user_id_mapping(other) for _ in range(2)] == [True, False]


def test_an_id_without_a_mapping_is_an_answer() -> None:
    core = FakeCore({"GET /recipe/userid/map": {"status": "UNKNOWN_MAPPING_ERROR"}})
    assert CdiClient(core, cdi="5.4").user_id_mapping("x") == UnknownMapping(user_id="x")


def test_the_life_of_a_tenant() -> None:
    client, core = client_of("tenants-life-cdi5.4")
    tenant_id = "t-rzknqt"
    assert client.tenant(tenant_id) == UnknownTenant(tenant_id=tenant_id)
    assert client.create_tenant(tenant_id) is True
    assert client.tenant(tenant_id) == Tenant(
        tenant_id=tenant_id,
        first_factors=(),
        required_secondary_factors=None,
        core_config={},
        providers=(),
    )
    with pytest.raises(StctlError) as caught:
        client.create_tenant(tenant_id, core_config={"nosuch": 1})
    assert "Invalid config key" in caught.value.detail
    listed = client.tenants()
    assert listed[0].tenant_id == "public"
    assert next(one for one in listed if one.tenant_id == tenant_id).first_factors is None
    assert [client.delete_tenant(tenant_id), client.delete_tenant(tenant_id)] == [True, False]
    assert core.asked[0].path == "/t-rzknqt/recipe/multitenancy/tenant/v2"


def test_tenants_need_an_interface_that_has_them() -> None:
    with pytest.raises(StctlError) as caught:
        CdiClient(FakeCore({}), cdi="5.0").tenants()
    assert caught.value.kind is ErrorKind.CORE_VERSION
