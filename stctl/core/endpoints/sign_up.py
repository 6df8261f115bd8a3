"""Sign-up and sign-in: `/recipe/signup`, `/recipe/signin` and `/recipe/signinup`."""

from stctl.core.call import Call
from stctl.core.endpoints import user_shapes
from stctl.core.fields import Fields
from stctl.core.negotiation import V4_0
from stctl.core.pages import json_answer, ok
from stctl.core.people import signing_up
from stctl.core.people.signing_up import LoggedIn
from stctl.core.refusals import BadRequest
from stctl.core.routing import Endpoint
from stctl.core.store.accounts import Place
from stctl.exchange import Response


def post_sign_up(call: Call) -> Response:
    """Make a user with a password in the tenant of the path."""
    fields = call.fields()
    email = signing_up.normalised_email(fields.string("email"))
    password = fields.string("password")
    if not password:
        raise BadRequest("The password cannot be empty")
    app = call.tenant_app()
    outcome = signing_up.sign_up(app, Place(app.app_id, call.tenant_id), email, password)
    if not isinstance(outcome, LoggedIn):
        return json_answer({"status": "EMAIL_ALREADY_EXISTS_ERROR"})
    note_login(call, outcome)
    return ok(**user_shapes.logged_in(outcome.user, outcome.method, call.version))


def post_sign_in(call: Call) -> Response:
    """Find the user with an address and a password; who logs in is active."""
    fields = call.fields()
    email = signing_up.normalised_email(fields.string("email"))
    password = fields.string("password")
    app = call.tenant_app()
    outcome = signing_up.sign_in(app, Place(app.app_id, call.tenant_id), email, password)
    if not isinstance(outcome, LoggedIn):
        return json_answer({"status": "WRONG_CREDENTIALS_ERROR"})
    note_login(call, outcome)
    return ok(**user_shapes.logged_in(outcome.user, outcome.method, call.version))


def note_login(call: Call, found: LoggedIn) -> None:
    """Remember that the user was active."""
    app = call.app()
    ids = app.identities.of_recipe_user(app.app_id, found.method.outer_id)
    app.note_activity(call.tenant_id, ids, app.clock.now_ms())


def post_third_party(call: Call) -> Response:
    """Find or make the user who has an account at a provider."""
    fields = call.fields()
    third_party = (fields.string("thirdPartyId"), fields.string("thirdPartyUserId"))
    email = Fields(fields.object("email"))
    address = signing_up.normalised_email(email.string("id"))
    # Below 4.0 the caller keeps to itself whether the provider vouches for the address.
    verified = email.boolean("isVerified") if call.version >= V4_0 else False
    app = call.tenant_app()
    at = Place(app.app_id, call.tenant_id)
    outcome = signing_up.third_party_sign_in_up(app, at, third_party, address, verified=verified)
    if not isinstance(outcome, LoggedIn):
        reason = "The new email address belongs to another primary user"
        return json_answer({"status": "EMAIL_CHANGE_NOT_ALLOWED_ERROR", "reason": reason})
    note_login(call, outcome)
    shown = user_shapes.logged_in(outcome.user, outcome.method, call.version)
    return ok(createdNewUser=outcome.is_new, **shown)


ENDPOINTS = (
    Endpoint(path="/recipe/signup", methods={"POST": post_sign_up}),
    Endpoint(path="/recipe/signin", methods={"POST": post_sign_in}),
    Endpoint(path="/recipe/signinup", methods={"POST": post_third_party}),
)
