"""What doctor says of a backend with the official Python SDK, as it comes."""

import json
from collections.abc import Mapping

import pytest

from running import run
from sdk_apps import FASTAPI, Backend, Backends
from stctl.clock import SystemClock


@pytest.fixture(params=FASTAPI)
def backend(request: pytest.FixtureRequest, backends: Backends) -> Backend:
    return backends(request.param, "default")


def levels(backend: Backend, website: str) -> Mapping[str, str]:
    target = ("--core", backend.core, "--app", backend.url, "--website", website)
    arguments = (*target, "--sdk", "python@0.31.4")
    done = run("doctor", *arguments, "--json", clock=SystemClock())
    return {one["id"]: one["level"] for one in json.loads(done.stdout)["findings"]}


def test_everything_that_the_sdk_does_itself_passes(backend: Backend) -> None:
    found = levels(backend, backend.url)
    assert set(found.values()) == {"pass", "skip"}
    passed = {one for one, level in found.items() if level == "pass"}
    assert passed >= {"core.sdks", "core.clock", "app.refresh-path", "app.status", "app.cleared"}
    assert passed >= {"app.empty-headers", "app.cookies"}


def test_what_is_left_to_the_app_is_found_missing(backend: Backend) -> None:
    found = levels(backend, "http://localhost:3000")
    assert {one for one, level in found.items() if level == "fail"} == {
        "app.cookies",
        "app.preflight",
        "app.credentials",
    }
