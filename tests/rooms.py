"""The guard of rooms and doors: who may import whom, who may use which package.

`stctl` is a stack of rooms. A room imports rooms below it, never one above and never its
neighbour; a package of other people comes in through its own door only. `docs/architecture.md`
has the picture and the reasons.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

LINES_AT_MOST = 400

STACK = (
    ("__main__",),
    ("cli",),
    ("render",),
    ("scenarios",),
    ("traces",),
    ("checks",),
    ("recipe", "cdi", "core"),
    ("sessions",),
    ("tokens",),
    ("errors", "clock", "exchange", "redact", "jsontypes", "__init__"),
)
"""Floors from top to bottom; what shares a floor shares nothing else."""

DOORS: Mapping[str, tuple[str, ...]] = {
    "typer": ("stctl.cli.*",),
    "rich": ("stctl.render.*",),
    "httpx": ("stctl.cdi.*",),
    "jwt": ("stctl.tokens.signature*", "stctl.core.keys*", "stctl.core.seal*"),
    "cryptography": ("stctl.tokens.signature*", "stctl.core.keys*", "stctl.core.seal*"),
    "yaml": ("stctl.core.settings*", "stctl.render.printer"),
    "granian": ("stctl.core.serve*",),
    "tomlkit": ("stctl.cli.profile_files",),
    "keyring": ("stctl.cli.profile_keys",),
}
"""Packages of other people, with the modules that may import them; any other has no door."""

DYNAMIC = ("stctl.cli.app",)
"""Modules that may import by a name made at run time; elsewhere it would pass this guard by."""

_FLOOR = {room: number for number, floor in enumerate(STACK) for room in floor}


def sources(top: Path) -> dict[str, str]:
    """The Python files of the package `stctl` below `top`, by their path with forward slashes."""
    return {
        path.relative_to(top).as_posix(): path.read_text("utf-8")
        for path in sorted((top / "stctl").rglob("*.py"))
    }


def violations(files: Mapping[str, str]) -> list[str]:
    """Every breach of the rules, as `path:line: what is wrong`."""
    return [breach for path, text in files.items() for breach in _of_file(path, text)]


def _of_file(path: str, text: str) -> Iterator[str]:
    lines = text.count("\n")
    if lines > LINES_AT_MOST:
        yield f"{path}:{lines}: more than {LINES_AT_MOST} lines; make it a package"
    module = _module_of(path)
    if _room_of(module) not in _FLOOR:
        yield f"{path}:1: belongs to no room of the stack"
        return
    for node in ast.walk(ast.parse(text, path)):
        for breach in _of_node(module, node):
            yield f"{path}:{getattr(node, 'lineno', 0)}: {breach}"


def _module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _room_of(module: str) -> str:
    """The room, or the file of the ground floor, that a module is in."""
    return module.split(".")[1] if "." in module else "__init__"


def _of_node(module: str, node: ast.AST) -> Iterator[str]:
    match node:
        case ast.ImportFrom(level=level) if level:
            yield "a relative import"
        case ast.Import() | ast.ImportFrom():
            for imported in _imported(node):
                yield from _of_import(module, imported)
        case ast.Name("__import__") | ast.Attribute(attr="import_module"):
            if module not in DYNAMIC:
                yield "an import by a name made at run time"
        case _:
            pass


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if node.module == "stctl":
        return [f"stctl.{alias.name}" for alias in node.names]
    return [node.module or ""]


def _of_import(module: str, imported: str) -> Iterator[str]:
    package = imported.partition(".")[0]
    if package == "stctl":
        yield from _of_room(module, imported)
    elif package not in sys.stdlib_module_names:
        doors = DOORS.get(package)
        if doors is None:
            yield f"{package} has no door"
        elif not any(fnmatchcase(module, door) for door in doors):
            yield f"{package} comes in elsewhere: {', '.join(doors)}"


def _of_room(module: str, imported: str) -> Iterator[str]:
    mine, theirs = _room_of(module), _room_of(imported)
    # A name of the package itself, such as `__version__`, is on the ground floor.
    below = _FLOOR.get(theirs, _FLOOR["__init__"])
    if mine == theirs:
        return
    if below == _FLOOR[mine]:
        yield f"{mine} imports its neighbour {theirs}"
    elif below < _FLOOR[mine]:
        yield f"{mine} imports {theirs}, which stands above it"
