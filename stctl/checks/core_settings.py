"""The settings that a core works with, as far as it tells them.

Source: core, behaviour notes 7.7 (core-config), 2.11 (the old handshake) and 4.4.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from stctl.cdi.answers import ConfigEntry
from stctl.cdi.client import CdiClient
from stctl.cdi.versions import is_at_least
from stctl.checks.keyset import read_situation
from stctl.errors import ErrorKind, StctlError
from stctl.jsontypes import JsonValue

Source = Literal["core-config", "handshake", "key set"]
_PUBLISHES_SINCE = "5.1"
_LAST_HANDSHAKE = "2.20"
_NOT_THERE = frozenset({ErrorKind.CORE_NOT_FOUND, ErrorKind.CORE_VERSION, ErrorKind.CORE_REFUSED})
NEVER_TOLD: Sequence[str] = (
    "recent_token_reuse_behaviour",
    "max_server_pool_size",
    "api_keys",
    "supertokens_min_cdi_version",
    "supertokens_max_cdi_version",
    "base_path",
)
"""Settings that matter to sessions and that no call tells."""
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveSetting:
    """One setting as the core has it."""

    name: str
    value: JsonValue
    default: JsonValue
    """None where it is not known."""
    source: Source
    meaning: str = ""

    @property
    def is_changed(self) -> bool | None:
        """Whether it differs from its default; None where that is not known."""
        if self.source != "core-config":
            return None
        return _plain(self.value) != _plain(self.default)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreConfig:
    """What a core tells of its settings."""

    settings: Sequence[EffectiveSetting]
    refusal: str | None
    """Why the core does not publish its settings; None where it does."""

    def value(self, name: str) -> JsonValue:
        """The value of a setting; None where it is not known."""
        return next((one.value for one in self.settings if one.name == name), None)


def read_core_config(client: CdiClient, now_ms: int) -> CoreConfig:
    """Read every setting that the core publishes, else what its other answers give away.

    Raises the errors of a core that cannot be asked at all.
    """
    try:
        entries = _publishing(client).core_config()
    except StctlError as error:
        if error.kind not in _NOT_THERE:
            raise
        return CoreConfig(settings=[*_given_away(client, now_ms)], refusal=error.detail)
    return CoreConfig(settings=[_published(one) for one in entries], refusal=None)


def _publishing(client: CdiClient) -> CdiClient:
    """The client itself where it speaks a version that has the call, else one that does."""
    if client.speaks(_PUBLISHES_SINCE):
        return client
    able = [one for one in client.api_versions() if is_at_least(one, _PUBLISHES_SINCE)]
    return client.speaking(_PUBLISHES_SINCE) if _PUBLISHES_SINCE in able else client


def _published(entry: ConfigEntry) -> EffectiveSetting:
    return EffectiveSetting(
        name=entry.key,
        value=entry.value,
        default=entry.default,
        source="core-config",
        meaning=entry.description,
    )


def _given_away(client: CdiClient, now_ms: int) -> Iterator[EffectiveSetting]:
    has_handshake = _LAST_HANDSHAKE in client.api_versions()
    old = _or_none(client.speaking(_LAST_HANDSHAKE).handshake) if has_handshake else None
    if old is not None:
        yield _derived("access_token_validity", old.access_token_validity_ms / 1000, "handshake")
        minutes = old.refresh_token_validity_ms / 60_000
        yield _derived("refresh_token_validity", minutes, "handshake")
        yield _derived("access_token_blacklisting", old.is_blacklisting_enabled, "handshake")
    keys = _or_none(client.jwks)
    if keys is not None:
        interval_ms = read_situation(keys.document, keys.max_age_s, now_ms).interval_ms
        if interval_ms is not None:
            name = "access_token_dynamic_signing_key_update_interval"
            yield _derived(name, interval_ms / 3_600_000, "key set")


def _derived(name: str, value: float | bool, source: Source) -> EffectiveSetting:
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return EffectiveSetting(name=name, value=whole, default=None, source=source)


def _or_none(ask: Callable[[], _Answer]) -> _Answer | None:
    try:
        return ask()
    except StctlError as error:
        if error.kind not in _NOT_THERE:
            raise
        return None


def _plain(value: JsonValue) -> str:
    """A value as text, so that `3600` and `"3600"` and `3600.0` are one."""
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return str(float(str(value)))
    except ValueError:
        return str(value).lower()
