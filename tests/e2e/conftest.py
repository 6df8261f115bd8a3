"""One core for the official SDKs, and backends on it that start when a test first wants them."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import cache

import pytest

from generator.completions import installed_stctl
from programs import serving
from sdk_apps import FRAMEWORKS, Backend, Backends, Handlers, backend

# Programs that tests start are no tests, and need packages that may be missing.
collect_ignore = ["witnesses", "sdk_python_people.py"]

CORE = ("core", "start", "--foreground", "--host", "127.0.0.1", "--port", "0", "--db", ":memory:")


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What programs see that outlive a test: that of a test changes under them."""
    home = str(tmp_path_factory.mktemp("home"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STCTL_")}
    folders = ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    return kept | dict.fromkeys(folders, home)


@pytest.fixture(scope="session")
def backends(
    tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]
) -> Iterator[Backends]:
    """Gives the backend of a framework, with these handlers, on a core that all share."""
    folder = tmp_path_factory.mktemp("backends")
    with ExitStack() as running:
        served = serving([installed_stctl(), *CORE], environment=environment)
        core = running.enter_context(served)

        @cache
        def start(framework: str, handlers: Handlers, *options: str) -> Backend:
            log = folder / "-".join((framework, handlers, *options, "fired.ndjson"))
            made = backend(
                framework, handlers, *options, core=core, log=log, environment=environment
            )
            return running.enter_context(made)

        yield start


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    """Each framework that has a backend."""
    name: str = request.param
    return name
