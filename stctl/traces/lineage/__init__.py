"""The family tree of every session in a trace, and what became theft in it."""

from stctl.traces.lineage.model import (
    AccessSeen,
    Client,
    Family,
    Generation,
    Rules,
    Suspect,
    Theft,
    TheftKind,
    Use,
    UseKind,
    Verdict,
)
from stctl.traces.lineage.reader import LineageReader, lineage_of

__all__ = [
    "AccessSeen",
    "Client",
    "Family",
    "Generation",
    "LineageReader",
    "Rules",
    "Suspect",
    "Theft",
    "TheftKind",
    "Use",
    "UseKind",
    "Verdict",
    "lineage_of",
]
