"""Makes apps and tenants, and changes what is configured for them.

The order of refusals is a core's: what the body says, then the licence (402), then who may (403),
then the settings (400). Source: core, behaviour notes 7.7.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

from stctl.core.call import Call
from stctl.core.fields import Fields
from stctl.core.negotiation import V5_0
from stctl.core.own_settings import check_app, check_tenant
from stctl.core.refusals import BadRequest, FeatureMissing, Forbidden
from stctl.core.settings import CoreSettings
from stctl.core.store import Sql, tenants
from stctl.core.store.accounts import Place
from stctl.core.store.tenants import TenantRow
from stctl.core.tenancy import NONE_ENABLED, TenantConfig
from stctl.jsontypes import JsonObject
from stctl.sessions.handle import PUBLIC_APP, PUBLIC_TENANT

_OLD_FIELDS = {
    "emailPasswordEnabled": "email_password",
    "thirdPartyEnabled": "third_party",
    "passwordlessEnabled": "passwordless",
}
Factors: TypeAlias = dict[str, tuple[str, ...] | None]
"""Factors by the name of their field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantChange:
    """What a body wants of a tenant; what it does not name stays as it is."""

    core_config: JsonObject
    factors: Factors
    """Those that are named; None takes them back."""
    enabled: dict[str, bool]
    """Which logins the older forms switch on or off."""
    old_form: bool
    checks_factors: bool = False
    """Whether factors are held against the logins that are switched on."""

    def applied(self, config: TenantConfig) -> TenantConfig:
        """Return the configuration with the change in it."""
        changed = replace(
            config.merged(self.core_config),
            enabled=replace(config.enabled, **self.enabled),
            first_factors=self.factors.get("firstFactors", config.first_factors),
            second_factors=self.factors.get("requiredSecondaryFactors", config.second_factors),
        )
        if self.checks_factors:
            changed.refuse_disabled_factors()
        return changed

    def start(self, tenant_id: str) -> TenantConfig:
        """Return what a new tenant begins with; the public one of an app has everything on."""
        if tenant_id == PUBLIC_TENANT:
            return TenantConfig(core_config={})
        if self.old_form:
            return TenantConfig(enabled=NONE_ENABLED, core_config={})
        return TenantConfig(first_factors=(), core_config={})


def read_change(fields: Fields) -> TenantChange:
    """Read a body of the newer form (`/v2`)."""
    for name in _OLD_FIELDS:
        if fields.present(name):
            raise BadRequest(f"{name} belongs to the older form of this call")
    core_config = fields.optional_object("coreConfig") or {}
    factors = _factors(fields, empty_first=True)
    return TenantChange(core_config=core_config, factors=factors, enabled={}, old_form=False)


def read_old_change(call: Call, fields: Fields) -> TenantChange:
    """Read a body of the older form, which knows factors from CDI 5.0 on."""
    given = {part: fields.optional_boolean(name) for name, part in _OLD_FIELDS.items()}
    knows_factors = call.version >= V5_0
    return TenantChange(
        enabled={part: value for part, value in given.items() if value is not None},
        core_config=fields.optional_object("coreConfig") or {},
        factors=_factors(fields, empty_first=False) if knows_factors else {},
        old_form=True,
        checks_factors=knows_factors,
    )


def _factors(fields: Fields, *, empty_first: bool) -> Factors:
    named: Factors = {}
    for name, may_be_empty in (("firstFactors", empty_first), ("requiredSecondaryFactors", False)):
        if fields.present(name):
            factors = None if fields.is_null(name) else tuple(fields.strings(name))
            if factors is not None and len(set(factors)) != len(factors):
                raise BadRequest(f"{name} names a factor twice")
            if factors == () and not may_be_empty:
                raise BadRequest(f"{name} cannot be empty; a null takes the factors back")
            named[name] = factors
    return named


def put(call: Call, target: Place, change: TenantChange) -> bool:
    """Make the tenant, with its app if need be, or change it; True when it is new."""
    call.tenant_app()
    _refuse_unlicensed(call, target)
    _refuse_strangers(Place(call.app_id, call.tenant_id), target)
    is_base = target == Place(PUBLIC_APP, PUBLIC_TENANT)
    if is_base and change.core_config:
        raise BadRequest("The settings of the public app are those that the core started with")
    parts = call.parts
    # Asked before the transaction: within it nobody else may read from memory.
    app_settings = parts.directory.settings(target.app_id, PUBLIC_TENANT)
    now_ms = parts.clock.now_ms()
    with parts.database.transaction() as sql:
        before = tenants.find(sql, target.app_id, target.tenant_id)
        start = TenantConfig.read(before.config) if before else change.start(target.tenant_id)
        config = change.applied(start)
        _check_settings(sql, target, config, parts.directory.core_settings(), app_settings)
        tenants.create(sql, target.app_id, target.tenant_id, now_ms)
        row = TenantRow(app_id=target.app_id, tenant_id=target.tenant_id, config=config.text())
        tenants.configure(sql, row)
    parts.directory.forget()
    return before is None


def _refuse_unlicensed(call: Call, target: Place) -> None:
    licensed = call.parts.settings.paid_features
    if target != Place(PUBLIC_APP, PUBLIC_TENANT) and not licensed:
        raise FeatureMissing("multi_tenancy")


def _refuse_strangers(source: Place, target: Place) -> None:
    if target.tenant_id != PUBLIC_TENANT:
        if source.tenant_id not in {PUBLIC_TENANT, target.tenant_id}:
            raise Forbidden("Only the public tenant may change another tenant")
    elif target.app_id != PUBLIC_APP:
        from_its_place = source.tenant_id == PUBLIC_TENANT
        if not from_its_place or source.app_id not in {PUBLIC_APP, target.app_id}:
            raise Forbidden("Only the public app, or the app itself, may make or change an app")


def _check_settings(
    sql: Sql, target: Place, config: TenantConfig, core: CoreSettings, app: CoreSettings
) -> None:
    rows = tenants.of_app(sql, target.app_id)
    configs = {row.tenant_id: TenantConfig.read(row.config).core_config for row in rows}
    app_config = configs.pop(PUBLIC_TENANT, {})
    if target.tenant_id == PUBLIC_TENANT:
        check_app(config.core_config, core, configs.values())
    else:
        check_tenant(config.core_config, app, app_config)
