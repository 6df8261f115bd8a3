"""Apps and tenants: what may be asked of their ids and of what is configured for them.

Source: core, behaviour notes 7.7.
"""

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Final

from stctl.core.negotiation import V5_0, CdiVersion
from stctl.core.refusals import BadRequest
from stctl.jsontypes import JsonObject, JsonValue

_ID: Final = re.compile(r"[a-z0-9-]+")
_NEVER_TENANTS: Final = frozenset({"recipe", "config", "users", "hello"})
_APP_PREFIX: Final = "appid-"
_PASSWORDLESS: Final = ("otp-email", "otp-phone", "link-email", "link-phone")


def checked_tenant_id(text: str) -> str:
    """Return a tenant id as it is stored: trimmed and in lower case; 400 for a forbidden one."""
    tenant_id = _checked(text, "tenant")
    if tenant_id in _NEVER_TENANTS:
        raise BadRequest(f"'{tenant_id}' cannot be the id of a tenant")
    return tenant_id


def checked_app_id(text: str) -> str:
    """Return an app id as it is stored: trimmed and in lower case; 400 for a forbidden one."""
    return _checked(text, "app")


def _checked(text: str, what: str) -> str:
    one = text.strip().lower()
    if not _ID.fullmatch(one):
        raise BadRequest(f"The id of a {what} has letters, digits and hyphens only: '{text}'")
    if one.startswith(_APP_PREFIX):
        raise BadRequest(f"The id of a {what} cannot begin with '{_APP_PREFIX}'")
    return one


@dataclass(frozen=True, slots=True, kw_only=True)
class Enabled:
    """Which kinds of login the older forms of a tenant switch on.

    The newer forms know nothing of it: they make tenants with all three, and name first factors.
    """

    email_password: bool = True
    third_party: bool = True
    passwordless: bool = True


ALL_ENABLED: Final = Enabled()
NONE_ENABLED: Final = Enabled(email_password=False, third_party=False, passwordless=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantConfig:
    """What is configured for a tenant; factors that are None were never said, or taken back."""

    first_factors: tuple[str, ...] | None = None
    second_factors: tuple[str, ...] | None = None
    enabled: Enabled = ALL_ENABLED
    core_config: JsonObject

    @classmethod
    def read(cls, text: str) -> "TenantConfig":
        """Read what `text` wrote; an empty object is a tenant without any configuration."""
        stored: dict[str, Any] = json.loads(text)
        first, second = stored.get("firstFactors"), stored.get("requiredSecondaryFactors")
        return cls(
            first_factors=None if first is None else tuple(first),
            second_factors=None if second is None else tuple(second),
            enabled=Enabled(**stored.get("enabled", {})),
            core_config=stored.get("coreConfig", {}),
        )

    def text(self) -> str:
        """The configuration as it is stored."""
        enabled = {
            "email_password": self.enabled.email_password,
            "third_party": self.enabled.third_party,
            "passwordless": self.enabled.passwordless,
        }
        factors = _named(self.first_factors, self.second_factors)
        return json.dumps({**factors, "enabled": enabled, "coreConfig": dict(self.core_config)})

    def merged(self, given: JsonObject) -> "TenantConfig":
        """The configuration with settings added, replaced, or taken away where they are null."""
        everything = {**self.core_config, **given}
        kept = {name: value for name, value in everything.items() if value is not None}
        return replace(self, core_config=kept)

    def described(self, tenant_id: str) -> dict[str, JsonValue]:
        """The tenant as the newer endpoints (`/v2`) answer it."""
        first = self.first_factors
        if first is None and self.enabled != ALL_ENABLED:
            first = _factors_of(self.enabled)
        return {
            "tenantId": tenant_id,
            "thirdParty": {"providers": []},
            **_named(first, self.second_factors),
            "coreConfig": dict(self.core_config),
        }

    def described_as_before(self, tenant_id: str, version: CdiVersion) -> dict[str, JsonValue]:
        """The tenant as the older endpoints answer it, with factors from CDI 5.0 on."""
        shown = self._enabled_at(version)
        # An empty list of first factors has no place here: there all kinds of login are off.
        first = self.first_factors or None
        factors = _named(first, self.second_factors) if version >= V5_0 else {}
        return {
            "tenantId": tenant_id,
            "emailPassword": {"enabled": shown.email_password},
            "thirdParty": {"enabled": shown.third_party, "providers": []},
            "passwordless": {"enabled": shown.passwordless},
            **factors,
            "coreConfig": dict(self.core_config),
        }

    def _enabled_at(self, version: CdiVersion) -> Enabled:
        first, on = self.first_factors, self.enabled
        if first is None:
            return on
        if not first:
            return NONE_ENABLED
        if version >= V5_0:
            return on
        # Who knows no factors is told of logins instead.
        return Enabled(
            email_password=on.email_password and "emailpassword" in first,
            third_party=on.third_party and "thirdparty" in first,
            passwordless=on.passwordless and not set(_PASSWORDLESS).isdisjoint(first),
        )

    def refuse_disabled_factors(self) -> None:
        """Raise `BadRequest` for a factor whose kind of login is switched off."""
        off = set(_factors_of(ALL_ENABLED)).difference(_factors_of(self.enabled))
        for factor in (*(self.first_factors or ()), *(self.second_factors or ())):
            if factor in off:
                raise BadRequest(f"The factor '{factor}' needs a login that is switched off")


def _factors_of(enabled: Enabled) -> tuple[str, ...]:
    named = (
        (enabled.email_password, ("emailpassword",)),
        (enabled.third_party, ("thirdparty",)),
        (enabled.passwordless, _PASSWORDLESS),
    )
    return tuple(factor for on, factors in named if on for factor in factors)


def _named(first: tuple[str, ...] | None, second: tuple[str, ...] | None) -> dict[str, JsonValue]:
    named = (("firstFactors", first), ("requiredSecondaryFactors", second))
    return {name: [*factors] for name, factors in named if factors is not None}
