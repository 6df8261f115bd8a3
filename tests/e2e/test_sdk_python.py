"""The official Python SDK, unchanged, in a FastAPI backend on the embedded core."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from generator.completions import installed_stctl
from programs import serving

APP = Path(__file__).with_name("sdk_python_app.py")
MISSING = [
    package
    for package in ("supertokens_python", "fastapi", "uvicorn")
    if find_spec(package) is None
]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (pip install -e '.[e2e]')"
)
CORE = ("core", "start", "--foreground", "--host", "127.0.0.1", "--port", "0", "--db", ":memory:")


@dataclass(kw_only=True)
class Browser:
    """Keeps the cookies that a backend sets, as a browser does."""

    backend: httpx.Client
    cookies: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str) -> httpx.Response:
        header = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"st-auth-mode": "cookie"} | ({"cookie": header} if header else {})
        answer = self.backend.request(method, path, headers=headers)
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
            if not value.strip('"'):
                del self.cookies[name]
        return answer

    def log_in(self, user: str) -> str:
        answer = self.send("POST", f"/login/{user}")
        assert answer.status_code == 200, answer.text
        handle: str = answer.json()["handle"]
        return handle

    def refresh(self) -> httpx.Response:
        return self.send("POST", "/auth/session/refresh")


@dataclass(kw_only=True)
class Core:
    """What a core says of a session when it is asked straight."""

    client: httpx.Client

    def status_of(self, handle: str) -> str:
        query = {"sessionHandle": handle}
        answer = self.client.get("/recipe/session", params=query, headers={"cdi-version": "5.4"})
        status: str = answer.json()["status"]
        return status


@pytest.fixture(scope="module")
def addresses() -> Iterator[tuple[str, str]]:
    with (
        serving([installed_stctl(), *CORE]) as core,
        serving([sys.executable, str(APP), core]) as backend,
    ):
        yield core, backend


@pytest.fixture
def core(addresses: tuple[str, str]) -> Iterator[Core]:
    with httpx.Client(base_url=addresses[0]) as client:
        yield Core(client=client)


@pytest.fixture
def browser(addresses: tuple[str, str]) -> Iterator[Browser]:
    with httpx.Client(base_url=addresses[1]) as client:
        yield Browser(backend=client)


def test_a_login_makes_a_session_that_verifies_with_and_without_the_database(
    browser: Browser, core: Core
) -> None:
    handle = browser.log_in("alice")
    assert core.status_of(handle) == "OK"
    assert browser.cookies.keys() == {"sAccessToken", "sRefreshToken"}
    assert browser.send("GET", "/me").json() == {"user": "alice", "plan": "pro"}
    assert browser.send("GET", "/me-in-database").json() == {"user": "alice"}


def test_without_a_session_the_default_handler_answers_401(browser: Browser) -> None:
    answer = browser.send("GET", "/me")
    assert (answer.status_code, answer.json()) == (401, {"message": "unauthorised"})


def test_a_refresh_gives_new_tokens_that_verify(browser: Browser) -> None:
    browser.log_in("bob")
    before = dict(browser.cookies)
    assert browser.refresh().status_code == 200
    assert browser.cookies["sRefreshToken"] != before["sRefreshToken"]
    assert browser.cookies["sAccessToken"] != before["sAccessToken"]
    assert browser.send("GET", "/me-in-database").json() == {"user": "bob"}


def test_reuse_of_a_refresh_token_is_theft_and_ends_the_session(
    browser: Browser, core: Core
) -> None:
    handle = browser.log_in("carol")
    thief = Browser(backend=browser.backend, cookies=dict(browser.cookies))
    assert browser.refresh().status_code == 200
    assert browser.send("GET", "/me").status_code == 200  # the child is used
    answer = thief.refresh()
    assert (answer.status_code, answer.json()) == (401, {"message": "token theft detected"})
    assert thief.cookies == {}
    assert core.status_of(handle) == "UNAUTHORISED"
    assert browser.send("GET", "/me-in-database").status_code == 401


def test_a_logout_revokes_the_session_in_the_core(browser: Browser, core: Core) -> None:
    handle = browser.log_in("dave")
    held = dict(browser.cookies)
    assert browser.send("POST", "/logout").status_code == 200
    assert core.status_of(handle) == "UNAUTHORISED"
    again = Browser(backend=browser.backend, cookies=held)
    answer = again.refresh()
    assert (answer.status_code, answer.json()) == (401, {"message": "unauthorised"})
