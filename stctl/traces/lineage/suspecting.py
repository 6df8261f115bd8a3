"""For whom the evidence of a theft speaks, and by which evidence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeAlias

from stctl.traces.lineage.model import Family, Generation, Suspect, TheftKind, Use
from stctl.traces.lineage.wording import agent_name, duration, moment, short, who
from stctl.traces.sources import is_tool

RACE_MS: Final = 60_000
"""Two refreshes of one token no further apart than this are a race rather than a theft."""
SILENCE_MS: Final = 30 * 60_000
"""Somebody who was silent for this long may come back with what it had stored before."""

Found: TypeAlias = tuple[Suspect, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A theft, with what is known of it."""

    family: Family
    use: Use
    """The move that raised the alarm."""
    presented: str | None
    kind: TheftKind
    since: Use | None
    """The move that made the token a used one."""

    @property
    def token(self) -> Generation | None:
        """The token that was presented."""
        return self.family.generation(self.presented)

    @property
    def parent(self) -> Generation | None:
        """Its parent."""
        return None if self.token is None else self.family.generation(self.token.parent_hash)

    def others(self) -> Iterator[Use]:
        """The moves of whoever held the token or its successor before."""
        if self.since is not None:
            yield self.since
        if self.token is not None and self.token.issued is not None:
            yield self.token.issued


def suspect_of(case: Case) -> tuple[Suspect, tuple[str, ...]]:
    """For whom the evidence speaks, with its sentences; the strongest evidence comes first."""
    for look in _LOOKS:
        found = look(case)
        if found is not None:
            suspect, because = found
            return suspect, (*because, *_caveats(case, suspect))
    return Suspect.UNKNOWN, (*_left_open(case),)


def _caught(case: Case) -> Found | None:
    """A token out of an answer that did not arrive where it was sent."""
    issued = None if case.token is None else case.token.issued
    if issued is None or issued.lost is None:
        return None
    same = issued.client is not None and issued.client == case.use.client
    missed = (
        f"{short(case.presented)} was in the answer of {moment(issued)}, which did not arrive as "
        f"far as the recording knows ({issued.lost})"
    )
    if same:
        late = "the same client presents it, so that it came late, after the client tried again"
        return Suspect.LOST_REPLY, [f"{missed}; {late}."]
    return Suspect.ATTACKER, [
        f"{missed}: whoever presents it has read what was meant for somebody else."
    ]


def _by_hand(case: Case) -> Found | None:
    """A tool by which people send requests, where the session was somebody else's."""
    client = case.family.client(case.use.client)
    if client is None or not is_tool(client.user_agent):
        return None
    holders = [case.family.client(use.client) for use in case.others()]
    if not holders or any(one is not None and is_tool(one.user_agent) for one in holders):
        return None
    tool = agent_name(client.user_agent)
    return Suspect.MANUAL_REPLAY, [
        (
            f"The token came from {tool}, a tool by which people send requests by hand; another "
            "program had used the session before."
        ),
        "Whoever sent it had the token pasted or stored; that need not have been its owner.",
    ]


def _stranger(case: Case) -> Found | None:
    """Another client than the one that held the session."""
    for use in case.others():
        difference = _difference(case.family, use.client, case.use.client)
        if difference == "user agent" or (difference == "address" and not _is_excused(case)):
            return Suspect.ATTACKER, [
                (
                    "Two clients held tokens of this session: "
                    f"{who(case.family, use.client)} at entry {use.entry}, and "
                    f"{who(case.family, case.use.client)} at entry {case.use.entry}."
                ),
                *_only_address(difference),
            ]
    return None


def _only_address(difference: str) -> list[str]:
    if difference != "address":
        return []
    return ["Only the address differs; a phone that changes its network looks the same."]


def _is_excused(case: Case) -> bool:
    return _lost_reply(case) is not None


def _difference(family: Family, one: str | None, other: str | None) -> str:
    """In what two clients differ; empty where they do not, or nothing shows it."""
    first, second = family.client(one), family.client(other)
    if first is None or second is None:
        return ""
    if first.user_agent and second.user_agent and first.user_agent != second.user_agent:
        return "user agent"
    if first.address and second.address and first.address != second.address:
        return "address"
    return ""


