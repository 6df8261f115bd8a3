"""Apps of a core: make, configure, list, remove. Each has keys, users and sessions of its own.

Source: core, behaviour notes 7.7.
"""

from stctl.core import tenant_changes
from stctl.core.call import Call
from stctl.core.endpoints.shapes import Members
from stctl.core.endpoints.tenants import Form, described, described_as_before
from stctl.core.pages import ok
from stctl.core.refusals import Forbidden
from stctl.core.routing import Endpoint
from stctl.core.store import tenants
from stctl.core.store.accounts import Place
from stctl.core.tenancy import checked_app_id
from stctl.exchange import Response
from stctl.jsontypes import JsonValue
from stctl.sessions.handle import PUBLIC_APP, PUBLIC_TENANT


def _put(call: Call, *, old_form: bool) -> Response:
    fields = call.fields()
    given = fields.optional_string("appId")
    app_id = PUBLIC_APP if given is None else checked_app_id(given)
    read = tenant_changes.read_change
    change = tenant_changes.read_old_change(call, fields) if old_form else read(fields)
    return ok(createdNew=tenant_changes.put(call, Place(app_id, PUBLIC_TENANT), change))


def put_app(call: Call) -> Response:
    """Make an app, or change what is configured for it."""
    return _put(call, old_form=False)


def put_app_as_before(call: Call) -> Response:
    """Make an app, or change it, with logins switched on one by one."""
    return _put(call, old_form=True)


def _public_only(call: Call) -> None:
    if (call.app_id, call.tenant_id) != (PUBLIC_APP, PUBLIC_TENANT):
        raise Forbidden("Only the public tenant of the public app may list or remove apps")


def _list(call: Call, form: Form) -> Response:
    call.tenant_app()
    _public_only(call)
    sql = call.parts.database.read
    listed: list[JsonValue] = []
    for app_id in tenants.apps(sql):
        rows = [form(row, call.version) for row in tenants.of_app(sql, app_id)]
        app: Members = {"appId": app_id, "tenants": [*rows]}
        listed.append(app)
    return ok(apps=listed)


def list_apps(call: Call) -> Response:
    """Describe every app with its tenants, oldest first, in the newer form."""
    return _list(call, described)


def list_apps_as_before(call: Call) -> Response:
    """Describe every app with its tenants, oldest first, in the older form."""
    return _list(call, described_as_before)


def remove_app(call: Call) -> Response:
    """Remove an app with everything in it; it may have no tenant left but the public one."""
    app_id = checked_app_id(call.fields().string("appId"))
    app = call.tenant_app()
    _public_only(call)
    if app_id == PUBLIC_APP:
        raise Forbidden("The public app cannot be removed")
    with app.database.transaction() as sql:
        if len(tenants.of_app(sql, app_id)) > 1:
            raise Forbidden("Remove the tenants of the app first, all but the public one")
        existed = tenants.remove_app(sql, app_id)
    app.directory.forget()
    app.activity.forget(app_id)
    app.identities.forget(app_id)
    call.parts.apps.forget(app_id)
    call.parts.statistics.forget(app_id)
    return ok(didExist=existed)


_PATH = "/recipe/multitenancy/app"
ENDPOINTS = (
    Endpoint(path=f"{_PATH}/v2", methods={"PUT": put_app}),
    Endpoint(path=_PATH, methods={"PUT": put_app_as_before}),
    Endpoint(path=f"{_PATH}/list/v2", methods={"GET": list_apps}),
    Endpoint(path=f"{_PATH}/list", methods={"GET": list_apps_as_before}),
    Endpoint(path=f"{_PATH}/remove", methods={"POST": remove_app}),
)
