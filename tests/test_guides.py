import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from console_pages import Example, Ran, examples, lies, run

TOP = Path(__file__).parents[1]
PAGES = [TOP / "README.md", *sorted((TOP / "docs").glob("**/*.md"))]
RUNNING = [page for page in PAGES if examples(page.read_text("utf-8"))]


@pytest.mark.skipif(sys.platform == "win32", reason="the pages are written for bash")
@pytest.mark.parametrize("page", RUNNING, ids=lambda page: page.relative_to(TOP).as_posix())
def test_a_page_tells_the_truth(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    environ = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
        "HOME": str(tmp_path / "home"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }
    told = examples(page.read_text("utf-8"))
    found = lies(told, run([one.command for one in told], environ, folder))
    assert not found, "\n\n".join(found)


PAGE = """
# A page

```console
$ echo one
> echo two
one

$ false
$ echo $?
1
```

```console not run: it needs a core of yours
$ stctl
```

```text
$ this is no console
```
"""


def test_commands_are_taken_from_console_blocks_with_the_output_they_show() -> None:
    assert examples(PAGE) == [
        Example(line=5, command="echo one\necho two", output=["one"]),
        Example(line=9, command="false", output=[]),
        Example(line=10, command="echo $?", output=["1"]),
    ]


@pytest.mark.parametrize("remark", [" not run:", " not run", " skip", "x"])
def test_a_block_that_is_not_run_has_to_say_why(remark: str) -> None:
    with pytest.raises(ValueError, match="not run"):
        examples(f"```console{remark}\n$ stctl\n```\n")


def test_a_block_begins_with_a_command() -> None:
    with pytest.raises(ValueError, match="line 2 does not begin"):
        examples("```console\noutput\n$ stctl\n```\n")


def ran(*commands: str, folder: Path) -> Sequence[Ran]:
    return run(commands, {"PATH": "/usr/bin:/bin", "HOME": str(folder)}, folder)


def test_commands_of_a_page_share_variables_the_folder_and_the_last_status(tmp_path: Path) -> None:
    assert ran("a=1; echo x > f", "cat f; echo $a >&2", "(exit 3)", "echo $?", folder=tmp_path) == [
        Ran([], 0),
        Ran(["x", "1"], 0),
        Ran([], 3),
        Ran(["3"], 0),
    ]


def test_the_home_folder_of_a_page_is_always_the_same(tmp_path: Path) -> None:
    assert ran("echo ~/file", folder=tmp_path) == [Ran(["/home/you/file"], 0)]


def told(output: str, *, then: str | None = None) -> list[Example]:
    first = Example(line=7, command="stctl", output=output.splitlines())
    return [first, Example(line=8, command=then, output=["3"])] if then else [first]


def test_a_page_lies_when_the_output_differs_in_a_word() -> None:
    (lie,) = lies(told("revoked 2 sessions"), [Ran(["revoked 3 sessions"], 0)])
    assert lie.startswith("line 7: $ stctl\n")
    assert "revoked 2 sessions\nit is:\nrevoked 3 sessions" in lie


@pytest.mark.parametrize(
    ("said", "done"),
    [("a", ""), ("", "a"), ("a", "a\nb"), ("a\nb", "a"), ("…\nb", "a\nb\nc"), ("a\n…\nc", "a\nb")],
)
def test_a_page_lies_when_a_line_is_missing_or_left_over(said: str, done: str) -> None:
    assert lies(told(said), [Ran(done.splitlines(), 0)])


@pytest.mark.parametrize("said", ["…", "a\n…", "…\nc", "a\n…\nc", "…\nb\n…", "a\n…\nb\nc"])
def test_three_points_stand_for_any_lines(said: str) -> None:
    assert lies(told(said), [Ran(["a", "b", "c"], 0)]) == []


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("id 6f1c0a4e-0b5d-4c62-9d3e-3a4f4f7f1c11", "id 00000000-0000-4000-8000-000000000000"),
        ("iat  1795000000  ago", "iat  1795000999   ago"),
        ("at 1795000000123", "at 1795000099999"),
        ("made 2026-11-24 18:30:01 UTC x", "made 2027-01-02 03:04:05 UTC x"),
        ("expires in 59 minutes", "expires in 1 hour"),
        ("took 3 h, 2 min", "took 12 s"),
        ("eyJ0eX…bQx1_Z (0a1b2c3d) sent", "eyJ0eX…9Qx1_Z (ffffffff) sent"),
        (
            "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln",
            "eyJhbGciOiJSUzI1NiIs.eyJzdWIiOiJib2Ii.eA",
        ),
        ("http://127.0.0.1:3567", "http://127.0.0.1:40123"),
    ],
)
def test_what_differs_from_run_to_run_is_compared_by_its_kind(said: str, done: str) -> None:
    assert lies(told(said), [Ran([done], 0)]) == []
    assert lies(told(said), [Ran(["another thing"], 0)])


def test_a_status_other_than_0_has_to_be_shown() -> None:
    failed = [Ran(["a"], 3), Ran(["3"], 0)]
    assert lies(told("a", then="echo $?"), failed) == []
    assert "ended with status 3" in lies(told("a"), failed[:1])[0]
    assert "ended with status 3" in lies(told("a", then="echo 3"), failed)[0]


def test_a_command_that_ends_the_shell_is_a_lie() -> None:
    assert lies(told("a", then="echo $?"), [Ran(["a"], 0)]) == ["line 8: never ended"]
