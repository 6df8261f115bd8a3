"""Families of traces in tests: recorded ones, played ones, and parts of them."""

import json
from collections.abc import Callable, Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

from rehearsals import play, rehearsal_target
from stctl.scenarios.har import har_text
from stctl.scenarios.stage import Wishes
from stctl.traces.explain.known_app import KnownApp
from stctl.traces.explain.story import Told, TraceStory
from stctl.traces.lineage import Family, lineage_of
from stctl.traces.link import link
from stctl.traces.readers.har_entry import read_har_entry

TRACES = Path(__file__).parent / "recorded" / "traces"
_HINTS = {"_peer", "_initiator"}
HarEntry = dict[str, Any]
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari"
)
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"


def recorded(name: str) -> list[HarEntry]:
    """The entries of a recorded trace."""
    entries: list[HarEntry] = json.loads((TRACES / f"{name}.har.json").read_text("utf-8"))["log"][
        "entries"
    ]
    return entries


def played(scenario: str, case: str, cdi: str) -> list[HarEntry]:
    """The entries that one case of a scenario leaves behind."""
    wishes = Wishes(cdi=cdi)
    performance = play(scenario, wishes, chosen=lambda one: one.name == case)
    for _ in performance.watch():
        pass
    entries: list[HarEntry] = json.loads(har_text(performance.results, rehearsal_target()))["log"][
        "entries"
    ]
    return entries


def told_in(entries: Iterable[HarEntry]) -> list[Told]:
    """What is told of the entries of a HAR."""
    read = [read_har_entry(entry, index, f"[{index}]") for index, entry in enumerate(entries)]
    return list(TraceStory(KnownApp()).tell(link(read)))


def families(entries: Iterable[HarEntry]) -> list[Family]:
    """The families in the entries of a HAR."""
    return lineage_of(told_in(entries))


def family(entries: Iterable[HarEntry]) -> Family:
    """The one family in them."""
    (only,) = families(entries)
    return only


def one_side(entries: Iterable[HarEntry], peer: str) -> list[HarEntry]:
    """What was recorded between two parties alone."""
    kept = [entry for entry in entries if entry["_peer"] == peer]
    return [{name: entry[name] for name in entry if name not in _HINTS} for entry in kept]


def sent_by(entries: Iterable[HarEntry], who: Callable[[int], dict[str, str]]) -> list[HarEntry]:
    """The entries with more headers on the requests of browsers, by their places."""
    changed = deepcopy(list(entries))
    for index, entry in enumerate(changed):
        if entry["_peer"] == "browser-backend":
            added = who(index)
            kept = [
                pair
                for pair in entry["request"]["headers"]
                if pair["name"].lower() not in {name.lower() for name in added}
            ]
            extra = [{"name": name, "value": value} for name, value in added.items()]
            entry["request"]["headers"] = [*kept, *extra]
    return changed


def browser_places(entries: Iterable[HarEntry]) -> list[int]:
    """Places of the requests of browsers."""
    return [place for place, one in enumerate(entries) if one["_peer"] == "browser-backend"]
