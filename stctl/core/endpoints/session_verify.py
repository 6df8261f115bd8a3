"""`/recipe/session/verify`. Source: core, behaviour notes 2.3."""

from stctl.core.call import Call
from stctl.core.endpoints.shapes import Members, issued, key_members, session, unauthorised
from stctl.core.engine.outcomes import TryRefreshToken, Unauthorised, Verified
from stctl.core.engine.verify import VerifyOrder, verify
from stctl.core.negotiation import V2_21, V5_6
from stctl.core.pages import json_answer
from stctl.core.routing import Endpoint
from stctl.exchange import Response


def post_verify(call: Call) -> Response:
    """Judge an access token; the token says its tenant, whatever the path says."""
    fields = call.fields()
    access_token = fields.string("accessToken")
    anti_csrf_token = fields.optional_string("antiCsrfToken")
    do_check = fields.boolean("doAntiCsrfCheck")
    enabled = fields.boolean("enableAntiCsrf")
    call.public_tenant_only(since=V5_6)
    app = call.app()
    if call.version >= V2_21:
        check_database = fields.boolean("checkDatabase")
    else:
        check_database = app.settings.access_token_blacklisting
    order = VerifyOrder(
        access_token=access_token,
        anti_csrf_token=anti_csrf_token,
        check_anti_csrf=do_check and enabled,
        check_database=check_database,
        rotation=call.version >= V5_6,
    )
    outcome = verify(app, order)
    if isinstance(outcome, Unauthorised):
        return unauthorised(outcome)
    return json_answer({**_members(call, outcome), **key_members(app, call.version)})


def _members(call: Call, outcome: Verified | TryRefreshToken) -> Members:
    if isinstance(outcome, TryRefreshToken):
        return {"status": "TRY_REFRESH_TOKEN", "message": outcome.message}
    members: Members = {"status": "OK", "session": session(outcome.session, call.version)}
    if outcome.access is not None:
        members["accessToken"] = issued(outcome.access)
    if outcome.payload_update_available is not None:
        members["payloadUpdateAvailable"] = outcome.payload_update_available
    return members


ENDPOINTS = (Endpoint(path="/recipe/session/verify", methods={"POST": post_verify}),)
