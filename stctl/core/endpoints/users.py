"""Users by id and by what they log in with; removal. Source: core, behaviour notes 7.4."""

from stctl.core.call import Call
from stctl.core.endpoints import user_shapes
from stctl.core.pages import json_answer, ok
from stctl.core.people.removal import remove_user
from stctl.core.people.signing_up import normalised_email
from stctl.core.refusals import BadRequest
from stctl.core.routing import Endpoint
from stctl.core.store import Sql, accounts, mappings, users
from stctl.core.store.accounts import Place
from stctl.core.store.users import Account, User
from stctl.exchange import Response


def get_by_id(call: Call) -> Response:
    """Look a user up, by an id of either kind, of a login method or of the whole."""
    user_id = call.query("userId")
    call.public_tenant_only()
    app = call.app()
    sql = app.database.read
    found = users.find(sql, app.app_id, mappings.own_id(sql, app.app_id, user_id))
    if found is None:
        return json_answer({"status": "UNKNOWN_USER_ID_ERROR"})
    return ok(user=user_shapes.user(found, call.version))


def get_by_account(call: Call) -> Response:
    """List the users of the tenant that have any, or all, of the accounts given."""
    wanted = _wanted(call)
    union = call.query("doUnionOfAccountInfo")
    if union not in {"true", "false"}:
        raise BadRequest("doUnionOfAccountInfo must be true or false")
    app = call.tenant_app()
    found = _holders(app.database.read, Place(app.app_id, call.tenant_id), wanted)
    if union == "false" and call.optional_query("webauthnCredentialId") is not None:
        found = []  # nobody has a passkey here
    elif union == "false":
        found = [user for user in found if _has_all(user, wanted)]
    found.sort(key=lambda user: (user.joined_at_ms, user.user_id))
    return ok(users=[user_shapes.user(user, call.version) for user in found])


def _wanted(call: Call) -> Account:
    email = call.optional_query("email")
    provider = call.optional_query("thirdPartyId")
    user_id = call.optional_query("thirdPartyUserId")
    if (provider is None) != (user_id is None):
        raise BadRequest("thirdPartyId and thirdPartyUserId go together")
    return Account(
        email=None if email is None else normalised_email(email),
        phone_number=call.optional_query("phoneNumber"),
        third_party=None if provider is None or user_id is None else (provider, user_id),
    )


def _holders(sql: Sql, at: Place, wanted: Account) -> list[User]:
    ids: dict[str, None] = {}
    if wanted.email is not None:
        ids.update(dict.fromkeys(accounts.by_email(sql, at, wanted.email)))
    if wanted.phone_number is not None:
        ids.update(dict.fromkeys(accounts.by_phone(sql, at, wanted.phone_number)))
    if wanted.third_party is not None:
        ids.update(dict.fromkeys(accounts.by_third_party(sql, at, wanted.third_party)))
    return users.load(sql, at.app_id, [*ids])


def _has_all(user: User, wanted: Account) -> bool:
    """Whether each of the accounts is that of some login method, be it one or several."""
    have = [method.account for method in user.methods]
    return (
        (wanted.email is None or any(one.email == wanted.email for one in have))
        and (
            wanted.phone_number is None
            or any(one.phone_number == wanted.phone_number for one in have)
        )
        and (
            wanted.third_party is None or any(one.third_party == wanted.third_party for one in have)
        )
    )


def post_remove(call: Call) -> Response:
    """Remove a user and what hangs on it; one that does not exist is no fault."""
    fields = call.fields()
    user_id = fields.string("userId")
    linked_too = fields.optional_boolean("removeAllLinkedAccounts") is not False
    call.public_tenant_only()
    remove_user(call.app(), user_id, linked_too=linked_too)
    return ok()


ENDPOINTS = (
    Endpoint(path="/user/id", methods={"GET": get_by_id}),
    Endpoint(path="/users/by-accountinfo", methods={"GET": get_by_account}),
    Endpoint(path="/user/remove", methods={"POST": post_remove}),
)
