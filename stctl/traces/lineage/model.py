"""The family of one session: its refresh tokens as a tree, by hash alone.

A generation is one refresh token with the access tokens that name it. Times are in milliseconds
since the epoch, 0 where the trace does not tell them; hashes are H1, as access tokens write them.
"""

from dataclasses import dataclass
from enum import StrEnum

DEFAULT_GRACE_MS = 30_000
"""How long a core of CDI 5.6 takes the token before the current one, unless it is told otherwise.

Source: core, behaviour notes 5, `refresh_token_rotation_grace_period`.
"""


class Rules(StrEnum):
    """By which rules a core judged the refresh tokens of a session."""

    LEGACY = "legacy"
    """CDI up to 5.5: a parent stays good until its child is used."""
    ROTATION = "rotation"
    """CDI 5.6: every refresh replaces its token, and a window of grace forgives a repeat."""
    UNKNOWN = "unknown"
    """Neither a call to a core nor a token tells."""


class UseKind(StrEnum):
    """What was done with a token."""

    ISSUED = "issued"
    VERIFIED = "verified"
    """An access token was presented on a route of the app."""
    REFRESHED = "refreshed"
    SIGNED_OUT = "signed-out"
    REVOKED = "revoked"
    """The session was ended at the core."""


class TheftKind(StrEnum):
    """What the token was that raised the alarm."""

    PARENT_REUSED = "parent-reused"
    """Up to CDI 5.5: its child, or a later descendant, had been used."""
    SIBLING = "sibling"
    """Up to CDI 5.5: another child of its parent had been used."""
    RECENT_PREV = "recent-prev"
    """CDI 5.6: the token before the current one, after its grace."""
    ORPHANED_BRANCH = "orphaned-branch"
    """CDI 5.6: a child displaced by another refresh of its parent."""
    STALE_LINEAGE = "stale-lineage"
    """CDI 5.6: replaced more than once."""
    UNKNOWN = "unknown"
    """The trace does not show what became of the token before."""


class Suspect(StrEnum):
    """For whom the evidence speaks."""

    ATTACKER = "attacker"
    TWO_TABS = "two-tabs"
    LOST_REPLY = "lost-reply"
    RESTART = "restart"
    MANUAL_REPLAY = "manual-replay"
    UNKNOWN = "unknown"
    """The evidence leaves it open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Somebody who sent requests, as far as they show who it was."""

    label: str
    """`A` for the first one of the session, then `B`, and so on."""
    address: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Something that was done with a token."""

    entry: int
    """Place of the request in the trace, or of the call where only the core's side is there."""
    order: int
    """Place of the call to the core that decided it, which sorts parallel requests; or `entry`."""
    at_ms: int
    ended_at_ms: int
    """When its answer was complete."""
    kind: UseKind
    client: str | None
    """Label of who did it; None where only the core's side is there."""
    error: str | None
    """Name of the error that it ended with."""
    reuse: str | None = None
    """What the core called the reuse of a token, from CDI 5.6 on."""
    gave: str | None = None
    """Hash of the refresh token that came of it."""
    lost: str | None = None
    """What kept its answer from arriving, in the words of the recording."""

    @property
    def went_well(self) -> bool:
        """Whether no error came of it."""
        return self.error is None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSeen:
    """An access token of a generation."""

    hash: str | None
    """SHA-256 of its text; None where only a front token tells of it."""
    minted_at_ms: int
    """As it says itself, cut to seconds."""
    expires_at_ms: int
    issued: Use | None
    first: Use | None
    """Its first use; None when it was never presented."""
    last: Use | None
    uses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One refresh token."""

    refresh_hash: str
    parent_hash: str | None
    """None for the first one of a session, and where the trace does not tell."""
    issued: Use | None
    """None where it was there before the trace begins."""
    uses: tuple[Use, ...]
    """In order; of many, the first and the last ones."""
    use_count: int
    access_tokens: tuple[AccessSeen, ...]
    access_count: int
    """How many there were; more than `access_tokens` holds when there were many."""
    is_current: bool | None
    """Whether the core takes it as the newest at the end of the trace; None where that is open."""

    @property
    def refreshes(self) -> tuple[Use, ...]:
        """The refreshes with it, in order."""
        return tuple(use for use in self.uses if use.kind is UseKind.REFRESHED)

    @property
    def was_used(self) -> bool:
        """Whether it or an access token of it was ever presented with success."""
        return any(use.went_well for use in self.uses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a core makes of a refresh by the rules of one family."""

    rules: Rules
    entry: int
    """Place of the refresh that ends in theft; that of the one in question where it does not."""
    kind: TheftKind | None
    """None when it is no theft."""
    says: str
    """A sentence for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theft:
    """The move that a core took for theft."""

    entry: int
    generation: str | None
    """Hash of the token that was presented; None where the trace does not show it."""
    kind: TheftKind
    error: str
    """What was reported: TOKEN_THEFT_DETECTED, or UNAUTHORISED where a core was told to."""
    at_ms: int
    client: str | None
    stale_since: Use | None
    """The earlier move that made the token a used one; None where the trace does not show it."""
    suspect: Suspect
    because: tuple[str, ...]
    """The evidence, each piece a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One session with all tokens that a trace shows of it."""

    session_handle: str | None
    user_id: str | None
    rules: Rules
    cdi_versions: tuple[str, ...]
    """What calls to the core asked for; empty where the rules were concluded from the tokens."""
    generations: tuple[Generation, ...]
    """Parents before their children, else in order of appearance."""
    forgotten: int
    """How many of its oldest generations were left out."""
    clients: tuple[Client, ...]
    ended: Use | None
    """The move that ended the session, where the trace shows one."""
    theft: Theft | None
    """The first theft."""
    later_thefts: tuple[int, ...]
    """Places of further alarms: up to CDI 5.5 a session lives on unless somebody ends it."""
    verdicts: tuple[Verdict, ...]
    """What each family of rules makes of it, where the trace does not tell which one holds."""

    def generation(self, refresh_hash: str | None) -> Generation | None:
        """The generation of a hash; None for one that is not in the trace."""
        return next((one for one in self.generations if one.refresh_hash == refresh_hash), None)

    def children(self, refresh_hash: str | None) -> tuple[Generation, ...]:
        """The children of a generation, in order."""
        return tuple(one for one in self.generations if one.parent_hash == refresh_hash)

    def roots(self) -> tuple[Generation, ...]:
        """The generations whose parent is not in the trace, in order."""
        known = {one.refresh_hash for one in self.generations}
        return tuple(one for one in self.generations if one.parent_hash not in known)

    def client(self, label: str | None) -> Client | None:
        """The client of a label."""
        return next((one for one in self.clients if one.label == label), None)
