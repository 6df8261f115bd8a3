"""What short commands must not load: each of these costs more than their work."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from stctl.cli.app import COMMANDS

TOP = Path(__file__).parents[2]
HEAVY = {
    "asyncio",
    "cryptography",
    "email",
    "http.client",
    "httpx",
    "jwt",
    "sqlite3",
    "ssl",
    "urllib.request",
    "yaml",
}
SCRIPT = """
import json, sys
from stctl.__main__ import main
sys.argv[0] = "stctl"
try:
    main()
finally:
    with open("modules.json", "w") as file:
        json.dump(sorted(sys.modules), file)
"""


def loaded(*arguments: str, folder: Path, environ: Mapping[str, str] | None = None) -> set[str]:
    """The modules that a run of the command line has loaded when it ends."""
    done = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-c", SCRIPT, *arguments],
        env={"PYTHONPATH": str(TOP), "HOME": str(folder), "PATH": os.defpath, **(environ or {})},
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    return set(json.loads((folder / "modules.json").read_text()))


@pytest.fixture(scope="session")
def access_token() -> str:
    recorded = json.loads((TOP / "tests/recorded/tokens/core.json").read_text("utf-8"))
    token: str = recorded["families"][0]["generations"][0]["access_token"]["token"]
    return token


@pytest.mark.parametrize("form", [[], ["--json"], ["-o", "ndjson"], ["-o", "csv"]])
def test_a_piped_decode_loads_nothing_heavy(
    form: list[str], access_token: str, tmp_path: Path
) -> None:
    modules = loaded("decode", access_token, *form, folder=tmp_path)
    assert modules & (HEAVY | {"rich"}) == set()
    assert "stctl.tokens.access" in modules


def test_a_decode_loads_no_other_command(access_token: str, tmp_path: Path) -> None:
    modules = loaded("decode", access_token, folder=tmp_path)
    assert modules & set(COMMANDS.values()) == {COMMANDS["decode"]}


def test_the_version_loads_nothing_heavy_and_no_command(tmp_path: Path) -> None:
    modules = loaded("--version", folder=tmp_path)
    assert modules & (HEAVY | {"rich"} | set(COMMANDS.values())) == set()


# Help is laid out by Typer with Rich; that is the one thing it may cost.
@pytest.mark.parametrize("words", [[], *([command] for command in COMMANDS)])
def test_help_loads_nothing_heavy_but_rich(words: list[str], tmp_path: Path) -> None:
    assert loaded(*words, "--help", folder=tmp_path) & HEAVY == set()


@pytest.mark.parametrize("words", ["stctl ", "stctl sess", "stctl sessions ", "stctl decode --"])
def test_completion_loads_nothing_heavy(words: str, tmp_path: Path) -> None:
    environ = {
        "_STCTL_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    assert loaded(folder=tmp_path, environ=environ) & (HEAVY | {"rich"}) == set()
