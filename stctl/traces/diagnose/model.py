"""What a diagnosis consists of: rules as people know them, findings, and their proof."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from stctl.redact import mask, mask_text

MOST_PROOFS: Final = 6
"""What happened a thousand times is proved by its first cases; the others are counted."""


class Severity(StrEnum):
    """How much a finding matters, from worst to least."""

    ERROR = "error"
    """Sessions do not work, or not as they should."""
    WARN = "warn"
    """It works, and not everywhere or not for long."""
    INFO = "info"
    """Nothing is broken; it explains something that may surprise."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInfo:
    """One rule, as people read of it."""

    id: str
    """`ST-` and three digits. An id never changes its meaning."""
    name: str
    """In words with hyphens; as stable as the id."""
    severity: Severity
    title: str
    """What the finding means, in one short line without a full stop."""
    cause: str
    """Why it comes to it, in sentences."""
    fix: str
    """What to do about it, in sentences."""
    link: str
    """Address of the page or thread to read first."""
    references: tuple[str, ...] = ()
    """Threads of people who had it, by short names such as `node#790`."""
    example: str = ""
    """What a real case looks like, in a sentence or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One place of the trace that shows it."""

    entry: int | None
    """Place of the exchange in the trace, from 0; None for what is no exchange."""
    position: str | None
    """Where it stands in the file, for people: `line 12`, `log.entries[3]`."""
    request: str
    """Method and path of the exchange, as in `POST /auth/session/refresh`; may be empty."""
    field: str
    """Which part of it: `request header Cookie`, `answer status`, `call to the core`."""
    shows: str
    """What that part shows, unmasked."""
    secrets: frozenset[str] = frozenset()
    """What in `request` and `shows` is a secret of the exchange."""

    def seen(self, *, reveal: bool) -> str:
        """What it shows, as people may see it."""
        return self.shows if reveal else _masked(self.shows, self.secrets)

    def asked(self, *, reveal: bool) -> str:
        """Method and path, as people may see them."""
        return self.request if reveal else _masked(self.request, self.secrets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that fired, with the case at hand."""

    rule: RuleInfo
    detail: str
    """The facts of this case in one sentence or two; without secrets."""
    proofs: tuple[Proof, ...]
    """The first ones, in the order of the trace; at most `MOST_PROOFS`."""
    count: int = 1
    """How often it was found."""
    subject: str = ""
    """What it is about, where one rule can find several things: findings of one rule about
    different subjects are told apart. Stable from run to run, and without secrets."""

    def also(self, other: "Finding") -> "Finding":
        """This finding, with one more case of it."""
        proofs = tuple(dict.fromkeys((*self.proofs, *other.proofs)))
        return replace(self, count=self.count + other.count, proofs=proofs[:MOST_PROOFS])


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What all rules said of one trace."""

    findings: tuple[Finding, ...]
    """Worst first, then by id, then as they were found."""
    requests: int
    """Requests of clients that were looked at."""
    core_calls: int
    """Calls to the core that were recorded."""
    log_events: int
    rules: tuple[RuleInfo, ...]
    """Every rule that was asked."""

    def count(self, severity: Severity) -> int:
        """How many findings are of this severity."""
        return sum(one.rule.severity is severity for one in self.findings)

    @property
    def worst(self) -> Severity | None:
        """The severity of the worst finding; None where there is none."""
        return min(
            (one.rule.severity for one in self.findings), key=lambda one: one.rank, default=None
        )


def _masked(text: str, secrets: Iterable[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, mask(secret))
    return mask_text(text)
