"""JSON of users, by the version of the interface. Source: core, behaviour notes 7.1."""

from stctl.core.endpoints.shapes import Members
from stctl.core.negotiation import V3_0, V4_0, V5_3, CdiVersion
from stctl.core.store.users import Account, LoginMethod, User
from stctl.jsontypes import JsonValue


def user(one: User, version: CdiVersion) -> Members:
    """Return the user object that shows login methods (CDI 4.0 and up)."""
    accounts = [method.account for method in one.methods]
    members: Members = {
        "id": one.outer_id,
        "isPrimaryUser": one.is_primary,
        "tenantIds": [*one.tenant_ids],
        "timeJoined": one.joined_at_ms,
        "emails": _each_once([account.email for account in accounts]),
        "phoneNumbers": _each_once([account.phone_number for account in accounts]),
        "thirdParty": [_third_party(account) for account in accounts if account.third_party],
        "loginMethods": [_method(method) for method in one.methods],
    }
    if version >= V5_3:
        members["webauthn"] = {"credentialIds": []}
    return members


def _each_once(texts: list[str | None]) -> list[JsonValue]:
    return [*dict.fromkeys(text for text in texts if text is not None)]


def _third_party(account: Account) -> Members:
    provider, user_id = account.third_party or ("", "")
    return {"id": provider, "userId": user_id}


def _account(account: Account) -> Members:
    members: Members = {}
    if account.email is not None:
        members["email"] = account.email
    if account.phone_number is not None:
        members["phoneNumber"] = account.phone_number
    if account.third_party is not None:
        members["thirdParty"] = _third_party(account)
    return members


def _method(method: LoginMethod) -> Members:
    return {
        "tenantIds": [*method.tenant_ids],
        "recipeUserId": method.outer_id,
        "verified": method.is_verified,
        "timeJoined": method.joined_at_ms,
        "recipeId": method.recipe_id,
        **_account(method.account),
    }


def plain_user(one: User, version: CdiVersion) -> Members:
    """Return the user object of CDI below 4.0: that of the oldest login method."""
    members: Members = {"id": one.outer_id, "timeJoined": one.joined_at_ms}
    if version >= V3_0:
        members["tenantIds"] = [*one.tenant_ids]
    return {**members, **_account(one.methods[0].account)}


def listed(one: User, version: CdiVersion) -> Members:
    """Return an element of a list of users."""
    if version >= V4_0:
        return user(one, version)
    return {"recipeId": one.methods[0].recipe_id, "user": plain_user(one, version)}


def logged_in(one: User, method: LoginMethod, version: CdiVersion) -> Members:
    """Return what sign-up and sign-in say of the user and of the login method that was used."""
    if version >= V4_0:
        return {"user": user(one, version), "recipeUserId": method.outer_id}
    return {"user": plain_user(one, version)}
