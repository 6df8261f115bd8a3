"""A scrubbed environment for every test: no colour, one width, a home of its own."""

from pathlib import Path

import pytest

# Looking for examples in docstrings would load them, and they need packages that may be missing.
collect_ignore = ["chromium.py", "report_pictures.py"]

NOW_MS = 1_795_000_000_000
"""Where frozen clocks stand: 18 November 2026, 11:06:40 UTC."""

_SCRUBBED = (
    "FORCE_COLOR",
    "GITHUB_ACTIONS",
    "PY_COLORS",
    "STCTL_API_KEY",
    "STCTL_API_KEY_COMMAND",
    "STCTL_API_KEY_FILE",
    "STCTL_API_KEY_KEYRING",
    "STCTL_APP",
    "STCTL_APP_URL",
    "STCTL_CDI",
    "STCTL_CORE",
    "STCTL_DB",
    "STCTL_PROFILE",
    "STCTL_TENANT",
    "STCTL_TIMEOUT",
    "TERMINAL_WIDTH",
    "TZ",
)


@pytest.fixture(autouse=True)
def _scrubbed_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in _SCRUBBED:
        monkeypatch.delenv(variable, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    for variable, value in {
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "TERM": "xterm",
        "TZ": "UTC",
        # A bug must show itself as a traceback, not as a polite sentence.
        "STCTL_TRACEBACK": "1",
    }.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.chdir(home)
