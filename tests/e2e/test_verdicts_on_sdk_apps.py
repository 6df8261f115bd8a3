"""What stctl says of an app from outside, held against what the app itself wrote down."""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import pytest

from generator.completions import installed_stctl
from sdk_apps import FRAMEWORKS, Backend, Backends, Fired, Handlers

Way = Literal["cookie", "header", "guarded"]
OLDER = "older.example"
ROUTES = {
    "protected-db": "GET /protected-db",
    "admin": "GET /admin",
    "payload": "POST /payload",
    "crash": "GET /crash",
    "logout": "POST /logout",
    "optional": "GET /optional",
    "open": "GET /open",
}
GUARDS: Mapping[Handlers, tuple[str, str]] = {
    "default": ("--anti-csrf", "VIA_CUSTOM_HEADER"),
    "custom": ("--anti-csrf", "VIA_TOKEN"),
}
GUARDED_CASES = {
    "default": ("missing-rid", "cleared"),
    "custom": ("missing-anti-csrf", "refresh-without-anti-csrf", "cleared"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a run of stctl said, and what fired in the app meanwhile."""

    status: int
    document: Mapping[str, Any]
    fired: list[Fired]

    @property
    def verdicts(self) -> list[Fired]:
        """Of the steps that raised an error."""
        return [
            Fired(
                error=step["error"],
                handler=step["handler"],
                kind=step["handler_kind"],
                path=step["request"].partition(" ")[2],
            )
            for step in self.document["steps"]
            if step.get("error") is not None
        ]

    def cases(self, outcome: str) -> set[str]:
        """Names of the cases that ended so."""
        return {one["name"] for one in self.document["cases"] if one["outcome"] == outcome}


def play(backend: Backend, *options: str, scenario: str = "all") -> Played:
    routes = [f"--route={name}={route}" for name, route in ROUTES.items()]
    protected = ["--protected=GET /protected", "--protected=POST /protected"]
    target = ["--app", backend.url, "--core", backend.core]
    before = len(backend.fired())
    done = subprocess.run(  # noqa: S603 - our own command
        [installed_stctl(), "simulate", scenario, *target, *protected, *routes, *options, "--json"],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.stdout, done.stderr
    document = json.loads(done.stdout)
    return Played(status=done.returncode, document=document, fired=backend.fired()[before:])


def play_all_ways(
    backends: Backends, config: Path, framework: str, handlers: Handlers
) -> Mapping[Way, Played]:
    """By cookies that the core's sessions come in, by headers of the app's own login, guarded."""
    plain = backends(framework, handlers)
    guard = GUARDS[handlers]
    guarded = backends(framework, handlers, *guard, "--older-cookie-domain", OLDER)
    cases = [f"--case={name}" for name in GUARDED_CASES[handlers]]
    login = "--login=POST /login?user={user}"
    return {
        "cookie": play(plain, "--transfer=cookie", "--set=gap=1s"),
        "header": play(plain, "--transfer=header", "--set=gap=1s", login),
        "guarded": play(guarded, *guard, *cases, "--app-config", str(config)),
    }


Plays = Callable[[str, Handlers], Mapping[Way, Played]]


def wanted(request: pytest.FixtureRequest) -> set[tuple[str, Handlers]]:
    """What the tests of this file that are going to run will ask for."""
    return {
        (str(item.callspec.params["framework"]), cast("Handlers", item.callspec.params["handlers"]))
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.module is request.module
        and "way" in item.fixturenames
        and not any(mark.args[0] for mark in item.iter_markers("skipif"))
    }


@pytest.fixture(scope="module")
def plays(
    request: pytest.FixtureRequest, backends: Backends, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plays]:
    """Runs that are played at the same time, since most of each is waiting."""
    config = tmp_path_factory.mktemp("known") / "stctl.toml"
    config.write_text(f'[app]\nolder_cookie_domain = "{OLDER}"\n', "utf-8")
    with ThreadPoolExecutor(10) as pool:
        running = {
            (framework, handlers): pool.submit(play_all_ways, backends, config, framework, handlers)
            for framework, handlers in wanted(request)
        }
        yield lambda framework, handlers: running[framework, handlers].result()


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("handlers", ["default", "custom"])
@pytest.mark.parametrize("way", ["cookie", "header", "guarded"])
def test_every_verdict_is_what_the_app_wrote_down(
    plays: Plays, framework: str, handlers: Handlers, way: Way
) -> None:
    played = plays(framework, handlers)[way]
    assert played.verdicts == played.fired
    assert played.cases("otherwise") == set()
    assert played.status == 0
    if way == "guarded":
        assert played.cases("as_promised") == {*GUARDED_CASES[handlers]}
    else:
        assert len(played.cases("as_promised")) > 25
    assert len({one.handler for one in played.fired}) >= (2 if way == "guarded" else 4)


def test_a_handler_that_lets_a_stolen_session_live_is_found_out(
    backends: Backends, framework: str
) -> None:
    backend = backends(framework, "forgetful")
    played = play(backend, "--case=thief-comes-late", scenario="theft")
    assert played.status == 3
    assert played.verdicts == played.fired
    (said,) = [one["deviations"] for one in played.document["steps"] if one.get("deviations")]
    assert any("still alive" in phrase for phrase in said)
