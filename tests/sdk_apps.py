"""Backends with official SDKs, unchanged, and a browser's tokens to talk to them with."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import httpx
import pytest

from programs import serving

Handlers = Literal["default", "custom", "forgetful"]
"""The last are custom, and do not end a session that was stolen."""
Transfer = Literal["cookie", "header"]

_TESTS: Final = Path(__file__).parent
_NODE: Final = _TESTS / "e2e/node"
_SDK: Final = ("supertokens_python",)
_PACKAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "fastapi": (*_SDK, "fastapi", "uvicorn"),
    "flask": (*_SDK, "flask"),
    "django": (*_SDK, "django"),
}
_ON_NODE: Final = ("express", "fastify")
CUSTOM_ANSWERS: Final[Mapping[str, Mapping[str, Any]]] = json.loads(
    (_TESTS / "e2e/witnesses/custom_answers.json").read_text("utf-8")
)
"""Status and body of each handler of a backend that has its own."""


def _missing(framework: str) -> str:
    """What the backend needs and this machine has not; empty where it has everything."""
    if framework in _PACKAGES:
        missing = [name for name in _PACKAGES[framework] if find_spec(name) is None]
        return f"{', '.join(missing)} (pip install -e '.[e2e]')" if missing else ""
    if shutil.which("node") is None:
        return "node"
    # npm writes it last.
    whole = (_NODE / "node_modules/.package-lock.json").exists()
    return "" if whole else "supertokens-node (npm ci --prefix tests/e2e/node)"


def _parameter(framework: str) -> Any:
    missing = _missing(framework)
    mark = pytest.mark.skipif(bool(missing), reason=f"not installed: {missing}")
    return pytest.param(framework, marks=mark)


FRAMEWORKS: Final = [_parameter(name) for name in (*_PACKAGES, *_ON_NODE)]
"""All backends, as parameters of a test; those that cannot run here are skipped by name."""
FASTAPI: Final = FRAMEWORKS[:1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A handler that fired, as the backend itself wrote it down."""

    error: str
    handler: str
    kind: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A backend that is served."""

    framework: str
    handlers: Handlers
    url: str
    core: str
    log: Path
    environment: Mapping[str, str] | None
    """Of programs that talk to it while tests come and go; None: that of the test."""
    client: httpx.Client
    """Talks to the backend, and keeps no cookies of its own."""

    def browser(self, transfer: Transfer = "cookie") -> "Browser":
        """A browser without any token."""
        return Browser(client=self.client, transfer=transfer)

    def fired(self) -> list[Fired]:
        """Everything that fired since it started, in order."""
        lines = self.log.read_text("utf-8").splitlines() if self.log.exists() else []
        return [Fired(**json.loads(line)) for line in lines]

    def core_says(self, method: str, path: str, json: object = None, **query: str) -> Any:
        """The answer of the core itself."""
        answer = self.client.request(
            method, f"{self.core}{path}", params=query, json=json, headers={"cdi-version": "5.4"}
        )
        return answer.raise_for_status().json()


class Backends(Protocol):
    """Gives a backend, which starts when it is first wanted."""

    def __call__(self, framework: str, handlers: Handlers, *options: str) -> Backend:
        """The backend of a framework, with these handlers and further options."""
        ...


@contextmanager
def backend(
    framework: str,
    handlers: Handlers,
    *more: str,
    core: str,
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Backend]:
    """Serve a backend on the core, in this environment or in that of the test."""
    if framework in _ON_NODE:
        program, folder = [shutil.which("node") or "node", f"{framework}.js"], _NODE
    else:
        program, folder = [sys.executable, "-m", f"e2e.witnesses.{framework}_app"], _TESTS
    options = ["--core", core, "--handlers", handlers, "--log", str(log), *more]
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    # A server that answers an exception closes its connection behind the answer.
    one_each = httpx.Limits(max_keepalive_connections=0)
    with (
        serving([*program, *options], folder, environment) as url,
        httpx.Client(base_url=url, cookies=no_cookies, limits=one_each) as client,
    ):
        yield Backend(
            framework=framework,
            handlers=handlers,
            url=url,
            core=core,
            log=log,
            environment=environment,
            client=client,
        )


@dataclass(kw_only=True)
class Browser:
    """Keeps the tokens that a backend gives it, and sends them, as a frontend SDK does."""

    client: httpx.Client
    transfer: Transfer = "cookie"
    tokens: dict[str, str] = field(default_factory=dict)
    """By the names that cookies or headers have."""

    def send(self, method: str, path: str, **query: str) -> httpx.Response:
        """Send a request of the app's own, with the access token."""
        return self._send(method, path, "st-access-token", query)

    def refresh(self) -> httpx.Response:
        """Call the refresh API."""
        return self._send("POST", "/auth/session/refresh", "st-refresh-token", {})

    def log_in(self, user: str, **query: str) -> str:
        """Create a session; the handle of it."""
        answer = self.send("POST", "/login", user=user, **query)
        assert answer.status_code == 200, answer.text
        handle: str = answer.json()["handle"]
        return handle

    def copy(self) -> "Browser":
        """Somebody else who has the same tokens."""
        return Browser(client=self.client, transfer=self.transfer, tokens=dict(self.tokens))

    def _send(
        self, method: str, path: str, bearer: str, query: Mapping[str, str]
    ) -> httpx.Response:
        headers = {"st-auth-mode": self.transfer, **self._credentials(bearer)}
        answer = self.client.request(method, path, params=query, headers=headers)
        for name, value in self._given(answer):
            self.tokens[name] = value
            if not value.strip('"'):
                del self.tokens[name]
        return answer

    def _credentials(self, bearer: str) -> dict[str, str]:
        if self.transfer == "header":
            token = self.tokens.get(bearer)
            return {"authorization": f"Bearer {token}"} if token else {}
        cookies = "; ".join(f"{name}={value}" for name, value in self.tokens.items())
        return {"cookie": cookies} if cookies else {}

    def _given(self, answer: httpx.Response) -> Iterator[tuple[str, str]]:
        if self.transfer == "header":
            names = ("st-access-token", "st-refresh-token")
            yield from ((name, answer.headers[name]) for name in names if name in answer.headers)
            return
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            yield name, value
