"""Official SDKs, unchanged, in backends of five frameworks on the embedded core."""

from collections.abc import Iterator

import httpx
import pytest

from sdk_apps import (
    CUSTOM_ANSWERS,
    Backend,
    Backends,
    Browser,
    Fired,
    Handlers,
    Transfer,
)


@pytest.fixture
def backend(backends: Backends, framework: str) -> Backend:
    return backends(framework, "default")


@pytest.fixture(params=["cookie", "header"])
def transfer(request: pytest.FixtureRequest) -> Transfer:
    by: Transfer = request.param
    return by


@pytest.fixture
def browser(backend: Backend, transfer: Transfer) -> Browser:
    return backend.browser(transfer)


def session_of(backend: Backend, handle: str) -> dict[str, object]:
    found: dict[str, object] = backend.core_says("GET", "/recipe/session", sessionHandle=handle)
    return found


def test_a_login_makes_a_session_that_verifies_with_and_without_the_database(
    browser: Browser, backend: Backend
) -> None:
    handle = browser.log_in("alice", plan="pro")
    assert session_of(backend, handle)["userId"] == "alice"
    assert len(browser.tokens) == 2
    for path in ("/protected", "/protected-db", "/optional"):
        body = browser.send("GET", path).json()
        assert (body["user"], body["session"]) == ("alice", handle)
        assert body["payload"]["plan"] == "pro"


def test_without_a_session_only_a_route_that_requires_one_refuses(browser: Browser) -> None:
    for path in ("/open", "/optional"):
        assert browser.send("GET", path).json() == {"user": None}
    answer = browser.send("GET", "/protected")
    assert (answer.status_code, answer.json()) == (401, {"message": "unauthorised"})


def test_a_refresh_gives_new_tokens_that_verify(browser: Browser) -> None:
    handle = browser.log_in("bob")
    before = dict(browser.tokens)
    assert browser.refresh().status_code == 200
    assert browser.tokens.keys() == before.keys()
    assert not set(browser.tokens.values()) & set(before.values())
    for path in ("/protected", "/protected-db"):
        assert browser.send("GET", path).json()["session"] == handle


def test_reuse_of_a_refresh_token_is_theft_and_ends_the_session(
    browser: Browser, backend: Backend
) -> None:
    handle = browser.log_in("carol")
    thief = browser.copy()
    assert browser.refresh().status_code == 200
    assert browser.send("GET", "/protected").status_code == 200  # the child is used
    answer = thief.refresh()
    assert (answer.status_code, answer.json()) == (401, {"message": "token theft detected"})
    assert thief.tokens == {}
    assert session_of(backend, handle)["status"] == "UNAUTHORISED"
    assert browser.send("GET", "/protected-db").status_code == 401
    assert browser.tokens == {}


def test_a_sign_out_revokes_the_session_in_the_core(browser: Browser, backend: Backend) -> None:
    handle = browser.log_in("dave")
    held = browser.copy()
    assert browser.send("POST", "/auth/signout").json() == {"status": "OK"}
    assert browser.tokens == {}
    assert session_of(backend, handle)["status"] == "UNAUTHORISED"
    answer = held.refresh()
    assert (answer.status_code, answer.json()) == (401, {"message": "unauthorised"})


def test_a_change_of_the_payload_is_in_the_token_and_in_the_core(
    browser: Browser, backend: Backend
) -> None:
    handle = browser.log_in("erin", plan="pro")
    old = browser.copy()
    assert browser.send("POST", "/payload", colour="green").json() == {"colour": "green"}
    assert browser.tokens != old.tokens
    payload = browser.send("GET", "/protected").json()["payload"]
    assert (payload["plan"], payload["colour"]) == ("pro", "green")
    assert "colour" not in old.send("GET", "/protected").json()["payload"]
    kept = session_of(backend, handle)["userDataInJWT"]
    assert isinstance(kept, dict)
    assert kept["colour"] == "green"
    assert browser.refresh().status_code == 200
    assert browser.send("GET", "/protected").json()["payload"]["colour"] == "green"


def test_a_change_of_the_payload_of_a_session_that_is_gone_is_unauthorised(
    browser: Browser, backend: Backend
) -> None:
    handle = browser.log_in("fred")
    backend.core_says("POST", "/recipe/session/remove", json={"sessionHandles": [handle]})
    assert browser.send("POST", "/payload").status_code == 401
    assert browser.tokens == {}


def test_data_of_a_session_are_kept_by_the_core(browser: Browser, backend: Backend) -> None:
    handle = browser.log_in("grace")
    assert browser.send("GET", "/data").json() == {"data": {}}
    assert browser.send("POST", "/new-data", step="2").json() == {"data": {"step": "2"}}
    assert browser.send("GET", "/data").json() == {"data": {"step": "2"}}
    assert session_of(backend, handle)["userDataInDatabase"] == {"step": "2"}


