"""Users. The embedded core keeps none yet, and sessions need none.

Source: core, behaviour notes 7.4.
"""

from stctl.core.call import Call
from stctl.core.pages import json_answer
from stctl.core.routing import Endpoint
from stctl.exchange import Response


def get_by_id(call: Call) -> Response:
    """Look a user up, as SDKs do before they make a session: nobody is known."""
    call.query("userId")
    call.public_tenant_only()
    return json_answer({"status": "UNKNOWN_USER_ID_ERROR"})


ENDPOINTS = (Endpoint(path="/user/id", methods={"GET": get_by_id}),)
