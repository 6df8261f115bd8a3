"""How a report was made, in the words that every form of it ends with."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from stctl.render.view import Block, Note, dim, line, name, strong
from stctl.render.wording import count_of
from stctl.traces.casefile.case import CaseFile

MASKED: Final = (
    "Tokens, cookies and keys are masked: a long one shows six characters at either end and a "
    "fingerprint that is the same wherever the same secret stands. Bodies of requests, and of "
    "answers that went well, are left out. User ids, session handles, paths and addresses are "
    "shown as they are."
)
REVEALED: Final = (
    "Tokens, cookies and bodies are shown in full. Whoever has this can use the sessions that "
    "still live. Do not pass it on."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How a report was made."""

    version: str
    """Of stctl."""
    at_ms: int
    """When, since the epoch."""


def is_revealed(cases: Sequence[CaseFile]) -> bool:
    """Whether anything in a report is unmasked."""
    return any(case.is_revealed for case in cases)


def written(path: PurePath, size: int, cases: Sequence[CaseFile]) -> list[Block]:
    """What the person is told when a report was written; `size` in bytes."""
    requests = sum(case.tally.requests for case in cases)
    findings = sum(len(case.diagnosis.findings) for case in cases)
    told = f": {count_of(requests, 'request')}, {count_of(findings, 'finding')}, {_kilobytes(size)}"
    blocks: list[Block] = [Note("good", line("Wrote ", name(str(path)), told))]
    if is_revealed(cases):
        blocks.append(
            Note("warn", line(strong("Nothing in it is masked."), " Keep it to yourself."))
        )
    else:
        blocks.append(Note("info", line(dim("Tokens, cookies and keys in it are masked."))))
    return blocks


def _kilobytes(size: int) -> str:
    return f"{max(size / 1000, 0.1):.1f} kB" if size < 100_000 else f"{size / 1000:,.0f} kB"  # noqa: PLR2004 - three figures
