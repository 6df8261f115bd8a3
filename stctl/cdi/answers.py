"""What a core answers to questions that are not about one session."""

from dataclasses import dataclass

from stctl.jsontypes import JsonObject, JsonValue
from stctl.sessions.answers import LegacyKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """The answer to the handshake of CDI below 2.21; times in milliseconds."""

    keys: LegacyKeys
    is_blacklisting_enabled: bool
    access_token_validity_ms: int
    refresh_token_validity_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """The published keys, newest first, dynamic ones before static ones."""

    document: JsonObject
    """The JWKS as it was answered."""
    max_age_s: int | None
    """How long it may be kept; None where the core does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigEntry:
    """One setting of a core as it publishes it (CDI 5.1 and newer)."""

    key: str
    value_type: str
    value: JsonValue
    default: JsonValue
    description: str
    differs_across_tenants: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestStats:
    """Requests a second, for each minute of the last day, the oldest first."""

    at_minute: int
    """The minute that the last value stands before, in minutes since the epoch."""
    averages: tuple[float, ...]
    """Minus one where the core has no data: it did not run yet, or did not count yet."""
    peaks: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsupportedAlgorithm:
    """The core does not sign with the algorithm that was asked for."""

    algorithm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownUser:
    """A user of the core, as it was answered; its members depend on the CDI version."""

    user: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownUser:
    """The core has no user of that id. Sessions may exist for it all the same."""

    user_id: str
