"""In which tenants a login method may be used. Source: core, behaviour notes 6.7."""

from dataclasses import dataclass
from enum import Enum

from stctl.core.app import App
from stctl.core.people.linking import AccountTaken, taken_in_tenant
from stctl.core.store import Sql, accounts, leftovers, mappings, users
from stctl.core.store.accounts import Place
from stctl.core.store.users import LoginMethod


class PlaceOutcome(Enum):
    """How putting a login method into a tenant can end, by the status of the answer."""

    UNKNOWN_USER = "UNKNOWN_USER_ID_ERROR"
    EMAIL_IN_USE = "EMAIL_ALREADY_EXISTS_ERROR"
    PHONE_IN_USE = "PHONE_NUMBER_ALREADY_EXISTS_ERROR"
    THIRD_PARTY_IN_USE = "THIRD_PARTY_USER_ALREADY_EXISTS_ERROR"
    NEW = "new"
    THERE_BEFORE = "there before"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAllowed:
    """Another primary user of the tenant has the same account."""

    reason: str


def _method(sql: Sql, app: App, user_id: str) -> LoginMethod | None:
    own = mappings.own_id(sql, app.app_id, user_id)
    user = users.find(sql, app.app_id, own)
    methods = user.methods if user else ()
    return next((one for one in methods if one.user_id == own), None)


def place(app: App, tenant_id: str, user_id: str) -> PlaceOutcome | NotAllowed:
    """Let a login method be used in a tenant too."""
    at = Place(app.app_id, tenant_id)
    with app.database.transaction() as sql:
        method = _method(sql, app, user_id)
        if method is None:
            return PlaceOutcome.UNKNOWN_USER
        if tenant_id in method.tenant_ids:
            return PlaceOutcome.THERE_BEFORE
        if (in_use := _in_use(sql, at, method)) is not None:
            return in_use
        if (taken := _taken(sql, app, at, method)) is not None:
            return NotAllowed(reason=taken.description)
        users.place(sql, app.app_id, tenant_id, method)
        whole = users.primary_id(sql, app.app_id, method.user_id) or method.user_id
        users.settle_age(sql, app.app_id, whole)
    return PlaceOutcome.NEW


def _in_use(sql: Sql, at: Place, method: LoginMethod) -> PlaceOutcome | None:
    account = method.account
    if account.third_party is not None:
        held = accounts.method_by_third_party(sql, at, account.third_party)
        return PlaceOutcome.THIRD_PARTY_IN_USE if held else None
    if account.email and accounts.method_by_email(sql, at, method.recipe_id, account.email):
        return PlaceOutcome.EMAIL_IN_USE
    if account.phone_number and accounts.method_by_phone(sql, at, account.phone_number):
        return PlaceOutcome.PHONE_IN_USE
    return None


def _taken(sql: Sql, app: App, at: Place, method: LoginMethod) -> AccountTaken | None:
    user = users.find(sql, app.app_id, method.user_id)
    if user is None or not user.is_primary:
        return None
    for one in user.methods:
        taken = taken_in_tenant(sql, app, one.account, at, user.user_id)
        if taken is not None:
            return taken
    return None


def displace(app: App, tenant_id: str, user_id: str) -> bool | None:
    """Take a login method out of a tenant, where its sessions and roles end.

    False when it was not there, None for an unknown id.
    """
    with app.database.transaction() as sql:
        method = _method(sql, app, user_id)
        if method is None:
            return None
        was_there = users.displace(sql, app.app_id, tenant_id, method.user_id)
        ended = leftovers.end_sessions(sql, app.app_id, method.outer_id, tenant_id)
        taken = leftovers.take_roles(sql, app.app_id, tenant_id, method.outer_id)
    return was_there or ended or taken
