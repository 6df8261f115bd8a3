"""Diagnoses traces in tests: recorded ones, played ones, and small edits of either.

An edit keeps the exchange as it was, but for what the test's sentence names.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from functools import cache

from explained import TRACES, Document, app_of, labels_of
from rehearsals import play
from stctl.scenarios.har import har_text
from stctl.scenarios.stage import Wishes
from stctl.traces.diagnose.model import Finding
from stctl.traces.diagnose.rule import Rule
from stctl.traces.diagnose.run import diagnose
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.story import TraceStory
from stctl.traces.link import link
from stctl.traces.readers.har_entry import read_har_entry

Entries = list[Document]


def recorded(name: str) -> Entries:
    """The entries of a recorded trace, as in `refresh-ok.express.default.cookie`."""
    return deepcopy(_recorded(name))


@cache
def _recorded(name: str) -> Entries:
    text = (TRACES / f"{name}.har.json").read_text("utf-8")
    entries: Entries = json.loads(text)["log"]["entries"]
    return entries


def known_of(name: str) -> KnownApp:
    """What an operator knows of the app of a recorded trace."""
    return app_of(labels_of(TRACES / f"{name}.labels.json"))


def played(scenario: str, case: str, cdi: str = "5.4") -> Entries:
    """What a case of a scenario leaves on the wire, on the embedded core."""
    performance = play(scenario, Wishes(cdi=cdi))
    log = json.loads(har_text(performance.results, performance.target))["log"]
    return [one for one in log["entries"] if one["pageref"] == f"{scenario}/{case}"]


def found(
    entries: Sequence[Document], known: KnownApp | None = None, rules: Sequence[type[Rule]] = ()
) -> list[Finding]:
    """What all rules find, or only those named."""
    app = known or KnownApp()
    read = [read_har_entry(entry, index, f"[{index}]") for index, entry in enumerate(entries)]
    told = TraceStory(app).tell(link(read))
    diagnosis = diagnose(told, app, rules) if rules else diagnose(told, app)
    return list(diagnosis.findings)


def ids(findings: Iterable[Finding]) -> list[str]:
    """The ids of findings."""
    return [one.rule.id for one in findings]


def only(findings: Sequence[Finding], id_: str) -> Finding:
    """The one finding of this id, which must be there."""
    (one,) = [one for one in findings if one.rule.id == id_]
    return one


def header(entry: Document, side: str, name: str) -> str | None:
    """The first value of a header of the `request` or `response` of an entry."""
    values = (one["value"] for one in entry[side]["headers"] if one["name"].lower() == name.lower())
    return next(values, None)


def without_header(entry: Document, side: str, *names: str) -> None:
    """Take headers off the `request` or `response` of an entry."""
    lower = {name.lower() for name in names}
    kept = [one for one in entry[side]["headers"] if one["name"].lower() not in lower]
    entry[side]["headers"] = kept


def with_header(entry: Document, side: str, name: str, value: str) -> None:
    """Set a header of the `request` or `response` of an entry, in place of those of its name."""
    without_header(entry, side, name)
    entry[side]["headers"].append({"name": name, "value": value})


def change_header(entry: Document, side: str, name: str, change: Callable[[str], str]) -> None:
    """Change every value of a header; there must be one."""
    touched = 0
    for one in entry[side]["headers"]:
        if one["name"].lower() == name.lower():
            one["value"] = change(one["value"])
            touched += 1
    assert touched, f"{entry['request']['url']} has no {name}"


def at_path(entries: Entries, path: str, number: int = 0) -> Document:
    """The entry of a browser for the URLs that end so; the `number`th of them."""
    matching = [
        one
        for one in entries
        if one.get("_peer") == "browser-backend"
        and one["request"]["url"].partition("?")[0].endswith(path)
    ]
    return matching[number]