def test_sessions_of_a_user_are_listed_and_revoked_one_by_one(
    browser: Browser, backend: Backend
) -> None:
    user = f"heidi-{browser.transfer}-{backend.framework}"
    other = browser.copy()
    mine, others = browser.log_in(user), other.log_in(user)
    assert set(browser.send("GET", "/sessions").json()["handles"]) == {mine, others}
    assert browser.send("POST", "/revoke", handle=others).json() == {"revoked": True}
    assert browser.send("POST", "/revoke", handle=others).json() == {"revoked": False}
    assert browser.send("GET", "/sessions").json() == {"handles": [mine]}
    assert other.send("GET", "/protected").status_code == 200  # its token says enough by itself
    assert other.send("GET", "/protected-db").status_code == 401
    assert other.tokens == {}


def test_a_route_for_admins_opens_when_the_role_is_given(
    browser: Browser, backend: Backend
) -> None:
    user = f"ivan-{browser.transfer}-{backend.framework}"
    browser.log_in(user)
    refused = browser.send("GET", "/admin")
    assert refused.status_code == 403
    assert refused.json()["message"] == "invalid claim"
    assert [one["id"] for one in refused.json()["claimValidationErrors"]] == ["st-role"]
    assert browser.send("POST", "/role", role="admin").json() == {"roles": ["admin"]}
    assert browser.send("GET", "/admin").json()["user"] == user
    assert backend.core_says("GET", "/recipe/user/roles", userId=user)["roles"] == ["admin"]
    browser.log_in(user)
    assert browser.send("GET", "/admin").json()["payload"]["st-role"]["v"] == ["admin"]


EACH_HANDLER = {
    "onUnauthorised": ("UNAUTHORISED", 401),
    "onTryRefreshToken": ("TRY_REFRESH_TOKEN", 401),
    "onInvalidClaim": ("INVALID_CLAIMS", 403),
    "onTokenTheftDetected": ("TOKEN_THEFT_DETECTED", 401),
}


def make_each_fire(browser: Browser) -> Iterator[httpx.Response]:
    """Answers of the handlers, in their order."""
    yield browser.send("GET", "/protected")
    browser.log_in("judy")
    forged = browser.copy()
    forged.tokens = {name: f"{token[:-8]}AAAAAAAA" for name, token in browser.tokens.items()}
    yield forged.send("GET", "/protected")
    yield browser.send("GET", "/admin")
    thief = browser.copy()
    browser.refresh()
    browser.send("GET", "/protected")
    yield thief.refresh()


@pytest.mark.parametrize("handlers", ["default", "custom"])
def test_a_backend_writes_down_each_handler_that_fires(
    backends: Backends, framework: str, handlers: Handlers
) -> None:
    backend = backends(framework, handlers)
    before = len(backend.fired())
    answers = list(make_each_fire(backend.browser()))
    assert backend.browser().send("GET", "/open").status_code == 200
    fired = backend.fired()[before:]
    assert [(one.handler, one.error, one.kind) for one in fired] == [
        (handler, error, handlers) for handler, (error, _) in EACH_HANDLER.items()
    ]
    paths = ["/protected", "/protected", "/admin", "/auth/session/refresh"]
    assert [one.path for one in fired] == paths
    for answer, (handler, (_, status)) in zip(answers, EACH_HANDLER.items(), strict=True):
        own = CUSTOM_ANSWERS[handler]
        assert answer.status_code == (own["status"] if handlers == "custom" else status)
        assert (answer.json() == own["body"]) == (handlers == "custom")


@pytest.mark.parametrize(("handlers", "status"), [("custom", "UNAUTHORISED"), ("forgetful", "OK")])
def test_a_session_that_was_stolen_lives_on_unless_the_app_s_handler_ends_it(
    backends: Backends, framework: str, handlers: Handlers, status: str
) -> None:
    backend = backends(framework, handlers)
    browser = backend.browser()
    handle = browser.log_in("kim")
    thief = browser.copy()
    browser.refresh()
    browser.send("GET", "/protected")
    assert thief.refresh().status_code == CUSTOM_ANSWERS["onTokenTheftDetected"]["status"]
    assert thief.tokens == {}
    assert session_of(backend, handle)["status"] == status


def test_an_exception_in_the_app_is_left_to_the_framework(
    browser: Browser, backend: Backend
) -> None:
    browser.log_in("leo")
    before = len(backend.fired())
    assert browser.send("GET", "/crash").status_code == 500
    assert backend.fired()[before:] == [
        Fired(
            error="GENERAL_ERROR",
            handler="framework_error_response",
            kind="framework",
            path="/crash",
        )
    ]
    assert browser.send("GET", "/protected").status_code == 200
