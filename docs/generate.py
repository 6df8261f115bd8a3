"""Writes the pages and completion scripts that are made from the code.

python docs/generate.py            write what has changed
python docs/generate.py --check    write nothing; show what would change, and exit 1 if anything
"""

import difflib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from generator.commands import commands_page
from generator.completions import SHELLS, completion_script
from generator.findings import findings_page
from generator.handlers import handlers_page
from generator.man import man_page
from generator.scenarios import scenarios_page
from generator.schemas import schemas_page
from generator.tables import errors_page, settings_page
from generator.tree import command_tree
from stctl.cli.app import app

TOP = Path(__file__).parents[1]
_FOLDERS = ("docs/reference", "docs/man", "completions")
"""Folders that hold nothing but generated files."""


def targets() -> dict[str, str]:
    """Return every generated file, by its path from the top, with its text."""
    root = command_tree(app, "stctl")
    return {
        "docs/reference/commands.md": commands_page(root),
        "docs/reference/errors.md": errors_page(),
        "docs/reference/settings.md": settings_page(),
        "docs/reference/scenarios.md": scenarios_page(),
        "docs/reference/handlers.md": handlers_page(),
        "docs/reference/findings.md": findings_page(),
        "docs/reference/schemas.md": schemas_page(TOP / "stctl"),
        "docs/man/stctl.1": man_page(root),
        **{f"completions/{file}": completion_script(shell) for shell, file in SHELLS.items()},
    }


def present(top: Path) -> dict[str, str]:
    """Return the files that stand in the generated folders now."""
    return {
        path.relative_to(top).as_posix(): path.read_text("utf-8")
        for folder in _FOLDERS
        for path in sorted((top / folder).glob("*"))
    }


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a diff from old files to new ones; none when they are equal."""
    for path in sorted({*old, *new}):
        before, after = (files.get(path, "").splitlines(keepends=True) for files in (old, new))
        yield from difflib.unified_diff(before, after, f"{path} (as it is)", f"{path} (generated)")


def write(top: Path, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """Bring the files up to date; yield the path of each one that changed."""
    for path in sorted(set(old) - set(new)):
        (top / path).unlink()
        yield path
    for path, text in new.items():
        if old.get(path) != text:
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_text(text, "utf-8", newline="\n")
            yield path


def main(arguments: Sequence[str]) -> int:
    """Return the exit status of the command."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(__doc__ or "")
        return 2
    old, new = present(TOP), targets()
    if not arguments:
        sys.stdout.writelines(f"{path}\n" for path in write(TOP, old, new))
        return 0
    drift = list(differences(old, new))
    sys.stdout.writelines(drift)
    if drift:
        sys.stderr.write("Generated files are not up to date. Run: python docs/generate.py\n")
    return int(bool(drift))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
