"""Tenants of an app: make, configure, look at, list, remove; in the newer and the older form.

Source: core, behaviour notes 7.7.
"""

from collections.abc import Callable

from stctl.core import tenant_changes
from stctl.core.call import Call
from stctl.core.endpoints.shapes import Members
from stctl.core.fields import Fields
from stctl.core.negotiation import CdiVersion
from stctl.core.pages import json_answer, ok
from stctl.core.refusals import Forbidden
from stctl.core.routing import Endpoint
from stctl.core.store import tenants
from stctl.core.store.accounts import Place
from stctl.core.store.tenants import TenantRow
from stctl.core.tenancy import TenantConfig, checked_tenant_id
from stctl.exchange import Response
from stctl.sessions.handle import PUBLIC_TENANT


def described(row: TenantRow, version: CdiVersion) -> Members:  # noqa: ARG001 - one of two forms
    """Return a tenant in the newer form."""
    return TenantConfig.read(row.config).described(row.tenant_id)


def described_as_before(row: TenantRow, version: CdiVersion) -> Members:
    """Return a tenant in the older form."""
    return TenantConfig.read(row.config).described_as_before(row.tenant_id, version)


Form = Callable[[TenantRow, CdiVersion], Members]


def _get(call: Call, form: Form) -> Response:
    """Describe the tenant of the path; one that is not there is an answer too."""
    row = tenants.find(call.parts.database.read, call.app_id, call.tenant_id)
    if row is None:
        return json_answer({"status": "TENANT_NOT_FOUND_ERROR"})
    return ok(**form(row, call.version))


def get_tenant(call: Call) -> Response:
    """Describe the tenant of the path in the newer form."""
    return _get(call, described)


def get_tenant_as_before(call: Call) -> Response:
    """Describe the tenant of the path in the older form."""
    return _get(call, described_as_before)


def _list(call: Call, form: Form) -> Response:
    app = call.tenant_app()
    if call.tenant_id != PUBLIC_TENANT:
        raise Forbidden("Only the public tenant may list the tenants of its app")
    rows = tenants.of_app(app.database.read, app.app_id)
    return ok(tenants=[form(row, call.version) for row in rows])


def list_tenants(call: Call) -> Response:
    """Describe every tenant of the app, oldest first, in the newer form."""
    return _list(call, described)


def list_tenants_as_before(call: Call) -> Response:
    """Describe every tenant of the app, oldest first, in the older form."""
    return _list(call, described_as_before)


def _target(call: Call, fields: Fields) -> str:
    """Return the tenant that the body names, or that of the path."""
    given = fields.optional_string("tenantId")
    return call.tenant_id if given is None else checked_tenant_id(given)


def put_tenant(call: Call) -> Response:
    """Make a tenant, or change what is configured for it."""
    fields = call.fields()
    tenant_id = _target(call, fields)
    change = tenant_changes.read_change(fields)
    return ok(createdNew=tenant_changes.put(call, Place(call.app_id, tenant_id), change))


def put_tenant_as_before(call: Call) -> Response:
    """Make a tenant, or change it, with logins switched on one by one."""
    fields = call.fields()
    tenant_id = _target(call, fields)
    change = tenant_changes.read_old_change(call, fields)
    return ok(createdNew=tenant_changes.put(call, Place(call.app_id, tenant_id), change))


def remove_tenant(call: Call) -> Response:
    """Remove a tenant with all its sessions; the public one stays as long as its app.

    Users stay, and may be put into another tenant.
    """
    tenant_id = checked_tenant_id(call.fields().string("tenantId"))
    app = call.tenant_app()
    if call.tenant_id != PUBLIC_TENANT:
        raise Forbidden("Only the public tenant may remove a tenant")
    if tenant_id == PUBLIC_TENANT:
        raise Forbidden("The public tenant cannot be removed")
    with app.database.transaction() as sql:
        existed = tenants.remove(sql, app.app_id, tenant_id)
    app.directory.forget()
    return ok(didExist=existed)


_PATH = "/recipe/multitenancy/tenant"
ENDPOINTS = (
    Endpoint(path=f"{_PATH}/v2", methods={"GET": get_tenant, "PUT": put_tenant}),
    Endpoint(path=_PATH, methods={"GET": get_tenant_as_before, "PUT": put_tenant_as_before}),
    Endpoint(path=f"{_PATH}/list/v2", methods={"GET": list_tenants}),
    Endpoint(path=f"{_PATH}/list", methods={"GET": list_tenants_as_before}),
    Endpoint(path=f"{_PATH}/remove", methods={"POST": remove_tenant}),
)
