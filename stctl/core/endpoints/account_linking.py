"""`/recipe/accountlinking/…`: primary users, and login methods linked to them."""

from stctl.core.app import App
from stctl.core.call import Call
from stctl.core.endpoints import user_shapes
from stctl.core.negotiation import CdiVersion
from stctl.core.pages import json_answer, ok
from stctl.core.people import linking
from stctl.core.people.linking import AccountTaken, Done, LinkOutcome, NotPrimary
from stctl.core.refusals import FeatureMissing
from stctl.core.routing import Endpoint
from stctl.exchange import Response

_OTHER_USER = "The login method is part of another primary user already"


def _licensed(app: App) -> App:
    if not app.settings.paid_features:
        raise FeatureMissing("account_linking")
    return app


def get_primary_check(call: Call) -> Response:
    """Say whether a login method could become a primary user."""
    user_id = call.query("recipeUserId")
    call.public_tenant_only()
    app = call.app()
    outcome = linking.check_primary(app.database.read, app, user_id)
    if isinstance(outcome, Done):
        return ok(wasAlreadyAPrimaryUser=outcome.was_so_before)
    return _refusal(outcome, "RECIPE_USER_ID_ALREADY_LINKED_WITH_PRIMARY_USER_ID_ERROR")


def post_primary(call: Call) -> Response:
    """Make a login method a primary user."""
    user_id = call.fields().string("recipeUserId")
    call.public_tenant_only()
    outcome = linking.make_primary(_licensed(call.app()), user_id)
    if isinstance(outcome, Done):
        user = user_shapes.user(outcome.user, call.version)
        return ok(wasAlreadyAPrimaryUser=outcome.was_so_before, user=user)
    return _refusal(outcome, "RECIPE_USER_ID_ALREADY_LINKED_WITH_PRIMARY_USER_ID_ERROR")


def get_link_check(call: Call) -> Response:
    """Say whether a login method could be linked to a primary user."""
    user_id, primary_user_id = call.query("recipeUserId"), call.query("primaryUserId")
    call.public_tenant_only()
    app = call.app()
    outcome = linking.check_link(app.database.read, app, user_id, primary_user_id)
    if isinstance(outcome, Done):
        return ok(accountsAlreadyLinked=outcome.was_so_before)
    return _refusal(outcome, "RECIPE_USER_ID_ALREADY_LINKED_WITH_ANOTHER_PRIMARY_USER_ID_ERROR")


def post_link(call: Call) -> Response:
    """Link a login method to a primary user."""
    fields = call.fields()
    user_id, primary_user_id = fields.string("recipeUserId"), fields.string("primaryUserId")
    call.public_tenant_only()
    outcome = linking.link(_licensed(call.app()), user_id, primary_user_id)
    if isinstance(outcome, Done):
        user = user_shapes.user(outcome.user, call.version)
        return ok(accountsAlreadyLinked=outcome.was_so_before, user=user)
    status = "RECIPE_USER_ID_ALREADY_LINKED_WITH_ANOTHER_PRIMARY_USER_ID_ERROR"
    return _refusal(outcome, status, showing=call.version)


def _refusal(
    outcome: LinkOutcome, part_of_another: str, *, showing: CdiVersion | None = None
) -> Response:
    """Say why not; `showing` is the version in which to show the user that is in the way."""
    if isinstance(outcome, AccountTaken):
        return json_answer(
            {
                "status": "ACCOUNT_INFO_ALREADY_ASSOCIATED_WITH_ANOTHER_PRIMARY_USER_ID_ERROR",
                "primaryUserId": outcome.primary_user_id,
                "description": outcome.description,
            }
        )
    if isinstance(outcome, NotPrimary):
        return json_answer({"status": "INPUT_USER_IS_NOT_A_PRIMARY_USER"})
    shown = {} if showing is None else {"user": user_shapes.user(outcome.user, showing)}
    return json_answer(
        {
            "status": part_of_another,
            "primaryUserId": outcome.user.outer_id,
            "description": _OTHER_USER,
            **shown,
        }
    )


def post_unlink(call: Call) -> Response:
    """Take a login method out of its user."""
    user_id = call.fields().string("recipeUserId")
    call.public_tenant_only()
    outcome = linking.unlink(call.app(), user_id)
    return ok(wasRecipeUserDeleted=outcome.was_deleted, wasLinked=outcome.was_linked)


_PATH = "/recipe/accountlinking/user"
ENDPOINTS = (
    Endpoint(path=f"{_PATH}/primary/check", methods={"GET": get_primary_check}),
    Endpoint(path=f"{_PATH}/primary", methods={"POST": post_primary}),
    Endpoint(path=f"{_PATH}/link/check", methods={"GET": get_link_check}),
    Endpoint(path=f"{_PATH}/link", methods={"POST": post_link}),
    Endpoint(path=f"{_PATH}/unlink", methods={"POST": post_unlink}),
)
