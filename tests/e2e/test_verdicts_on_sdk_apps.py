"""What stctl says of an app from outside, held against what the app itself wrote down."""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import pytest

from generator.completions import installed_stctl
from running import run
from sdk_apps import FRAMEWORKS, Backend, Backends, Fired, Handlers

Way = Literal["cookie", "header", "guarded"]
TOLD = ("step", "error", "handler", "handler_kind", "status", "clears_session", "cleared", "set")
CONFIG = "stctl.toml"
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
        return verdicts(self.document["steps"])

    def cases(self, outcome: str) -> set[str]:
        """Names of the cases that ended so."""
        return {one["name"] for one in self.document["cases"] if one["outcome"] == outcome}


def verdicts(told: Sequence[Mapping[str, Any]]) -> list[Fired]:
    return [
        Fired(
            error=one["error"],
            handler=one["handler"],
            kind=one["handler_kind"],
            path=one["request"].partition(" ")[2],
        )
        for one in told
        if one.get("error") is not None
    ]


def play(backend: Backend, *options: str) -> Played:
    routes = [f"--route={name}={route}" for name, route in ROUTES.items()]
    protected = ["--protected=GET /protected", "--protected=POST /protected"]
    target = ["--app", backend.url, "--core", backend.core]
    before = len(backend.fired())
    done = subprocess.run(  # noqa: S603 - our own command
        [installed_stctl(), "simulate", "all", *target, *protected, *routes, *options, "--json"],
        capture_output=True,
        check=False,
        env=backend.environment,
        text=True,
        timeout=300,
    )
    assert done.stdout, done.stderr
    document = json.loads(done.stdout)
    return Played(status=done.returncode, document=document, fired=backend.fired()[before:])


def play_all_ways(
    backends: Backends, folder: Path, framework: str, handlers: Handlers
) -> Mapping[Way, Played]:
    """By cookies that the core's sessions come in, by headers of the app's own login, guarded."""
    plain = backends(framework, handlers)
    guard = GUARDS[handlers]
    guarded = backends(framework, handlers, *guard, "--older-cookie-domain", OLDER)
    cases = [f"--case={name}" for name in GUARDED_CASES[handlers]]
    login = "--login=POST /login?user={user}"
    trace = trace_of(folder, framework, handlers)
    return {
        "cookie": play(plain, "--transfer=cookie", "--set=gap=1s", f"--har={trace}"),
        "header": play(plain, "--transfer=header", "--set=gap=1s", login),
        "guarded": play(guarded, *guard, *cases, f"--app-config={folder / CONFIG}"),
    }


def trace_of(folder: Path, framework: str, handlers: Handlers) -> Path:
    return folder / f"{framework}-{handlers}.har"


Plays = Callable[[str, Handlers], Mapping[Way, Played]]


def wanted(request: pytest.FixtureRequest) -> set[tuple[str, Handlers]]:
    """What the tests of this file that are going to run will ask for."""
    return {
        (str(item.callspec.params["framework"]), cast("Handlers", item.callspec.params["handlers"]))
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.module is request.module
        and "plays" in item.fixturenames
        and not any(mark.args[0] for mark in item.iter_markers("skipif"))
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the runs find what is known of the apps, and leave their traces."""
    made = tmp_path_factory.mktemp("verdicts")
    known = f'[app]\nolder_cookie_domain = "{OLDER}"\n'
    (made / CONFIG).write_text(known, "utf-8")
    return made


@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, backends: Backends, folder: Path) -> Iterator[Plays]:
    """Runs that are played at the same time, since most of each is waiting."""
    with ThreadPoolExecutor(10) as pool:
        running = {
            one: pool.submit(play_all_ways, backends, folder, *one) for one in wanted(request)
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


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("handlers", ["default", "custom"])
def test_the_trace_of_a_run_is_explained_as_the_run_told_it(
    plays: Plays, folder: Path, framework: str, handlers: Handlers
) -> None:
    played = plays(framework, handlers)["cookie"]
    known = folder / "known.toml"
    known.write_text('[app]\nclaim_routes = ["/admin"]\n', "utf-8")
    trace = trace_of(folder, framework, handlers)
    told = run("explain", str(trace), "--app-config", str(known), "--json").json["entries"]
    assert verdicts(told) == played.fired
    steps = [step for step in played.document["steps"] if "request" in step]
    for step, entry in zip(steps, told, strict=True):
        where = f"{step['case']}: {step['name']}"
        assert {key: entry[key] for key in TOLD} == {key: step[key] for key in TOLD}, where
