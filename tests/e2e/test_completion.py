"""TAB, in a real bash and for every command of the tree."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from generator.tree import Command, Parameter, command_tree
from stctl.cli.app import app

TOP = Path(__file__).parents[2]
COMMANDS = list(command_tree(app, "stctl").walk())
GROUPS = [command for command in COMMANDS if command.children]
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")

# What readline does on TAB: split the line, call the function, take COMPREPLY.
TAB = """
source "$1"
COMP_WORDS=($2)
[[ $2 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
complete -p stctl >/dev/null || exit 1
_stctl_completion stctl
printf '%s\\n' "${COMPREPLY[@]}"
"""


def tab_in_bash(line: str) -> list[str]:
    script = TOP / "completions" / "stctl.bash"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(  # noqa: S603 - the project's own completion script
        ["bash", "--norc", "-c", TAB, "bash", str(script), line],  # noqa: S607 - bash by its name
        env={**os.environ, "PATH": path},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.split()


def tab(line: str) -> list[str]:
    words = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    asked = {"_STCTL_COMPLETE": "complete_bash", **words}
    outcome = CliRunner().invoke(app, [], env=asked, prog_name="stctl")
    assert outcome.exit_code == 0, outcome.output
    return outcome.stdout.split()


@needs_bash
def test_bash_completes_the_word_that_was_begun() -> None:
    assert tab_in_bash("stctl sess") == ["sessions"]


@needs_bash
def test_bash_lists_all_commands_after_a_space() -> None:
    below = {child.path.split()[-1] for child in COMMANDS[0].children}
    assert set(tab_in_bash("stctl ")) == below


@needs_bash
def test_bash_completes_options_and_their_values() -> None:
    assert "--json" in tab_in_bash("stctl decode --js")
    assert tab_in_bash("stctl decode --output nd") == ["ndjson"]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.path)
def test_every_command_completes(group: Command) -> None:
    below = {child.path.split()[-1] for child in group.children}
    assert below <= set(tab(f"{group.path} "))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.path)
def test_every_option_completes(command: Command) -> None:
    offered = set(tab(f"{command.path} --"))
    assert {name for one in command.options for name in one.names if name[:2] == "--"} <= offered


def with_choices(command: Command) -> list[Parameter]:
    return [one for one in command.options if one.choices]


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if with_choices(command)], ids=lambda one: one.path
)
def test_every_choice_of_an_option_completes(command: Command) -> None:
    for option in with_choices(command):
        assert set(tab(f"{command.path} {option.names[-1]} ")) == set(option.choices)
