"""Families in the language of Graphviz."""

import json
from collections.abc import Iterable, Iterator

from stctl.render.lineage.words import deeds, given_text, start_ms, state_of, state_text
from stctl.render.view import visible
from stctl.traces.lineage import Family
from stctl.traces.lineage.wording import short

_COLOURS = {
    "theft": "#c62828",
    "current": "#2e7d32",
    "replaced": "#757575",
    "branch": "#b26a00",
    "unused": "#9e9e9e",
    "open": "#757575",
}


def dot_text(families: Iterable[Family]) -> Iterator[str]:
    """One directed graph with a cluster a session."""
    yield "digraph lineage {\n"
    yield '  rankdir="TB";\n'
    yield '  node [shape="box", style="rounded", fontname="monospace", fontsize=10];\n'
    yield '  edge [arrowsize=0.6, fontname="monospace", fontsize=9];\n'
    for number, family in enumerate(families):
        yield from _cluster(number, family)
    yield "}\n"


def _cluster(number: int, family: Family) -> Iterator[str]:
    title = family.session_handle or "session"
    yield f"  subgraph {_quoted(f'cluster_{number}')} {{\n"
    yield f"    label={_quoted(title)};\n"
    if not family.generations:
        yield f'    {_quoted(f"{number} none")} [label="no token in the trace"];\n'
    for one in family.generations:
        state = state_of(one, family)
        told = [short(one.refresh_hash), given_text(one, is_root=one in family.roots())]
        told.extend(did.text for did in deeds(one, family))
        told.append(state_text(state, family))
        label = _quoted(*(text for text in told if text))
        node = _quoted(f"{number} {one.refresh_hash}")
        yield f"    {node} [label={label}, color={_quoted(_COLOURS[state])}];\n"
    yield from _edges(number, family)
    yield "  }\n"


def _edges(number: int, family: Family) -> Iterator[str]:
    known = {one.refresh_hash for one in family.generations}
    began = start_ms(family)
    for one in family.generations:
        if one.parent_hash not in known:
            continue
        at = "" if one.issued is None or not began else f"entry {one.issued.entry}"
        parent, child = f"{number} {one.parent_hash}", f"{number} {one.refresh_hash}"
        yield f"    {_quoted(parent)} -> {_quoted(child)} [label={_quoted(at)}];\n"


def _quoted(*lines: str) -> str:
    """A string of Graphviz, of one or several lines, in JSON's escapes."""
    return json.dumps("\n".join(visible(line) for line in lines), ensure_ascii=False)
