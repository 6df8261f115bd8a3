"""Roles of an app and what they permit. Source: core, behaviour notes 7.5."""

from stctl.core.call import Call
from stctl.core.endpoints import parameters
from stctl.core.pages import json_answer, ok
from stctl.core.routing import Endpoint
from stctl.core.store import roles
from stctl.exchange import Response


def unknown_role() -> Response:
    """Return the answer for a role that the app does not have."""
    return json_answer({"status": "UNKNOWN_ROLE_ERROR"})


def put_role(call: Call) -> Response:
    """Make a role, or add permissions to one."""
    fields = call.fields()
    role = parameters.name(fields, "role")
    permissions = parameters.names(fields, "permissions") or []
    call.public_tenant_only()
    app = call.app()
    with app.database.transaction() as sql:
        created = roles.add(sql, app.app_id, role, permissions)
    return ok(createdNewRole=created)


def post_remove(call: Call) -> Response:
    """Remove a role, from everybody who has it too."""
    role = parameters.name(call.fields(), "role")
    call.public_tenant_only()
    app = call.app()
    return ok(didRoleExist=roles.remove(app.database.write, app.app_id, role))


def get_roles(call: Call) -> Response:
    """List the roles of the app."""
    call.public_tenant_only()
    app = call.app()
    return ok(roles=[*roles.every(app.database.read, app.app_id)])


def get_permissions(call: Call) -> Response:
    """List what a role permits."""
    role = parameters.query_name(call, "role")
    call.public_tenant_only()
    app = call.app()
    if not roles.exists(app.database.read, app.app_id, role):
        return unknown_role()
    return ok(permissions=[*roles.permissions(app.database.read, app.app_id, role)])


def post_remove_permissions(call: Call) -> Response:
    """Take permissions from a role; all of them when none are named."""
    fields = call.fields()
    role = parameters.name(fields, "role")
    taken = parameters.names(fields, "permissions")
    call.public_tenant_only()
    app = call.app()
    with app.database.transaction() as sql:
        if not roles.exists(sql, app.app_id, role):
            return unknown_role()
        roles.take_permissions(sql, app.app_id, role, taken)
    return ok()


def get_roles_of_permission(call: Call) -> Response:
    """List the roles that permit something."""
    permission = parameters.query_name(call, "permission")
    call.public_tenant_only()
    app = call.app()
    return ok(roles=[*roles.with_permission(app.database.read, app.app_id, permission)])


ENDPOINTS = (
    Endpoint(path="/recipe/role", methods={"PUT": put_role}),
    Endpoint(path="/recipe/role/remove", methods={"POST": post_remove}),
    Endpoint(path="/recipe/roles", methods={"GET": get_roles}),
    Endpoint(path="/recipe/role/permissions", methods={"GET": get_permissions}),
    Endpoint(path="/recipe/role/permissions/remove", methods={"POST": post_remove_permissions}),
    Endpoint(path="/recipe/permission/roles", methods={"GET": get_roles_of_permission}),
)
