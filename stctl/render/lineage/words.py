"""The vocabulary of families in plain words."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Final, Literal

from stctl.render.view import visible
from stctl.traces.lineage import (
    Family,
    Generation,
    Rules,
    Suspect,
    Use,
    UseKind,
)
from stctl.traces.lineage.wording import agent_name, duration

State = Literal["theft", "current", "replaced", "branch", "unused", "open"]
Tone = Literal["plain", "good", "warn", "bad"]

RULES: Final = {
    Rules.LEGACY: "up to 5.5: a parent stays good until its child is used",
    Rules.ROTATION: "5.6: every refresh replaces its token, with some seconds of grace",
    Rules.UNKNOWN: "unknown: neither a call to a core nor a token tells",
}
SUSPECTS: Final = {
    Suspect.ATTACKER: "The evidence speaks for an attacker.",
    Suspect.TWO_TABS: "The evidence speaks for two tabs.",
    Suspect.LOST_REPLY: "The evidence speaks for a lost reply.",
    Suspect.RESTART: "The evidence speaks for a client that was restarted with an older state.",
    Suspect.MANUAL_REPLAY: "The evidence speaks for a replay by hand.",
    Suspect.UNKNOWN: "The evidence leaves open who it was.",
}
_STATES: Final[dict[State, str]] = {
    "theft": "theft at {entry}",
    "current": "current",
    "replaced": "replaced",
    "branch": "lost branch",
    "unused": "no use seen",
    "open": "",
}
_VERBS: Final = {
    UseKind.ISSUED: "given",
    UseKind.VERIFIED: "used",
    UseKind.REFRESHED: "refreshed",
    UseKind.SIGNED_OUT: "signed out",
    UseKind.REVOKED: "revoked",
}
_MOST_GROUPS: Final = 6
_THEFT: Final = "TOKEN_THEFT_DETECTED"


@dataclass(frozen=True, slots=True)
class Did:
    """What somebody did with a token, once or several times in a row."""

    text: str
    tone: Tone


def safe_text(text: str) -> str:
    """Text as it may stand in HTML and XML, whose characters are all allowed there."""
    return escape(visible(text))


def state_of(generation: Generation, family: Family) -> State:
    """What a token is in the end."""
    theft = family.theft
    if theft is not None and theft.generation == generation.refresh_hash:
        return "theft"
    if generation.is_current is None:
        return "open"
    if generation.is_current:
        return "current"
    if any(one.was_used for one in family.children(generation.refresh_hash)) or any(
        use.gave for use in generation.refreshes
    ):
        return "replaced"
    return "branch" if generation.use_count else "unused"


def state_text(state: State, family: Family) -> str:
    """A state in words."""
    if state == "current" and family.ended is not None:
        return "was current"
    return _STATES[state].format(entry=family.theft.entry if family.theft else "")


def given_text(generation: Generation, *, is_root: bool) -> str:
    """Where a token came from."""
    issued = generation.issued
    if issued is None:
        return "seen before it was given" if not is_root else "from before the trace"
    verb = "login" if is_root else "given"
    return f"{verb} at {issued.entry}{_to(issued.client)}"


def _to(label: str | None) -> str:
    return f" to {label}" if label else ""


def offset_text(at_ms: int, start_ms: int) -> str:
    """How long after the beginning something was; empty where times are not known."""
    if not at_ms or not start_ms:
        return ""
    return f"+{duration(at_ms - start_ms)}"


def start_ms(family: Family) -> int:
    """The first moment that is known of a family; 0 where there is none."""
    return min(_times(family), default=0)


def end_ms(family: Family) -> int:
    """The last one."""
    return max(_times(family), default=0)


def _times(family: Family) -> Iterator[int]:
    for one in family.generations:
        uses = one.uses if one.issued is None else (one.issued, *one.uses)
        yield from (use.at_ms for use in uses if use.at_ms)


def deeds(generation: Generation, family: Family) -> list[Did]:
    """What was done with a token, in order; a row of the same is one, and of many some are left."""
    groups = [list(group) for _, group in groupby(generation.uses, key=_alike)]
    told = [_did(group) for group in groups]
    hidden = generation.use_count - len(generation.uses)
    if len(told) > _MOST_GROUPS:
        kept = _MOST_GROUPS - 2
        hidden += sum(len(group) for group in groups[kept:-2])
        told = [*told[:kept], Did(f"… {hidden:,} more …", "plain"), *told[-2:]]
    elif hidden:
        told.append(Did(f"and {hidden:,} more", "plain"))
    if not told and family.children(generation.refresh_hash):
        return []
    return told


def _alike(use: Use) -> tuple[object, ...]:
    return use.kind, use.client, use.error, use.reuse, use.lost


def _did(group: list[Use]) -> Did:
    first, last = group[0], group[-1]
    verb, tone = _verb(first)
    at = f"at {first.entry}"
    if len(group) == 2:  # noqa: PLR2004 - a pair is told by both of its places
        at = f"at {first.entry} and {last.entry}"
    elif len(group) > 1:
        at = f"{len(group)} times at {first.entry} to {last.entry}"
    by = f" by {first.client}" if first.client else ""
    lost = ", answer lost" if first.lost and first.went_well else ""
    return Did(f"{verb} {at}{by}{lost}", "warn" if lost else tone)


def _verb(use: Use) -> tuple[str, Tone]:
    verb = _VERBS[use.kind]
    if use.error is None:
        return verb, "plain"
    if use.error == _THEFT or use.reuse is not None:
        return f"{use.reuse or 'theft'}", "bad"
    return {
        "UNAUTHORISED": ("refused", "warn"),
        "TRY_REFRESH_TOKEN": ("refused", "plain"),
        "GENERAL_ERROR": ("failed", "warn"),
    }.get(use.error, (f"{verb}: {use.error}", "warn"))  # type: ignore[return-value] # pairs above


def rules_text(family: Family) -> str:
    """By which rules, with the versions where calls to a core name them."""
    if family.cdi_versions:
        named = ", ".join(family.cdi_versions)
        return f"CDI {named}, {RULES[family.rules].partition(': ')[2]}"
    proof = "" if family.rules is Rules.UNKNOWN else " (by the tokens)"
    return f"CDI {RULES[family.rules]}{proof}"


def client_text(address: str | None, user_agent: str | None) -> str:
    """Who a client is, as far as it is known."""
    parts = [part for part in (agent_name(user_agent), address) if part]
    return ", ".join(parts) or "unknown"


def ended_text(family: Family) -> str | None:
    """How the session ended; None where it goes on."""
    ended = family.ended
    if ended is None:
        return None
    by = f" by {ended.client}" if ended.client else ""
    how = {
        UseKind.SIGNED_OUT: "signed out",
        UseKind.REVOKED: "revoked at the core",
    }.get(ended.kind, "by the core, which found a token used again")
    return f"at {ended.entry}{by}, {how}"
