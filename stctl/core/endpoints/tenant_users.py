"""Puts users into tenants, and takes them out again. Source: core, behaviour notes 6.7."""

from stctl.core.call import Call
from stctl.core.endpoints import parameters
from stctl.core.negotiation import V4_0
from stctl.core.pages import json_answer, ok
from stctl.core.people.placing import NotAllowed, PlaceOutcome, displace, place
from stctl.core.refusals import FeatureMissing
from stctl.core.routing import Endpoint
from stctl.exchange import Response


def _user_id(call: Call) -> str:
    """Return the login method that is meant; below CDI 4.0 a user has only one."""
    return parameters.name(call.fields(), "recipeUserId" if call.version >= V4_0 else "userId")


def post_user(call: Call) -> Response:
    """Put a user into the tenant of the path."""
    user_id = _user_id(call)
    app = call.tenant_app()
    if not call.parts.settings.paid_features:
        raise FeatureMissing("multi_tenancy")
    outcome = place(app, call.tenant_id, user_id)
    if isinstance(outcome, NotAllowed):
        return json_answer({"status": "ASSOCIATION_NOT_ALLOWED_ERROR", "reason": outcome.reason})
    if outcome in {PlaceOutcome.NEW, PlaceOutcome.THERE_BEFORE}:
        return ok(wasAlreadyAssociated=outcome is PlaceOutcome.THERE_BEFORE)
    return json_answer({"status": outcome.value})


def post_remove(call: Call) -> Response:
    """Take a user out of the tenant of the path; sessions and roles there end."""
    user_id = _user_id(call)
    was_there = displace(call.tenant_app(), call.tenant_id, user_id)
    if was_there is None:
        return json_answer({"status": "UNKNOWN_USER_ID_ERROR"})
    return ok(wasAssociated=was_there)


_PATH = "/recipe/multitenancy/tenant/user"
ENDPOINTS = (
    Endpoint(path=_PATH, methods={"POST": post_user}),
    Endpoint(path=f"{_PATH}/remove", methods={"POST": post_remove}),
)
