"""`/recipe/session`: create a session, and look one up. Source: core, behaviour notes 2.1, 2.2."""

from stctl.core.call import Call
from stctl.core.endpoints.shapes import (
    Members,
    key_members,
    new_tokens,
    token_version,
    unauthorised,
)
from stctl.core.engine.create import CreateOrder, create
from stctl.core.engine.rows import live_session
from stctl.core.fields import Fields
from stctl.core.negotiation import V2_21, V3_0, V4_0, V5_6
from stctl.core.pages import json_answer
from stctl.core.routing import Endpoint
from stctl.exchange import Response


def post_session(call: Call) -> Response:
    """Create a session."""
    fields = call.fields()
    user_id = fields.string("userId")
    enable_anti_csrf = fields.boolean("enableAntiCsrf")
    payload = fields.object("userDataInJWT")
    data = fields.object("userDataInDatabase")
    validity_ms = fields.optional_long("accessTokenValidity") if call.version >= V5_6 else None
    app = call.tenant_app()
    order = CreateOrder(
        tenant_id=call.tenant_id,
        user_id=user_id,
        payload=payload,
        data=data,
        enable_anti_csrf=enable_anti_csrf,
        static=_static(call, fields),
        validity_ms=validity_ms,
        version=token_version(call.version),
    )
    members = new_tokens(create(app, order), call.version, app.entropy)
    return json_answer({**members, **key_members(app, call.version)})


def _static(call: Call, fields: Fields) -> bool:
    if call.version >= V2_21:
        return fields.optional_boolean("useDynamicSigningKey") is False
    return not call.app().settings.access_token_signing_key_dynamic


def get_session(call: Call) -> Response:
    """Look a session up by its handle; the tenant of the path is ignored."""
    handle = call.query("sessionHandle")
    found = live_session(call.app(), handle)
    if found is None:
        return unauthorised()
    members: Members = {
        "status": "OK",
        "sessionHandle": found.row.handle,
        "userId": found.ids.primary,
        "userDataInDatabase": dict(found.data),
        "userDataInJWT": dict(found.payload),
        "expiry": found.row.expires_at_ms,
        "timeCreated": found.row.created_at_ms,
    }
    if call.version >= V4_0:
        members["recipeUserId"] = found.ids.recipe
    if call.version >= V3_0:
        members["tenantId"] = found.row.tenant_id
    return json_answer(members)


ENDPOINTS = (Endpoint(path="/recipe/session", methods={"POST": post_session, "GET": get_session}),)
