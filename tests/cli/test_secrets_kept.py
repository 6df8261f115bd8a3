"""A planted key, in every place that a command reads it from, is nowhere in what comes out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from loopback import Answer, Asked, serving
from running import run
from served import Started, core_in_foreground
from stctl.clock import SystemClock

KEY = "planted-0123456789-abcdefghij-0123456789"
COMMANDS = (
    ("profile", "show"),
    ("profile", "list"),
    ("profile", "test"),
    ("keys", "list"),
    ("keys", "watch", "--count", "1"),
    ("core", "config"),
    ("core", "stats"),
    ("core", "status"),
    ("doctor",),
    ("sessions", "create", "--user", "u"),
)
FORMS = ("table", "json", "ndjson", "yaml", "csv")


@pytest.fixture(scope="module")
def core() -> Iterator[Started]:
    with core_in_foreground("--set", f"api_keys={KEY}") as started:
        yield started


def plant(place: str, url: str) -> dict[str, str]:
    """Put the key where `place` says; the environment that goes with it."""
    Path("key").write_text(KEY)
    if place == "variable":
        return {"STCTL_CORE": url, "STCTL_API_KEY": KEY}
    folder = Path("config/stctl")
    folder.mkdir(parents=True)
    line = {
        "settings": f'api_key = "{KEY}"',
        "file": f'api_key_file = "{Path("key").absolute()}"',
        "command": f'api_key_command = "cat {Path("key").absolute()}"',
    }[place]
    (folder / "config.toml").write_text(f'profile = "p"\n[profiles.p]\nurl = "{url}"\n{line}\n')
    return {}


@pytest.mark.parametrize("place", ["variable", "settings", "file", "command"])
def test_a_key_that_works_is_never_printed(core: Started, place: str) -> None:
    env = plant(place, f"http://127.0.0.1:{core.port}")
    for number, words in enumerate(COMMANDS):
        form = FORMS[number % len(FORMS)]
        done = run(*words, "-o", form, env=env, clock=SystemClock())
        assert (words, done.exit_status) == (words, 0), done.stdout + done.stderr
        assert KEY not in done.stdout + done.stderr
        assert KEY[8:30] not in done.stdout + done.stderr


@pytest.mark.parametrize("status", [200, 401, 403, 500])
def test_a_server_that_repeats_the_key_does_not_get_it_printed(status: int) -> None:
    def repeat(asked: Asked) -> Answer:
        return Answer(status, (), f"you sent {asked.headers.get('api-key', 'nothing')}")

    with serving(repeat) as port:
        env = plant("settings", f"http://127.0.0.1:{port}")
        for words in COMMANDS:
            for form in ("table", "json"):
                done = run(*words, "-o", form, env=env, clock=SystemClock())
                assert KEY not in done.stdout + done.stderr
