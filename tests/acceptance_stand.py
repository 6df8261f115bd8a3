"""What the acceptance cases share: traces as files, and the commands that read them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from explained import TRACES, Document
from running import Outcome, run

Told = dict[str, Any]


def trace_of(name: str) -> str:
    """The file of a recorded trace."""
    return str(TRACES / f"{name}.har.json")


def written(entries: Sequence[Document], folder: Path) -> str:
    """A file with these exchanges."""
    log = {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": list(entries)}
    file = folder / "case.har"
    file.write_text(json.dumps({"log": log}), "utf-8")
    return str(file)


def config_of(folder: Path, **app: object) -> str:
    """A settings file with an `[app]` table."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in app.items()]
    file = folder / "app.toml"
    file.write_text("\n".join(["[app]", *lines, ""]), "utf-8")
    return str(file)


def explained(trace: str, *arguments: str) -> dict[int, Told]:
    """The entries of `stctl explain`, by their place."""
    outcome = run("explain", trace, "--json", *arguments)
    assert outcome.exit_status == 0, outcome.stderr
    return {one["index"]: one for one in outcome.json["entries"]}


def finding(outcome: Outcome, id_: str) -> Told:
    """The one finding of this id that `stctl diagnose --json` tells."""
    (trace,) = outcome.json["traces"]
    (one,) = [one for one in trace["findings"] if one["id"] == id_]
    found: Told = one
    return found


def diagnosed(trace: str, *arguments: str) -> Outcome:
    """What `stctl diagnose` says."""
    return run("diagnose", trace, "--json", *arguments)
