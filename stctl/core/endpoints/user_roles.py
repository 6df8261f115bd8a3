"""Who has which role, in a tenant. Source: core, behaviour notes 7.5."""

from stctl.core.call import Call
from stctl.core.endpoints import parameters
from stctl.core.endpoints.roles import unknown_role
from stctl.core.pages import ok
from stctl.core.routing import Endpoint
from stctl.core.store import roles
from stctl.exchange import Response


def get_roles_of_user(call: Call) -> Response:
    """List the roles of a user; a user need not exist."""
    user_id = parameters.query_name(call, "userId")
    app = call.tenant_app()
    return ok(roles=[*roles.of_user(app.database.read, app.app_id, call.tenant_id, user_id)])


def put_role(call: Call) -> Response:
    """Give a user a role."""
    fields = call.fields()
    user_id, role = parameters.name(fields, "userId"), parameters.name(fields, "role")
    app = call.tenant_app()
    with app.database.transaction() as sql:
        if not roles.exists(sql, app.app_id, role):
            return unknown_role()
        given = roles.give(sql, (app.app_id, call.tenant_id), user_id, role)
    return ok(didUserAlreadyHaveRole=not given)


def post_remove(call: Call) -> Response:
    """Take a role from a user."""
    fields = call.fields()
    user_id, role = parameters.name(fields, "userId"), parameters.name(fields, "role")
    app = call.tenant_app()
    with app.database.transaction() as sql:
        if not roles.exists(sql, app.app_id, role):
            return unknown_role()
        taken = roles.take(sql, (app.app_id, call.tenant_id), user_id, role)
    return ok(didUserHaveRole=taken)


def get_users(call: Call) -> Response:
    """List the users that have a role."""
    role = parameters.query_name(call, "role")
    app = call.tenant_app()
    if not roles.exists(app.database.read, app.app_id, role):
        return unknown_role()
    return ok(users=[*roles.users(app.database.read, app.app_id, call.tenant_id, role)])


ENDPOINTS = (
    Endpoint(path="/recipe/user/roles", methods={"GET": get_roles_of_user}),
    Endpoint(path="/recipe/user/role", methods={"PUT": put_role}),
    Endpoint(path="/recipe/user/role/remove", methods={"POST": post_remove}),
    Endpoint(path="/recipe/role/users", methods={"GET": get_users}),
)
