"""The completion scripts, asked from the installed command."""

import shutil
import subprocess
import sys
from pathlib import Path

SHELLS = {
    "bash": "stctl.bash",
    "zsh": "_stctl",
    "fish": "stctl.fish",
    "powershell": "stctl.ps1",
}
"""Each shell with the name that it expects of the file."""


def installed_stctl() -> str:
    """Return the path of the command that is installed beside the running Python.

    `python -m stctl` would not do: it answers to another program name.
    """
    found = shutil.which("stctl", path=str(Path(sys.executable).parent))
    if found is None:
        raise SystemExit("stctl is not installed beside this Python: pip install -e .")
    return found


def completion_script(shell: str) -> str:
    """The script that teaches a shell to complete `stctl`."""
    done = subprocess.run(  # noqa: S603 - the project's own command
        [installed_stctl()],
        env={"_STCTL_COMPLETE": f"source_{shell}"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    # zsh looks for #compdef in the first line.
    return done.stdout.strip() + "\n"
