"""From what grew to what is said of a session: its tree, its rules, its theft."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from stctl.cdi.versions import family_of, number_parts
from stctl.traces.lineage.growing import Alarm, Grown, Node
from stctl.traces.lineage.judging import Judge, Judged, judged
from stctl.traces.lineage.model import Family, Generation, Rules, Theft, TheftKind, Verdict
from stctl.traces.lineage.suspecting import Case, suspect_of
from stctl.traces.lineage.verdicts import verdict_of


def finished(grown: Grown, grace_ms: int) -> Family:
    """The family of a session as far as it is known."""
    generations = tuple(_generation(node) for node in _parents_first(grown.nodes))
    rules = _rules(grown)
    judge = _judge(rules, grace_ms, generations)
    found = list(judged(judge, generations))
    family = Family(
        session_handle=grown.handle,
        user_id=grown.user_id,
        rules=rules,
        cdi_versions=tuple(sorted(grown.cdi, key=_version_order)),
        generations=tuple(_with_standing(one, judge) for one in generations),
        forgotten=grown.forgotten,
        clients=tuple(grown.listed_clients()),
        ended=grown.ended,
        theft=None,
        later_thefts=tuple(alarm.use.entry for alarm in grown.alarms[1:]),
        verdicts=(),
    )
    theft = _theft(grown.alarms[0], family, found) if grown.alarms else None
    family = replace(family, theft=theft)
    if theft is not None and family.ended is None and rules is Rules.ROTATION:
        # From CDI 5.6 on the core ends the session before it answers.
        family = replace(family, ended=grown.alarms[0].use)
    return replace(family, verdicts=_verdicts(family, grace_ms))


def _parents_first(nodes: dict[str, Node]) -> Iterator[Node]:
    given: set[str] = set()
    for node in nodes.values():
        above: list[Node] = []
        step: Node | None = node
        while step is not None and step.hash not in given:
            above.append(step)
            given.add(step.hash)
            step = nodes.get(step.parent) if step.parent is not None else None
        yield from reversed(above)


def _generation(node: Node) -> Generation:
    uses = sorted((*node.refreshes.all(), *node.others.all()), key=lambda use: use.order)
    return Generation(
        refresh_hash=node.hash,
        parent_hash=node.parent,
        issued=node.issued,
        uses=tuple(uses),
        use_count=node.refreshes.count + node.others.count,
        access_tokens=tuple(node.access.values()),
        access_count=node.access_count,
        is_current=None,
    )


def _version_order(version: str) -> tuple[int, ...]:
    try:
        return number_parts(version)
    except ValueError:
        return ()


def _rules(grown: Grown) -> Rules:
    """By the last version that was asked for, else by what the tokens name."""
    for version in reversed(grown.cdi):
        if _version_order(version):
            return Rules.ROTATION if family_of(version) == "rotation" else Rules.LEGACY
    if grown.names_parents:
        return Rules.LEGACY
    return Rules.ROTATION if grown.hides_parents else Rules.UNKNOWN


def _judge(rules: Rules, grace_ms: int, generations: Sequence[Generation]) -> Judge:
    parents = {one.refresh_hash: one.parent_hash for one in generations}
    return Judge(rules=rules, grace_ms=grace_ms, parents=parents)


def _with_standing(generation: Generation, judge: Judge) -> Generation:
    line = judge.line
    if line is None or judge.rules is Rules.UNKNOWN:
        return generation
    return replace(generation, is_current=generation.refresh_hash == line.current)


def _theft(alarm: Alarm, family: Family, found: Sequence[Judged]) -> Theft:
    use, presented = alarm.use, alarm.presented
    here = next((one for one in found if one.use.entry == use.entry), None)
    kind = TheftKind.UNKNOWN if here is None or here.kind is None else here.kind
    since = None if here is None else here.since
    case = Case(family=family, use=use, presented=presented, kind=kind, since=since)
    suspect, because = suspect_of(case)
    return Theft(
        entry=use.entry,
        generation=presented,
        kind=kind,
        error=use.error or "UNAUTHORISED",
        at_ms=use.at_ms,
        client=use.client,
        stale_since=since,
        suspect=suspect,
        because=because,
    )


def _verdicts(family: Family, grace_ms: int) -> tuple[Verdict, ...]:
    """What either family of rules makes of a session in which something branched."""
    parents = [one.parent_hash for one in family.generations if one.parent_hash is not None]
    if not family.generations or (family.theft is None and len(parents) == len({*parents})):
        return ()
    judges = [
        replace(_judge(rules, grace_ms, family.generations), supposes=rules is not family.rules)
        for rules in (Rules.LEGACY, Rules.ROTATION)
    ]
    return tuple(verdict_of(family, judge) for judge in judges)
