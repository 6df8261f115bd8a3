"""Reads one value that stands alone at a place of its own."""

from stctl.tokens.identify.kinds import classify
from stctl.tokens.identify.model import Broken, Finding, Kind, Source
from stctl.tokens.identify.unwrap import unwrap
from stctl.tokens.problem import TokenProblem


def read_value(value: str, source: Source, expected: Kind | None) -> Finding | Broken:
    """What the value is once it is unwrapped."""
    bare, undone = unwrap(value)
    try:
        kind, body = classify(bare, expected)
    except TokenProblem as problem:
        return Broken(text=bare, source=source, expected=expected, problem=problem)
    return Finding(kind=kind, body=body, text=bare, source=source, expected=expected, undone=undone)
