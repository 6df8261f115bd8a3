import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.tree import Command, Parameter, command_tree
from stctl.cli.app import app
from stctl.errors import ErrorKind

TOP = Path(__file__).parents[1]
WRITTEN = [
    TOP / "README.md",
    *(path for path in (TOP / "docs").glob("*.md")),
    *(path for path in (TOP / "docs/guide").glob("*.md")),
]
COMMANDS = list(command_tree(app, "stctl").walk())
PATH = re.compile(r"`((?:stctl|tests|docs|completions)/[\w./-]*)`")
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#]*)(#[^)]*)?\)")


def name_of(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.path)
def test_every_command_says_in_a_sentence_what_it_does(command: Command) -> None:
    assert re.fullmatch(r"[A-Z].*[.:]", command.summary)


def test_completion_is_set_up_at_the_root_alone() -> None:
    offering = [
        command.path
        for command in COMMANDS
        if any("--install-completion" in one.names for one in command.options)
    ]
    assert offering == ["stctl"]


def parameters() -> Iterator[tuple[str, Parameter]]:
    return ((command.path, one) for command in COMMANDS for one in command.parameters)


@pytest.mark.parametrize(
    ("path", "parameter"),
    [pytest.param(path, one, id=f"{path} {one.names[0]}") for path, one in parameters()],
)
def test_every_argument_and_option_has_a_help_text(path: str, parameter: Parameter) -> None:
    assert parameter.help, path


def test_every_command_is_shown_on_a_page_written_by_hand() -> None:
    pages = "\n".join(page.read_text("utf-8") for page in WRITTEN)
    leaves = [command.path.removeprefix("stctl ") for command in COMMANDS if not command.children]
    assert [words for words in leaves if words not in pages] == []


def test_every_error_stands_in_the_reference_with_its_exit_status() -> None:
    page = (TOP / "docs/reference/errors.md").read_text("utf-8")
    rows = [f"| {kind.exit_status} | `{kind.code}` |" for kind in ErrorKind]
    assert [row for row in rows if row not in page] == []


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_a_file_that_a_page_names_is_there(page: Path) -> None:
    named = PATH.findall(page.read_text("utf-8"))
    assert [path for path in named if not (TOP / path).exists()] == []


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_a_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = [found[1] for found in LINK.finditer(page.read_text("utf-8")) if found[1]]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_can_be_reached_from_the_index() -> None:
    seen: set[Path] = set()
    waiting = [TOP / "docs/index.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        waiting += [page.parent / found[1] for found in LINK.finditer(page.read_text("utf-8"))]
    pages = {path.resolve() for path in (TOP / "docs").glob("**/*.md")}
    assert sorted(map(name_of, pages - seen)) == []


def test_the_readme_has_two_commands_each_with_an_environment_of_its_own() -> None:
    readme = (TOP / "README.md").read_text("utf-8")
    see, test = re.findall(r"^python3 -m venv .*$", readme, re.MULTILINE)
    assert see.startswith("python3 -m venv .venv && ")
    assert see.endswith("/stctl simulate theft")
    assert test.startswith("python3 -m venv .venv-test && ")
    assert test.endswith("-m pytest")
