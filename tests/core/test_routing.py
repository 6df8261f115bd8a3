import pytest

from stctl.core.endpoints import all_endpoints, make_router
from stctl.core.routing import collapse

_ROUTER = make_router()


@pytest.mark.parametrize(
    ("path", "endpoint", "app_id", "tenant_id"),
    [
        ("/recipe/session", "/recipe/session", "public", "public"),
        ("/recipe/session/", "/recipe/session", "public", "public"),
        ("/Recipe/SESSION", "/recipe/session", "public", "public"),
        ("/t1/recipe/session", "/recipe/session", "public", "t1"),
        ("/T1/recipe/session/", "/recipe/session", "public", "t1"),
        ("/public/recipe/session", "/recipe/session", "public", "public"),
        ("/appid-a1/recipe/session", "/recipe/session", "a1", "public"),
        ("/appid-a1/t1/recipe/session", "/recipe/session", "a1", "t1"),
        ("/appid-public/t1/recipe/session", "/recipe/session", "public", "t1"),
        ("/appid-/recipe/session", "/recipe/session", "public", "public"),
        ("/appid-/t1/recipe/session", "/recipe/session", "public", "t1"),
        ("/hello", "/hello", "public", "public"),
        ("/", "/", "public", "public"),
        ("/t1", "/", "public", "t1"),
        ("/t1/", "/", "public", "t1"),
        ("/appid-a1", "/", "a1", "public"),
        ("/appid-a1/t1", "/", "a1", "t1"),
        ("/appid-", "", "public", "public"),
        ("/recipe/nope", "", "public", "public"),
        ("/recipe", "", "public", "public"),
        ("/users/recipe/session", "", "public", "public"),
        ("/hello/hello", "", "public", "public"),
        ("/config/hello", "", "public", "public"),
        ("/a_b/recipe/session", "", "public", "public"),
        ("/appid-a_b/recipe/session", "", "public", "public"),
        ("/a/b/recipe/session", "", "public", "public"),
        ("/appid-a1/t1/t2/hello", "", "public", "public"),
    ],
)
def test_a_path_leads_to_an_endpoint_an_app_and_a_tenant(
    path: str, endpoint: str, app_id: str, tenant_id: str
) -> None:
    target = _ROUTER.resolve(path)
    assert (target.endpoint.path, target.app_id, target.tenant_id) == (
        endpoint,
        app_id,
        tenant_id,
    )


def test_no_two_endpoints_share_a_path() -> None:
    paths = [endpoint.path for endpoint in all_endpoints()]
    assert len(paths) == len(set(paths))


def test_paths_are_written_as_they_are_looked_up() -> None:
    for endpoint in all_endpoints():
        assert endpoint.path == endpoint.path.lower().rstrip("/")


def test_runs_of_slashes_count_as_one() -> None:
    assert collapse("//t1///recipe/session//") == "/t1/recipe/session/"
