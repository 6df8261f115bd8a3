"""Data of a session and its payload, old and new. Source: core, behaviour notes 2.7 to 2.9."""

from stctl.core.call import Call
from stctl.core.endpoints.shapes import Members, issued, session, token_version, unauthorised
from stctl.core.engine.outcomes import Unauthorised
from stctl.core.engine.regenerate import RegenerateOrder, regenerate
from stctl.core.engine.rows import live_session, replace_data, replace_payload
from stctl.core.negotiation import V2_21
from stctl.core.pages import json_answer, ok
from stctl.core.routing import Endpoint
from stctl.exchange import Response


def get_data(call: Call) -> Response:
    """Return `userDataInDatabase`."""
    handle = call.query("sessionHandle")
    found = live_session(call.app(), handle)
    return unauthorised() if found is None else ok(userDataInDatabase=dict(found.data))


def put_data(call: Call) -> Response:
    """Replace `userDataInDatabase`."""
    fields = call.fields()
    handle = fields.string("sessionHandle")
    data = fields.object("userDataInDatabase")
    return ok() if replace_data(call.app(), handle, data) else unauthorised()


def get_payload(call: Call) -> Response:
    """Return the stored `userDataInJWT`."""
    handle = call.query("sessionHandle")
    found = live_session(call.app(), handle)
    return unauthorised() if found is None else ok(userDataInJWT=dict(found.payload))


def put_payload(call: Call) -> Response:
    """Replace the stored `userDataInJWT`; access tokens that are out do not change."""
    fields = call.fields()
    handle = fields.string("sessionHandle")
    payload = fields.object("userDataInJWT")
    protected_by = token_version(call.version) if call.version >= V2_21 else None
    return ok() if replace_payload(call.app(), handle, payload, protected_by) else unauthorised()


def post_regenerate(call: Call) -> Response:
    """Write a payload and return an access token with it."""
    fields = call.fields()
    order = RegenerateOrder(
        access_token=fields.string("accessToken"),
        payload=fields.optional_object("userDataInJWT"),
        check_before_writing=call.version >= V2_21,
    )
    outcome = regenerate(call.app(), order)
    if isinstance(outcome, Unauthorised):
        return unauthorised(outcome)
    members: Members = {"status": "OK", "session": session(outcome.session, call.version)}
    if outcome.access is not None:
        members["accessToken"] = issued(outcome.access)
    return json_answer(members)


ENDPOINTS = (
    Endpoint(path="/recipe/session/data", methods={"GET": get_data, "PUT": put_data}),
    Endpoint(path="/recipe/jwt/data", methods={"GET": get_payload, "PUT": put_payload}),
    Endpoint(path="/recipe/session/regenerate", methods={"POST": post_regenerate}),
)
