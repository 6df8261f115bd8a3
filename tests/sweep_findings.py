"""Diagnoses every recorded trace of a folder: `python tests/sweep_findings.py FOLDER`.

Each trace with a fault has to get its finding, each healthy one none, and none may get a finding
that is not true of it. Ends with 1 when one does not, and names it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from expected_findings import Expected, expected_of
from explained import app_of, labels_of
from stctl.traces.diagnose.model import Diagnosis
from stctl.traces.diagnose.run import diagnose
from stctl.traces.explain.telling import told_of
from stctl.traces.readers import read_trace

_LABELS = ".labels.json"
_HAR = ".har.json"


def diagnosis_of(labels: Path) -> Diagnosis:
    """What is found in the trace of a file of labels, with what an operator knows of the app."""
    known = app_of(labels_of(labels))
    har = labels.with_name(labels.name.replace(_LABELS, _HAR))
    with har.open("rb") as stream:
        return diagnose(told_of(read_trace(stream), known), known)


def complaints(expected: Expected, found: set[str]) -> Iterator[str]:
    """What is wrong with the findings of a trace."""
    allowed = {*expected.may, *(one for group in expected.must for one in group.split("|"))}
    for group in expected.must:
        if not found & {*group.split("|")}:
            yield f"misses {group}"
    for one in sorted(found - allowed):
        yield f"false alarm {one}"


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def main(folder: Path) -> int:
    """Sweep, print what is wrong and the counts; returns the exit status."""
    faulty = healthy = told = quiet = wrong = 0
    for labels in sorted(folder.glob(f"*{_LABELS}")):
        name = labels.name.removesuffix(_LABELS)
        expected = expected_of(name)
        found = {one.rule.id for one in diagnosis_of(labels).findings}
        problems = list(complaints(expected, found))
        if expected.must:
            faulty += 1
            told += not any(one.startswith("misses") for one in problems)
        else:
            healthy += 1
            quiet += not found
        if problems:
            wrong += 1
            say(f"{name}: {', '.join(problems)}; found {', '.join(sorted(found)) or 'nothing'}")
    say(f"faulty traces with their finding: {told} of {faulty}")
    say(f"healthy traces without a finding: {quiet} of {healthy}")
    return 1 if wrong or not faulty else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
