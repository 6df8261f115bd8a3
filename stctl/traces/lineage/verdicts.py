"""What a core makes of one and the same history by the rules of either family."""

from collections.abc import Sequence
from typing import Final

from stctl.core.engine.lineage import Standing
from stctl.traces.lineage.judging import Judge, Judged, judged
from stctl.traces.lineage.model import Family, Rules, TheftKind, Verdict
from stctl.traces.lineage.wording import duration, joined, short

NAMES: Final = {
    Rules.LEGACY: "CDI up to 5.5",
    Rules.ROTATION: "CDI 5.6",
    Rules.UNKNOWN: "CDI unknown",
}
_SOFTENED: Final = (
    "It is reported as theft, or as UNAUTHORISED where recent_token_reuse_behaviour says so; "
    "the core ends the session either way."
)
_THEFT: Final = {
    TheftKind.PARENT_REUSED: "its child had been used before",
    TheftKind.SIBLING: "another child of its parent had been used before",
    TheftKind.RECENT_PREV: f"it was replaced and its grace is over (RECENT_PREV). {_SOFTENED}",
    TheftKind.ORPHANED_BRANCH: (
        f"another refresh of its parent displaced it (ORPHANED_BRANCH). {_SOFTENED}"
    ),
    TheftKind.STALE_LINEAGE: (
        "it was replaced more than once (STALE_LINEAGE). That is always reported as theft, and "
        "the core ends the session"
    ),
    TheftKind.UNKNOWN: "it is of no branch that is in use",
}


def verdict_of(family: Family, judge: Judge) -> Verdict:
    """The first refresh that is theft to a judge, or what keeps all of them from it."""
    found = list(judged(judge, family.generations))
    alarm = next((one for one in found if one.standing is Standing.REUSED), None)
    if alarm is not None:
        return _alarm(judge, alarm, family)
    entry = family.theft.entry if family.theft is not None else _last(found)
    return Verdict(rules=judge.rules, entry=entry, kind=None, says=_calm(judge, found, family))


def _alarm(judge: Judge, alarm: Judged, family: Family) -> Verdict:
    kind = alarm.kind or TheftKind.UNKNOWN
    entry = alarm.use.entry
    theft = family.theft
    spared = ""
    if theft is not None and theft.entry < entry:
        spared = f"entry {theft.entry} is no theft, but "
    since = "" if alarm.since is None else f", since entry {alarm.since.entry}"
    says = (
        f"{NAMES[judge.rules]}: {spared}the refresh with {short(alarm.presented)} at entry "
        f"{entry} is theft{since}: {_THEFT[kind]}"
    )
    return Verdict(rules=judge.rules, entry=entry, kind=kind, says=f"{says.rstrip('.')}.")


def _last(found: Sequence[Judged]) -> int:
    return found[-1].use.entry if found else 0


def _calm(judge: Judge, found: Sequence[Judged], family: Family) -> str:
    name = NAMES[judge.rules]
    if family.theft is not None and all(one.standing is None for one in found):
        return f"{name}: the trace does not show what came before, so nothing can be said."
    if judge.rules is Rules.ROTATION:
        return f"{name}: {_forgiven(judge, found)}"
    if family.theft is not None and family.rules is Rules.UNKNOWN:
        return (
            f"{name}: entry {family.theft.entry} is theft if a child or sibling of "
            f"{short(family.theft.generation)} had been used before it, which the trace does not "
            "show."
        )
    return (
        f"{name}: none of these refreshes is theft. Of two children of one token the first one "
        "used wins; from then on the parent and the other child are theft."
    )


def _forgiven(judge: Judge, found: Sequence[Judged]) -> str:
    repeat = next((one for one in found if one.standing is Standing.PREVIOUS_IN_WINDOW), None)
    if repeat is None:
        return "none of these refreshes is theft."
    repeats = [one for one in found if _repeats(one, repeat)]
    places = joined([str(one.use.entry) for one in repeats])
    return (
        f"the repeated refresh of {short(repeat.presented)} at "
        f"{'entry' if len(repeats) == 1 else 'entries'} {places} is within the grace of "
        f"{duration(judge.grace_ms)} and no theft: it gives a new token. But "
        f"{_dead(found, repeats[-1])} ORPHANED_BRANCH. {_SOFTENED}"
    )


def _repeats(one: Judged, first: Judged) -> bool:
    return one.standing is Standing.PREVIOUS_IN_WINDOW and one.presented == first.presented


def _dead(found: Sequence[Judged], last: Judged) -> str:
    """What the last refresh of a token displaces: all that was given for it before."""
    given = (
        one.use.gave
        for one in found
        if one.presented == last.presented and one.use is not last.use and one.use.gave
    )
    names = [short(one) for one in dict.fromkeys(given)]
    if len(names) > 1:
        return f"{joined(names)} are dead from then on; a refresh with one of them is"
    name = names[0] if names else "the token of the earlier answer"
    return f"{name} is dead from then on; a refresh with it is"
