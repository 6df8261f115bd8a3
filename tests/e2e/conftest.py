"""One core for the official SDKs, and backends on it that start when a test first wants them."""

from collections.abc import Iterator
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
def backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backends]:
    """Gives the backend of a framework, with these handlers, on a core that all share."""
    folder = tmp_path_factory.mktemp("backends")
    with ExitStack() as running:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_STATE_HOME", str(folder))
            core = running.enter_context(serving([installed_stctl(), *CORE]))

        @cache
        def start(framework: str, handlers: Handlers, *options: str) -> Backend:
            log = folder / "-".join((framework, handlers, *options, "fired.ndjson"))
            return running.enter_context(backend(framework, handlers, *options, core=core, log=log))

        yield start


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    """Each framework that has a backend."""
    name: str = request.param
    return name
