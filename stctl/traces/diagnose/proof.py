"""Makes proofs from what was recorded; keeps which of its words are secrets."""

from stctl.traces.diagnose.model import Proof
from stctl.traces.explain.explanation import Explanation
from stctl.traces.link import LoneCall
from stctl.traces.model import Entry
from stctl.traces.secrets import secrets_of


def proof(told: Explanation | LoneCall | Entry, field: str, shows: str) -> Proof:
    """A place of the trace: which part of which exchange, and what it shows (unmasked)."""
    entry = _entry(told)
    request = f"{entry.exchange.request.method} {entry.exchange.request.path}".lstrip()
    text = f"{request}\n{shows}"
    return Proof(
        entry=entry.index,
        position=entry.position,
        request=request,
        field=field,
        shows=shows,
        secrets=frozenset(secret for secret in secrets_of(entry) if secret in text),
    )


def answer_of(told: Explanation) -> str:
    """How a request was answered, in words: by its status, or why there is none."""
    if told.evidence.status:
        return f"answered {told.evidence.status}"
    return "answer not recorded" if told.evidence.is_unseen else "the connection broke"


def _entry(told: Explanation | LoneCall | Entry) -> Entry:
    match told:
        case Explanation():
            return told.evidence.entry
        case LoneCall():
            return told.entry
        case Entry():
            return told
