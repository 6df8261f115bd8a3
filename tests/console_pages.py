"""Runs the `console` blocks of a page, and compares what comes out with what the page says.

A line that begins with `$ ` is a command, a line `> ` goes on with it, what follows is its output,
standard error included. All commands of a page share one bash, so that variables and files carry
on. Two rules keep a page honest:

- what differs from run to run (tokens, handles, times, …) is compared by its kind only, with the
  filters named in `FILTERS`; a line that is `…` alone stands for any lines left out;
- a command that ends in another status than 0 is followed by `$ echo $?`, which shows it.

A block that is not to be run says why after the word: ```` ```console not run: the reason ````.
"""

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```console(?P<remark>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_RUN = re.compile(r" not run: \S.*")
_END = "\x1eend"
_LEFT_OUT = "…"
# Whatever becomes of a page, no core that it started goes on.
_AT_THE_END = "trap 'stctl core stop --all >/dev/null 2>&1' EXIT"
HOME = "/home/you"
"""The home folder on every page."""
TIME_LIMIT_S = 120

_DURATION = r"\d+(?:\.\d+)? ?(?:ms|milliseconds?|s|seconds?|min|minutes?|h|hours?|d|days?)"
FILTERS: Sequence[tuple[str, str]] = (
    ("token", r"[A-Za-z0-9_+/=%-]{16,}\.[A-Za-z0-9_+/=%-]{16,}\.[A-Za-z0-9_+/=%-]+"),
    ("masked", r"\S{6}…\S{6} \([0-9a-f]{8}\)|…\([0-9a-f]{8}\)"),
    ("uuid", r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ("hash", r"\b[0-9a-f]{64}\b"),
    ("fingerprint", r"\b[0-9a-f]{8}\b"),
    ("milliseconds", r"\b1[0-9]{12}\b"),
    ("time", r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?UTC|Z|[+-]\d\d:\d\d)?"),
    ("seconds", r"\b1[0-9]{9}\b"),
    ("duration", rf"\b{_DURATION}\b(?:,? (?:and )?{_DURATION}\b)*"),
    ("port", r"(?<=127\.0\.0\.1:)\d+|(?<=localhost:)\d+|(?<=core stop )\d+|(?<=/core-)\d+"),
    ("process", r"\bprocess +\d+"),
)
"""What differs from run to run: the name of each kind, and how it looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A command of a page with the output that the page shows."""

    line: int
    """Where the command stands on the page, from 1."""
    command: str
    output: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a command."""

    output: Sequence[str]
    status: int


def examples(page: str) -> list[Example]:
    """Return the commands of a page that are to be run.

    Raises ValueError for a block that neither runs nor says why.
    """
    found: list[Example] = []
    for block in _BLOCK.finditer(page):
        remark = block["remark"]
        if not remark:
            first = page.count("\n", 0, block.start("body")) + 1
            found.extend(_examples_of(block["body"].splitlines(), first))
        elif not _NOT_RUN.fullmatch(remark):
            raise ValueError(f"a console block says {remark.strip()!r}, not `not run: …`")
    return found


def _examples_of(lines: Sequence[str], first: int) -> Iterator[Example]:
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    if not starts or starts[0] != 0:
        raise ValueError(f"the console block at line {first} does not begin with a command")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        words, after = [lines[start][2:]], start + 1
        while after < end and lines[after].startswith("> "):
            words.append(lines[after][2:])
            after += 1
        output = [line.rstrip() for line in lines[after:end]]
        while output and not output[-1]:
            output.pop()
        yield Example(line=first + start, command="\n".join(words), output=output)


def run(commands: Sequence[str], environ: Mapping[str, str], folder: Path) -> list[Ran]:
    """Run commands one after the other in one bash, without a terminal."""
    # The status of a command is still in $? for the next one.
    end = f"{{ _status=$?; printf '{_END} %s\\n' $_status; (exit $_status); }} 2>/dev/null"
    script = "\n".join([_AT_THE_END, *(f"{command}\n{end}" for command in commands)])
    done = subprocess.run(  # noqa: S603 - the commands of the project's own pages
        ["/bin/bash", "-c", f"exec 2>&1 </dev/null\n{script}"],
        env=dict(environ),
        cwd=folder,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        timeout=TIME_LIMIT_S,
        check=False,
    )
    said = done.stdout.replace(environ["HOME"], HOME)
    *pieces, _ = re.split(rf"(?m){_END} (\d+)\n", said)
    return [
        Ran([line.rstrip() for line in output.splitlines()], int(status))
        for output, status in zip(pieces[::2], pieces[1::2], strict=True)
    ]


def lies(page_examples: Sequence[Example], ran: Sequence[Ran]) -> list[str]:
    """Return what the page says wrongly, one text for each command; none when it is true."""
    found = [
        f"line {example.line}: $ {example.command}\n" + "\n".join(wrong)
        for number, (example, what) in enumerate(zip(page_examples, ran, strict=False))
        if (wrong := _wrong(example, what, page_examples[number + 1 : number + 2]))
    ]
    if len(ran) < len(page_examples):
        found.append(f"line {page_examples[len(ran)].line}: never ended")
    return found


def _wrong(example: Example, ran: Ran, following: Sequence[Example]) -> list[str]:
    wrong: list[str] = []
    if not _agree(_filtered(example.output), _filtered(ran.output)):
        wrong += ["the page says:", *_filtered(example.output), "it is:", *_filtered(ran.output)]
    if ran.status and not (following and following[0].command == "echo $?"):
        wrong.append(f"it ended with status {ran.status}, and no `echo $?` shows that")
    return wrong


def _filtered(lines: Sequence[str]) -> list[str]:
    return [_filtered_line(line) for line in lines]


def _filtered_line(line: str) -> str:
    for kind, pattern in FILTERS:
        line = re.sub(pattern, f"[{kind}]", line)
    # What was replaced was wider or narrower; columns after it stand elsewhere.
    return re.sub(r"(?<=\S)  +", "  ", line)


def _agree(said: Sequence[str], done: Sequence[str]) -> bool:
    """Whether the lines are the same, `…` standing for any lines."""
    if not said or said[0].strip() != _LEFT_OUT:
        return bool(said and done and said[0] == done[0] and _agree(said[1:], done[1:])) or (
            not said and not done
        )
    return any(_agree(said[1:], done[skipped:]) for skipped in range(len(done) + 1))
