"""The official frontend SDK in a real browser, a backend with an official SDK, the embedded core.

Nothing of stctl's own browser takes part: what it believes of the frontend SDK is held against
what that does. Times are real here, and an access token lives for a second.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from front_door import front_door
from generator.completions import installed_stctl
from programs import serving
from sdk_apps import FASTAPI, Backend, Browser, Transfer, backend

NODE = Path(__file__).parent / "node"
BUNDLER = NODE / "node_modules/.bin/esbuild"
HTML = b"""<!doctype html><title>app</title>
<link rel="icon" href="data:,"><script src="/app.js"></script>"""
LONGEST_S = 20


def missing() -> str:
    """What this test needs and the machine has not; empty where it has everything."""
    needed = {
        "selenium (pip install -e '.[e2e]')": find_spec("selenium") is not None,
        "chromium": shutil.which("chromium") or shutil.which("google-chrome"),
        "chromedriver": shutil.which("chromedriver"),
        "node": shutil.which("node"),
        "supertokens-website (npm ci --prefix tests/e2e/node)": BUNDLER.exists(),
    }
    return ", ".join(name for name, is_there in needed.items() if not is_there)


pytestmark = pytest.mark.skipif(bool(missing()), reason=f"not installed: {missing()}")


@pytest.fixture(scope="module", params=FASTAPI)
def app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Backend]:
    """A backend whose access tokens live for a second."""
    folder = tmp_path_factory.mktemp("frontend")
    core = ("core", "start", "--foreground", "--host", "127.0.0.1", "--port", "0")
    rules = ("--db", ":memory:", "--set", "access_token_validity=1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder))
        with (
            serving([installed_stctl(), *core, *rules]) as url,
            backend(request.param, "default", core=url, log=folder / "fired.ndjson") as served,
        ):
            yield served


@pytest.fixture(scope="module")
def origin(app: Backend) -> Iterator[str]:
    """Where the page is, with the backend behind it."""
    bundled = subprocess.run(  # noqa: S603 - a program of the project's lock file
        [BUNDLER, "page.js", "--bundle"], cwd=NODE, capture_output=True, check=True
    )
    pages = {"/": ("text/html", HTML), "/app.js": ("text/javascript", bundled.stdout)}
    with front_door(app.url, pages) as address:
        yield address


class Page:
    """A page in the browser, and what the frontend SDK did in it."""

    def __init__(self, driver: Any, address: str) -> None:
        self._driver = driver
        driver.set_script_timeout(LONGEST_S)
        driver.get(address)

    def run(self, script: str) -> Any:
        """The value of an expression, awaited."""
        told = self._driver.execute_async_script(
            f"const done = arguments[0]; (async () => {script})()"
            ".then((value) => done({ value }), (error) => done({ error: String(error) }))"
        )
        assert "error" not in told, told
        return told.get("value")

    def call(self, method: str, path: str) -> Any:
        """The answer to a request of the page, after whatever the SDK did on the way."""
        return self.run(f"call({json.dumps(method)}, {json.dumps(path)})")

    def has_session(self) -> bool:
        """What the frontend SDK believes."""
        return bool(self.run("SuperTokens.doesSessionExist()"))

    def new_events(self) -> list[str]:
        """What the SDK told the page since the last time."""
        events: list[str] = self.run("window.events.splice(0)")
        return events

    def cookies(self) -> dict[str, dict[str, Any]]:
        """The cookies that the browser keeps, those that no script sees included."""
        kept = self._driver.execute_cdp_cmd("Network.getAllCookies", {})["cookies"]
        return {cookie["name"]: cookie for cookie in kept}

    def wait_for_expiry(self) -> None:
        """Let the access token expire, as the front token tells the page."""
        front = self.cookies()["sFrontToken"]["value"]
        self.run(
            "new Promise((done) => {"
            f" const ends = JSON.parse(atob(decodeURIComponent({json.dumps(front)}))).ate + 1000;"
            " const look = () => (Date.now() > ends ? done(true) : setTimeout(look, 50));"
            " look(); })"
        )


@pytest.fixture
def page(origin: str, transfer: Transfer) -> Iterator[Page]:
    from chromium import chromium

    with chromium() as browser:
        yield Page(browser.driver, f"{origin}/?transfer={transfer}")


def refresh_token(page: Page) -> str:
    """The refresh token, as somebody gets at it who has a hold of the browser."""
    cookies = page.cookies()
    name = "sRefreshToken" if "sRefreshToken" in cookies else "st-refresh-token"
    value: str = cookies[name]["value"]
    return value


def errors(app: Backend, seen: int) -> list[tuple[str, str]]:
    return [(one.error, one.path) for one in app.fired()[seen:]]


@pytest.mark.parametrize("transfer", ["cookie", "header"])
def test_a_session_is_refreshed_robbed_and_ended_in_front_of_the_user(
    page: Page, app: Backend, transfer: Transfer
) -> None:
    seen = len(app.fired())
    assert not page.has_session()
    handle = page.call("POST", "/login?user=alice")["body"]["handle"]
    assert page.has_session()
    assert "SESSION_CREATED" in page.new_events()
    assert page.call("GET", "/protected")["body"]["user"] == "alice"
    # On its first visit the SDK asks the refresh API whether there is a session.
    assert errors(app, seen)[0] == ("UNAUTHORISED", "/auth/session/refresh")

    page.wait_for_expiry()
    page.new_events()
    seen = len(app.fired())
    refreshed = page.call("GET", "/protected")
    assert (refreshed["status"], refreshed["body"]["session"]) == (200, handle)
    assert "REFRESH_SESSION" in page.new_events()
    # A slow machine may take longer than the next token lives.
    assert set(errors(app, seen)) == {("TRY_REFRESH_TOKEN", "/protected")}

    stolen = refresh_token(page)
    page.wait_for_expiry()
    assert page.call("GET", "/protected")["status"] == 200
    thief = Browser(client=app.client, transfer=transfer)
    thief.tokens["sRefreshToken" if transfer == "cookie" else "st-refresh-token"] = stolen
    caught = thief.refresh()
    assert (caught.status_code, caught.json()) == (401, {"message": "token theft detected"})
    assert errors(app, seen)[-1] == ("TOKEN_THEFT_DETECTED", "/auth/session/refresh")
    told = app.core_says("GET", "/recipe/session", sessionHandle=handle)
    assert told["status"] == "UNAUTHORISED"

    page.new_events()
    page.wait_for_expiry()
    assert page.call("GET", "/protected")["status"] == 401
    assert "UNAUTHORISED" in page.new_events()
    assert not page.has_session()
    left = {name for name, cookie in page.cookies().items() if cookie["value"]}
    assert not left & {"sAccessToken", "sRefreshToken", "st-access-token", "st-refresh-token"}


@pytest.mark.parametrize("transfer", ["cookie"])
def test_a_user_who_signs_out_is_signed_out_everywhere(page: Page, app: Backend) -> None:
    handle = page.call("POST", "/login?user=bob")["body"]["handle"]
    assert page.cookies()["sAccessToken"]["httpOnly"]
    page.run("SuperTokens.signOut()")
    assert "SIGN_OUT" in page.new_events()
    assert not page.has_session()
    assert "sAccessToken" not in page.cookies()
    told = app.core_says("GET", "/recipe/session", sessionHandle=handle)
    assert told["status"] == "UNAUTHORISED"
