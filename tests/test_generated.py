import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import pytest
import typer

import generate
from generator.commands import commands_page
from generator.man import man_page
from generator.pages import table
from generator.tree import Command, command_tree

TOP = Path(__file__).parents[1]

sample = typer.Typer(rich_markup_mode="markdown")
below = typer.Typer(help="What stands below.")
sample.add_typer(below, name="below")


@sample.command(epilog="Like this:\n\n    stctl one x --fast\n\n- first\n- second")
def one(
    word: Annotated[str, typer.Argument(help="The word.", metavar="WORD")],
    more: Annotated[list[str] | None, typer.Argument(help="More words.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen.")] = 3567,
    sets: Annotated[list[str] | None, typer.Option("--set", metavar="A=B", help="One.")] = None,
    home: Annotated[str | None, typer.Option(help="Home.", show_default="the folder")] = None,
    *,
    fast: Annotated[bool, typer.Option("-f", "--fast", help="Be `quick` | **bold**.")] = False,
) -> None:
    """Do one thing.

    And say -so…
    """


@below.command(hidden=True)
def secret() -> None:
    """Stay hidden."""


@below.command()
def two(need: Annotated[float, typer.Option(help="Needed.")]) -> None:
    """Do two things."""


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "top"
    folder.mkdir()
    monkeypatch.setattr(generate, "TOP", folder)
    monkeypatch.setattr(generate, "targets", lambda: {"docs/reference/a.md": "new\n"})
    return folder


@pytest.fixture
def tree() -> Command:
    return command_tree(sample, "stctl")


def test_the_tree_holds_every_command_that_is_not_hidden(tree: Command) -> None:
    assert [command.path for command in tree.walk()] == [
        "stctl",
        "stctl one",
        "stctl below",
        "stctl below two",
    ]


def test_a_usage_line_names_arguments_as_they_may_be_left_out_or_repeated(tree: Command) -> None:
    assert tree.usage == "stctl [OPTIONS] COMMAND"
    assert tree.children[0].usage == "stctl one [OPTIONS] WORD [MORE]..."


def test_an_option_tells_what_it_takes_its_bounds_and_its_default(tree: Command) -> None:
    port, sets, home, fast = tree.children[0].options
    assert (port.names, port.takes, port.default) == (("--port",), "INTEGER", "3567")
    assert port.help == "Where to listen. From 0 to 65535."
    assert (sets.takes, sets.repeats, sets.default) == ("A=B", True, "")
    assert home.default == "the folder"
    assert (fast.names, fast.takes, fast.default) == (("-f", "--fast"), "", "")


def test_the_page_of_commands_has_a_section_with_tables_for_each(tree: Command) -> None:
    page = commands_page(tree)
    assert "## stctl one\n\nDo one thing.\n\nAnd say -so…\n\n```text\nstctl one" in page
    assert "| [`stctl below two`](#stctl-below-two) | Do two things. |" in page
    assert "| `--port` `INTEGER` | Where to listen. From 0 to 65535. | `3567` |" in page
    assert "| `-f`, `--fast` | Be `quick` \\| **bold**. |  |" in page
    assert "| `--need` `NUMBER` | Needed. Required. |" in page
    assert "secret" not in page


def test_the_manual_page_escapes_dashes_and_sets_code_in_bold(tree: Command) -> None:
    page = man_page(tree)
    assert ".SS stctl one [OPTIONS] WORD [MORE]...\n.PP\nDo one thing.\n" in page
    assert ".PP\nAnd say \\-so\\[u2026]\n" in page
    assert page.isascii()
    assert ".TP\n\\fB\\-f\\fR, \\fB\\-\\-fast\\fR\nBe \\fBquick\\fR | \\fBbold\\fR.\n" in page
    assert ".nf\n    stctl one x \\-\\-fast\n.fi\n.IP \\(bu 2\nfirst\n.IP \\(bu 2\nsecond\n" in page


def test_a_table_leaves_out_what_is_empty() -> None:
    assert table(("a", "b"), [("1", ""), ("2", "")]) == "| a |\n| --- |\n| 1 |\n| 2 |"
    assert table(("a", "b"), []) == ""


def test_the_generated_files_are_up_to_date() -> None:
    drift = list(generate.differences(generate.present(TOP), generate.targets()))
    if drift:
        pytest.fail("run: python docs/generate.py\n" + "".join(drift), pytrace=False)


def test_check_shows_the_drift_names_the_remedy_and_fails(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate.main(["--check"]) == 1
    said = capsys.readouterr()
    assert "+new\n" in said.out
    assert "python docs/generate.py" in said.err
    assert not list(top.iterdir())


def test_write_brings_files_up_to_date_and_removes_what_is_generated_no_more(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = top / "docs/reference/old.md"
    old.parent.mkdir(parents=True)
    old.write_text("old\n")
    assert generate.main([]) == 0
    assert capsys.readouterr().out == "docs/reference/old.md\ndocs/reference/a.md\n"
    assert generate.present(top) == {"docs/reference/a.md": "new\n"}
    assert generate.main(["--check"]) == 0
    assert generate.main([]) == 0
    assert capsys.readouterr().out == ""


def test_a_wrong_argument_gets_the_usage_and_changes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert generate.main(["--chekc"]) == 2
    assert "--check" in capsys.readouterr().err


@pytest.mark.parametrize(
    "surroundings",
    [
        {"COLUMNS": "40", "TERM": "dumb", "LANG": "C", "TYPER_USE_RICH": "0"},
        {"COLUMNS": "250", "FORCE_COLOR": "1", "GITHUB_ACTIONS": "true", "STCTL_CORE": "http://c"},
    ],
)
def test_what_is_generated_does_not_depend_on_the_surroundings(
    surroundings: dict[str, str],
) -> None:
    script = "import generate, json; print(json.dumps(generate.targets()))"
    done = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-c", script],
        env={"PYTHONPATH": os.pathsep.join([str(TOP / "docs"), str(TOP)]), **surroundings},
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == generate.targets()
