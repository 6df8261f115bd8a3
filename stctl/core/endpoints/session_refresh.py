"""`/recipe/session/refresh`. Source: core, behaviour notes 2.4."""

from stctl.core.call import Call
from stctl.core.endpoints.shapes import Members, new_tokens, token_version, unauthorised
from stctl.core.engine.outcomes import TheftDetected, Unauthorised
from stctl.core.engine.refresh import refresh
from stctl.core.engine.refreshing import RefreshOrder
from stctl.core.fields import Fields
from stctl.core.negotiation import V3_0, V5_0, V5_6
from stctl.core.pages import json_answer
from stctl.core.routing import Endpoint
from stctl.exchange import Response


def post_refresh(call: Call) -> Response:
    """Exchange a refresh token; the tenant of the path must exist and counts for nothing else."""
    fields = call.fields()
    rotation = call.version >= V5_6
    order = RefreshOrder(
        refresh_token=fields.string("refreshToken"),
        anti_csrf_token=fields.optional_string("antiCsrfToken"),
        enable_anti_csrf=fields.boolean("enableAntiCsrf"),
        static=_static(call, fields),
        validity_ms=fields.optional_long("accessTokenValidity") if rotation else None,
        version=token_version(call.version),
    )
    app = call.tenant_app()
    outcome = refresh(app, order, rotation=rotation)
    if isinstance(outcome, Unauthorised):
        return unauthorised(outcome)
    if isinstance(outcome, TheftDetected):
        return json_answer(_theft(outcome))
    return json_answer(new_tokens(outcome, call.version, app.entropy))


def _static(call: Call, fields: Fields) -> bool | None:
    """Return what the caller wants; None where it says nothing, or cannot say."""
    if call.version >= V5_0:
        return not fields.boolean("useDynamicSigningKey")
    dynamic = fields.optional_boolean("useDynamicSigningKey") if call.version >= V3_0 else None
    return None if dynamic is None else not dynamic


def _theft(outcome: TheftDetected) -> Members:
    members: Members = {
        "status": "TOKEN_THEFT_DETECTED",
        "session": {
            "handle": outcome.handle,
            "userId": outcome.user_id,
            "recipeUserId": outcome.recipe_user_id,
        },
    }
    if outcome.reuse is not None:
        members["recentTokenReuseSubtype"] = outcome.reuse.value
    return members


ENDPOINTS = (Endpoint(path="/recipe/session/refresh", methods={"POST": post_refresh}),)
