"""Sessions of a user, and their end. Source: core, behaviour notes 2.5 and 2.6."""

from stctl.core.app import App
from stctl.core.call import Call
from stctl.core.engine.remove import WhoseSessions, live_handles, remove_handles, remove_of_user
from stctl.core.fields import Fields
from stctl.core.pages import ok
from stctl.core.refusals import BadRequest
from stctl.core.routing import Endpoint
from stctl.exchange import Response

_ONLY_WITH_USER = ("revokeAcrossAllTenants", "revokeSessionsForLinkedAccounts")


def get_of_user(call: Call) -> Response:
    """List the live sessions of a user."""
    user_id = call.query("userId")
    across = call.query_flag("fetchAcrossAllTenants", default=True)
    linked = call.query_flag("fetchSessionsForAllLinkedAccounts", default=True)
    app = _app(call, across=across)
    whose = _whose(call, user_id, across=across, linked=linked)
    return ok(sessionHandles=[*live_handles(app, whose)])


def _app(call: Call, *, across: bool) -> App:
    if not across:
        return call.tenant_app()
    call.public_tenant_only()
    return call.app()


def _whose(call: Call, user_id: str, *, across: bool, linked: bool) -> WhoseSessions:
    return WhoseSessions(
        user_id=user_id,
        tenant_id=None if across else call.tenant_id,
        linked_accounts=linked,
    )


def post_remove(call: Call) -> Response:
    """Revoke the sessions of a user, or sessions by their handles."""
    fields = call.fields()
    user_id = fields.optional_string("userId")
    handles = fields.optional_strings("sessionHandles")
    if user_id is not None and handles is None:
        return _remove_of_user(call, fields, user_id)
    if user_id is not None or handles is None:
        raise BadRequest("Give either userId or sessionHandles, and not both")
    for name in _ONLY_WITH_USER:
        if fields.optional_boolean(name) is not None:
            raise BadRequest(f"{name} goes only with userId")
    return ok(sessionHandlesRevoked=[*remove_handles(call.app(), handles)])


def _remove_of_user(call: Call, fields: Fields, user_id: str) -> Response:
    across, linked = (fields.optional_boolean(name) is not False for name in _ONLY_WITH_USER)
    app = _app(call, across=across)
    whose = _whose(call, user_id, across=across, linked=linked)
    return ok(sessionHandlesRevoked=[*remove_of_user(app, whose, call.tenant_id)])


ENDPOINTS = (
    Endpoint(path="/recipe/session/user", methods={"GET": get_of_user}),
    Endpoint(path="/recipe/session/remove", methods={"POST": post_remove}),
)
