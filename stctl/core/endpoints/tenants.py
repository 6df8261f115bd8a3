"""Tenants of an app: make, configure, look at, list, remove.

Source: core, behaviour notes 7.7.
"""

from dataclasses import replace

from stctl.core.call import Call
from stctl.core.fields import Fields
from stctl.core.pages import json_answer, ok
from stctl.core.refusals import FeatureMissing, Forbidden
from stctl.core.routing import Endpoint
from stctl.core.store import tenants
from stctl.core.store.tenants import TenantRow
from stctl.core.tenancy import TenantConfig, checked_core_config, checked_tenant_id
from stctl.exchange import Response
from stctl.sessions.handle import PUBLIC_TENANT


def get_tenant(call: Call) -> Response:
    """Describe the tenant of the path; one that is not there is an answer too."""
    app = call.app()
    row = tenants.find(app.database.read, app.app_id, call.tenant_id)
    if row is None:
        return json_answer({"status": "TENANT_NOT_FOUND_ERROR"})
    return ok(**TenantConfig.read(row.config).described(row.tenant_id))


def list_tenants(call: Call) -> Response:
    """Describe every tenant of the app, oldest first."""
    app = call.tenant_app()
    if call.tenant_id != PUBLIC_TENANT:
        raise Forbidden("Only the public tenant may list the tenants of its app")
    rows = tenants.of_app(app.database.read, app.app_id)
    return ok(tenants=[TenantConfig.read(row.config).described(row.tenant_id) for row in rows])


def put_tenant(call: Call) -> Response:
    """Make a tenant, or change what is configured for it."""
    fields = call.fields()
    tenant_id = checked_tenant_id(fields.optional_string("tenantId") or call.tenant_id)
    core_config = checked_core_config(fields.optional_object("coreConfig") or {})
    app = call.tenant_app()
    if call.tenant_id not in {PUBLIC_TENANT, tenant_id}:
        raise Forbidden("Only the public tenant may change another tenant")
    if tenant_id != PUBLIC_TENANT and not app.settings.paid_features:
        raise FeatureMissing("multi_tenancy")
    with app.database.transaction() as sql:
        created = tenants.create(sql, app.app_id, tenant_id, app.clock.now_ms())
        before = None if created else tenants.find(sql, app.app_id, tenant_id)
        config = TenantConfig.read(before.config) if before else TenantConfig.new()
        text = _with_factors(config, fields).merged(core_config).text()
        tenants.configure(sql, TenantRow(app_id=app.app_id, tenant_id=tenant_id, config=text))
    app.directory.forget()
    return ok(createdNew=created)


def _with_factors(config: TenantConfig, fields: Fields) -> TenantConfig:
    """Take the factors that the body names; a null takes them back, absent ones stay."""
    if fields.present("firstFactors"):
        config = replace(config, first_factors=_factors(fields, "firstFactors"))
    if fields.present("requiredSecondaryFactors"):
        config = replace(config, second_factors=_factors(fields, "requiredSecondaryFactors"))
    return config


def _factors(fields: Fields, name: str) -> tuple[str, ...] | None:
    return None if fields.is_null(name) else tuple(fields.strings(name))


def remove_tenant(call: Call) -> Response:
    """Remove a tenant with all its sessions; the public one stays as long as its app."""
    tenant_id = call.fields().string("tenantId").strip().lower()
    app = call.tenant_app()
    if call.tenant_id != PUBLIC_TENANT:
        raise Forbidden("Only the public tenant may remove a tenant")
    if tenant_id == PUBLIC_TENANT:
        raise Forbidden("The public tenant cannot be removed")
    with app.database.transaction() as sql:
        existed = tenants.remove(sql, app.app_id, tenant_id)
    app.directory.forget()
    return ok(didExist=existed)


ENDPOINTS = (
    Endpoint(path="/recipe/multitenancy/tenant/v2", methods={"GET": get_tenant, "PUT": put_tenant}),
    Endpoint(path="/recipe/multitenancy/tenant/list/v2", methods={"GET": list_tenants}),
    Endpoint(path="/recipe/multitenancy/tenant/remove", methods={"POST": remove_tenant}),
)