def _lost_reply(case: Case) -> Found | None:
    """An answer that did not arrive leaves its client with the token before."""
    for use in _refreshes_around(case):
        if use.lost is None or use.gave is None or use is case.use:
            continue
        if use.gave == case.presented:
            continue
        return Suspect.LOST_REPLY, [
            (
                f"The answer of the refresh at {moment(use)} did not arrive "
                f"({use.lost}): its client was left with the older token."
            )
        ]
    return _unused_child(case)


def _unused_child(case: Case) -> Found | None:
    """A token that was given and never shown again, while its client goes on with the one before.

    Where nobody knows who the client was, that says nothing: a session ends soon after a theft.
    """
    family, since = case.family, case.since
    given = None if since is None else family.generation(since.gave)
    if since is None or given is None or case.token is None:
        return None
    left_with = {case.presented, case.token.parent_hash}
    if given.refresh_hash == case.presented or given.parent_hash not in left_with:
        return None
    same = since.client is not None and since.client == case.use.client
    if not same or given.uses or family.children(given.refresh_hash):
        return None
    never = f"{short(since.gave)}, which the refresh at {moment(since)} gave, was never used"
    return Suspect.LOST_REPLY, [f"{never}: it seems not to have reached its client."]


def _refreshes_around(case: Case) -> list[Use]:
    """The refreshes of the token and of its parent."""
    uses = [use for one in (case.parent, case.token) if one is not None for use in one.refreshes]
    return sorted(uses, key=lambda use: use.order)


def _race(case: Case) -> Found | None:
    """Two refreshes of one token within a short time."""
    for generation in (case.parent, case.token):
        if generation is None:
            continue
        for one, two in combinations(generation.refreshes, 2):
            found = _race_of(case, generation, one, two)
            if found is not None:
                return found
    return None


def _race_of(case: Case, generation: Generation, one: Use, two: Use) -> Found | None:
    gap = two.at_ms - one.at_ms
    if abs(gap) > RACE_MS or not one.at_ms or not two.at_ms:
        return None
    both = f"{short(generation.refresh_hash)} was refreshed at entries {one.entry} and {two.entry}"
    if two.at_ms < one.ended_at_ms:
        how = "the second request was sent before the first was answered"
        return Suspect.TWO_TABS, [f"{both} at the same time: {how}."]
    if one.client is None or one.client != two.client or one.client != case.use.client:
        return None
    same = f"{both}, {duration(gap)} apart, by the same {who(case.family, one.client)}"
    return Suspect.TWO_TABS, [f"{same}: two tabs, or one that did not see the first answer."]


def _restart(case: Case) -> Found | None:
    """A client that was silent for long comes back with what it had."""
    if case.use.client is None or not case.use.at_ms:
        return None
    before = [
        use
        for generation in case.family.generations
        for use in generation.uses
        if use.client == case.use.client and use.order < case.use.order
    ]
    last = max(before, key=lambda use: use.order, default=None)
    if last is None or case.use.at_ms - last.at_ms < SILENCE_MS:
        return None
    return Suspect.RESTART, [
        (
            f"C{who(case.family, case.use.client)[1:]} was silent for "
            f"{duration(case.use.at_ms - last.at_ms)} before it came with an older token, as "
            "somebody does who was restarted from an older state."
        )
    ]


def _caveats(case: Case, suspect: Suspect) -> Iterator[str]:
    client = case.family.client(case.use.client)
    if suspect in {Suspect.ATTACKER, Suspect.MANUAL_REPLAY}:
        return
    if client is None:
        yield "Who sent the requests is not recorded, so that a thief is not ruled out."
    elif client.address is None:
        yield "Only the user agent is known, which a thief can send as well."


def _left_open(case: Case) -> Iterator[str]:
    if case.family.client(case.use.client) is None:
        yield "Who sent the request is not recorded: no address, no user agent."
    elif not any(use.client for use in case.others()):
        yield "Who held the token before is not recorded."
    else:
        yield "It came from the same client as before, as far as user agent and address show."
    if case.kind is TheftKind.STALE_LINEAGE:
        yield "A token this old is kept by a thief, a restored state, or somebody who pastes it."


_LOOKS: Final[tuple[Callable[[Case], Found | None], ...]] = (
    _by_hand,
    _caught,
    _stranger,
    _lost_reply,
    _race,
    _restart,
)
