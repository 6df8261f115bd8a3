"""Work on the sessions of many users: what was found, and what came of it. Counts, no lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from stctl.jsontypes import JsonValue
from stctl.sessions.revocation import TokenValidity

Outcome = Literal["revoked", "already_gone", "failed", "not_begun"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFailure:
    """A user that could not be asked about, or a batch of sessions that could not be ended."""

    what: str
    sessions: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """The sessions that will end; their handles are in the journal."""

    users: int
    """How many were asked about."""
    sessions: int
    failures: tuple[FleetFailure, ...]
    """The first of those that could not be asked about."""
    failed: int
    """How many could not."""
    is_complete: bool
    """False when a person stopped the count."""
    by_tenant: Mapping[str, int]
    token_validity: TokenValidity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetReport:
    """What became of a plan, earlier runs of the same work included."""

    revoked: int
    already_gone: int
    failed: int
    """Sessions that could not be ended."""
    not_begun: int
    failures: tuple[FleetFailure, ...]
    """The first of the batches that failed."""
    earlier: int
    """How many of them an earlier, interrupted run had dealt with."""
    is_interrupted: bool
    finished_at_ms: int
    took_ms: int

    @property
    def done(self) -> int:
        """Sessions that are ended, whoever ended them."""
        return self.revoked + self.already_gone

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to do."""
        return not self.failed and not self.not_begun


Position = Mapping[str, JsonValue]
"""A place in the work, from which it can go on: what a journal keeps."""
