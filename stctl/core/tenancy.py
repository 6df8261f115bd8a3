"""Tenants of an app: what may be asked of their configuration, and where it is kept.

Source: core, behaviour notes 7.7 and section 5 (the scope of settings).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from stctl.core.refusals import BadRequest
from stctl.core.settings.readers import SettingValue
from stctl.core.settings.table import BY_NAME
from stctl.jsontypes import JsonObject, JsonValue

_ID: Final = re.compile(r"[a-z0-9-]+")
_NEVER_TENANTS: Final = frozenset({"recipe", "config", "users", "hello"})
_APP_PREFIX: Final = "appid-"
_KEPT_WITHOUT_EFFECT: Final = frozenset(
    {
        "email_verification_token_lifetime",
        "password_reset_token_lifetime",
        "passwordless_code_lifetime",
        "passwordless_max_code_input_attempts",
    }
)
"""Settings of a tenant that concern other things than sessions."""


def checked_tenant_id(text: str) -> str:
    """Return a tenant id as it is stored: trimmed and in lower case; 400 for a forbidden one."""
    tenant_id = text.strip().lower()
    if not _ID.fullmatch(tenant_id):
        raise BadRequest(f"A tenant id has letters, digits and hyphens only, unlike '{text}'")
    if tenant_id in _NEVER_TENANTS or tenant_id.startswith(_APP_PREFIX):
        raise BadRequest(f"'{tenant_id}' cannot be the id of a tenant")
    return tenant_id


def checked_core_config(given: JsonObject) -> JsonObject:
    """Return settings that a tenant may have for itself; 400 names the one that it may not.

    A null takes a setting away.
    """
    for name, value in given.items():
        row = BY_NAME.get(name)
        if row is None and name not in _KEPT_WITHOUT_EFFECT:
            raise BadRequest(f"There is no setting '{name}' for a tenant")
        if row is not None and row.scope != "tenant":
            raise BadRequest(f"The setting '{name}' is the same for all tenants of an app")
        if row is not None and value is not None:
            read_setting(name, value)
    return given


def read_setting(name: str, value: JsonValue) -> SettingValue:
    """Return the value of a setting of a tenant; 400 when it is out of bounds."""
    row = BY_NAME[name]
    try:
        return row.read(value if isinstance(value, str) else json.dumps(value))
    except ValueError:
        raise BadRequest(f"The setting '{name}' must be {row.bounds}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantConfig:
    """What is configured for a tenant; factors that are None were never said, or taken back."""

    first_factors: tuple[str, ...] | None = None
    second_factors: tuple[str, ...] | None = None
    core_config: JsonObject

    @classmethod
    def new(cls) -> "TenantConfig":
        """The configuration of a tenant that was made with nothing but its id."""
        return cls(first_factors=(), core_config={})

    @classmethod
    def read(cls, text: str) -> "TenantConfig":
        """Read what `text` wrote; an empty object is a tenant without any configuration."""
        stored: dict[str, Any] = json.loads(text)
        first, second = stored.get("firstFactors"), stored.get("requiredSecondaryFactors")
        return cls(
            first_factors=None if first is None else tuple(first),
            second_factors=None if second is None else tuple(second),
            core_config=stored.get("coreConfig", {}),
        )

    def text(self) -> str:
        """The configuration as it is stored."""
        return json.dumps({**self.factors(), "coreConfig": dict(self.core_config)})

    def factors(self) -> dict[str, JsonValue]:
        """The factors that are set, by the names that a core gives them."""
        named = (
            ("firstFactors", self.first_factors),
            ("requiredSecondaryFactors", self.second_factors),
        )
        return {name: [*factors] for name, factors in named if factors is not None}

    def merged(self, given: JsonObject) -> "TenantConfig":
        """The configuration with settings added, replaced, or taken away where they are null."""
        everything = {**self.core_config, **given}
        kept = {name: value for name, value in everything.items() if value is not None}
        return replace(self, core_config=kept)

    def described(self, tenant_id: str) -> dict[str, JsonValue]:
        """The tenant as endpoints answer it."""
        return {
            "tenantId": tenant_id,
            "thirdParty": {"providers": []},
            **self.factors(),
            "coreConfig": dict(self.core_config),
        }


def own_settings(config: TenantConfig) -> Mapping[str, SettingValue]:
    """Settings of the embedded core that the tenant has for itself."""
    return {
        name: read_setting(name, value)
        for name, value in config.core_config.items()
        if name in BY_NAME
    }
