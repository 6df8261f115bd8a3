"""The list of JSON documents that stctl prints."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from generator.pages import code, page, table

_SCHEMA = re.compile(r"stctl\.[a-z-]+(\.[a-z-]+)*/\d+")


def schemas_page(package: Path) -> str:
    """Every schema name that the code holds, with the module that makes the document."""
    found = sorted({pair for path in package.rglob("*.py") for pair in _schemas(package, path)})
    return page(
        "JSON documents",
        "Under `--json` a command prints one document. Its member `schema` has the name and the "
        "version of its form. Members may be added within a version; none is renamed, removed or "
        "given another meaning without a new one. Under `-o ndjson` each line has that member.",
        table(("schema", "made in"), ((code(name), code(module)) for name, module in found)),
    )


def _schemas(package: Path, path: Path) -> Iterator[tuple[str, str]]:
    module = path.relative_to(package.parent).as_posix()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _SCHEMA.fullmatch(node.value)
        ):
            yield node.value, module
