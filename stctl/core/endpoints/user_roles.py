"""Who has which role, in a tenant. Source: core, behaviour notes 7.5."""

from collections.abc import Callable
from typing import TypeAlias

from stctl.core.call import Call
from stctl.core.endpoints import parameters
from stctl.core.endpoints.roles import unknown_role
from stctl.core.pages import ok
from stctl.core.routing import Endpoint
from stctl.core.store import roles
from stctl.core.store.database import Sql
from stctl.exchange import Response

_Change: TypeAlias = Callable[[Sql, tuple[str, str], str, str], bool]


def get_roles_of_user(call: Call) -> Response:
    """List the roles of a user; a user need not exist."""
    user_id = parameters.query_name(call, "userId")
    app = call.tenant_app()
    return ok(roles=[*roles.of_user(app.database.read, app.app_id, call.tenant_id, user_id)])


def put_role(call: Call) -> Response:
    """Give a user a role."""
    given = _change(call, roles.give)
    return unknown_role() if given is None else ok(didUserAlreadyHaveRole=not given)


def post_remove(call: Call) -> Response:
    """Take a role from a user."""
    taken = _change(call, roles.take)
    return unknown_role() if taken is None else ok(didUserHaveRole=taken)


def _change(call: Call, change: _Change) -> bool | None:
    """Whether a change of a user's role changed anything; None for a role that there is not."""
    fields = call.fields()
    user_id, role = parameters.name(fields, "userId"), parameters.name(fields, "role")
    app = call.tenant_app()
    with app.database.transaction() as sql:
        if not roles.exists(sql, app.app_id, role):
            return None
        return change(sql, (app.app_id, call.tenant_id), user_id, role)


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
