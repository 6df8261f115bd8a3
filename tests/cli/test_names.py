"""Every option says its own name: Typer 0.27 takes a name that is left out from the metavar."""

import ast
from collections.abc import Iterator
from pathlib import Path

CLI = Path(__file__).parents[2] / "stctl/cli"


def options() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(CLI.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "typer.Option":
                yield f"{path.relative_to(CLI)}:{node.lineno}", node


def says_a_name(option: ast.Call) -> bool:
    return any(
        isinstance(name, ast.Starred | ast.Name)
        or (isinstance(name, ast.Constant) and str(name.value).startswith("-"))
        for name in option.args
    )


def test_every_option_says_its_own_name() -> None:
    found = dict(options())
    assert len(found) > 20
    assert [place for place, option in found.items() if not says_a_name(option)] == []
