"""What doctor says of a backend with the official Python SDK, as it comes."""

import json
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from generator.completions import installed_stctl
from programs import serving
from running import run
from stctl.clock import SystemClock

APP = Path(__file__).with_name("sdk_python_app.py")
PACKAGES = ("supertokens_python", "fastapi", "uvicorn")
MISSING = [package for package in PACKAGES if find_spec(package) is None]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (pip install -e '.[e2e]')"
)
CORE = ("core", "start", "--foreground", "--host", "127.0.0.1", "--port", "0", "--db", ":memory:")


@pytest.fixture(scope="module")
def addresses() -> Iterator[tuple[str, str]]:
    with (
        serving([installed_stctl(), *CORE]) as core,
        serving([sys.executable, str(APP), core]) as backend,
    ):
        yield core, backend


def levels(core: str, app: str, website: str) -> Mapping[str, str]:
    arguments = ("--core", core, "--app", app, "--website", website, "--sdk", "python@0.31.4")
    done = run("doctor", *arguments, "--json", clock=SystemClock())
    return {one["id"]: one["level"] for one in json.loads(done.stdout)["findings"]}


def test_everything_that_the_sdk_does_itself_passes(addresses: tuple[str, str]) -> None:
    core, backend = addresses
    found = levels(core, backend, backend)
    assert set(found.values()) == {"pass", "skip"}
    passed = {one for one, level in found.items() if level == "pass"}
    assert passed >= {"core.sdks", "core.clock", "app.refresh-path", "app.status", "app.cleared"}
    assert passed >= {"app.empty-headers", "app.cookies"}


def test_what_is_left_to_the_app_is_found_missing(addresses: tuple[str, str]) -> None:
    core, backend = addresses
    found = levels(core, backend, "http://localhost:3000")
    assert {one for one, level in found.items() if level == "fail"} == {
        "app.cookies",
        "app.preflight",
        "app.credentials",
    }
