"""Account linking: primary users, and login methods that become part of one or leave it.

An account (an address, a number, a login elsewhere) belongs to at most one primary user in every
tenant. Sessions of a login method end when it is linked or unlinked, for they carry the id of the
user that it was part of. Source: core, behaviour notes 6.7, and what a core answers.
"""

from dataclasses import dataclass
from typing import TypeAlias

from stctl.core.app import App
from stctl.core.people.removal import end_sessions, remove_method
from stctl.core.refusals import BadRequest
from stctl.core.store import Sql, accounts, activity, mappings, users
from stctl.core.store.accounts import Place
from stctl.core.store.users import Account, LoginMethod, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The user as it is now."""

    user: User
    was_so_before: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTaken:
    """Another primary user has the same account in one of the tenants."""

    primary_user_id: str
    """As others see it."""
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfAnother:
    """The login method is part of this other primary user already."""

    user: User


@dataclass(frozen=True, slots=True)
class NotPrimary:
    """The user that was to take the login method in is no primary user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlinked:
    """What became of the login method."""

    was_linked: bool
    was_deleted: bool


PrimaryOutcome: TypeAlias = Done | AccountTaken | PartOfAnother
LinkOutcome: TypeAlias = Done | AccountTaken | PartOfAnother | NotPrimary


def known_user(sql: Sql, app: App, user_id: str) -> User:
    """Return the user whom an id of either kind names; 400 for an unknown one."""
    user = users.find(sql, app.app_id, mappings.own_id(sql, app.app_id, user_id))
    if user is None:
        raise BadRequest("There is no user with this id")
    return user


def check_primary(sql: Sql, app: App, user_id: str) -> PrimaryOutcome:
    """Return what making the login method a primary user would lead to."""
    user = known_user(sql, app, user_id)
    if user.is_primary:
        own = mappings.own_id(sql, app.app_id, user_id)
        if user.user_id == own:
            return Done(user=user, was_so_before=True)
        return PartOfAnother(user=user)
    taken = _taken(sql, app, user.methods, user.tenant_ids, user.user_id)
    return taken or Done(user=user, was_so_before=False)


def make_primary(app: App, user_id: str) -> PrimaryOutcome:
    """Make a login method a primary user, which others can be linked to."""
    with app.database.transaction() as sql:
        outcome = check_primary(sql, app, user_id)
        if not isinstance(outcome, Done) or outcome.was_so_before:
            return outcome
        own = outcome.user.user_id
        users.assign(sql, app.app_id, own, own, is_primary=True)
        return Done(user=known_user(sql, app, own), was_so_before=False)


def check_link(sql: Sql, app: App, user_id: str, primary_user_id: str) -> LinkOutcome:
    """Return what linking the login method to the primary user would lead to."""
    primary = known_user(sql, app, primary_user_id)
    if not primary.is_primary:
        return NotPrimary()
    user = known_user(sql, app, user_id)
    if user.is_primary:
        if user.user_id == primary.user_id:
            return Done(user=primary, was_so_before=True)
        return PartOfAnother(user=user)
    tenant_ids = tuple(dict.fromkeys((*user.tenant_ids, *primary.tenant_ids)))
    both = (*user.methods, *primary.methods)
    taken = _taken(sql, app, both, tenant_ids, primary.user_id)
    return taken or Done(user=primary, was_so_before=False)


def link(app: App, user_id: str, primary_user_id: str) -> LinkOutcome:
    """Make a login method part of a primary user; its own sessions end with a new link."""
    with app.database.transaction() as sql:
        outcome = check_link(sql, app, user_id, primary_user_id)
        if not isinstance(outcome, Done) or outcome.was_so_before:
            return outcome
        whole, own = outcome.user.user_id, mappings.own_id(sql, app.app_id, user_id)
        users.assign(sql, app.app_id, own, whole, is_primary=True)
        users.settle_age(sql, app.app_id, whole)
        outer = mappings.outer_id(sql, app.app_id, own)
        end_sessions(sql, app.app_id, outer)
        activity.forget(sql, app.app_id, own)
        linked = Done(user=known_user(sql, app, whole), was_so_before=False)
    app.identities.forget(app.app_id)
    return linked


def unlink(app: App, user_id: str) -> Unlinked:
    """Take a login method out of its user; its own sessions end.

    The one that gave the user its id cannot go on beside the others under the same id: it is
    deleted, unless it is the only one.
    """
    with app.database.transaction() as sql:
        user = known_user(sql, app, user_id)
        if not user.is_primary:
            return Unlinked(was_linked=False, was_deleted=False)
        own = mappings.own_id(sql, app.app_id, user_id)
        outer = mappings.outer_id(sql, app.app_id, own)
        gives_its_id = own == user.user_id and len(user.methods) > 1
        if gives_its_id:
            remove_method(sql, app, user, own)
        else:
            users.assign(sql, app.app_id, own, own, is_primary=False)
            users.settle_age(sql, app.app_id, own)
        users.settle_age(sql, app.app_id, user.user_id)
        end_sessions(sql, app.app_id, outer)
    app.identities.forget(app.app_id)
    return Unlinked(was_linked=True, was_deleted=gives_its_id)


def taken_in_tenant(
    sql: Sql, app: App, account: Account, at: Place, user_id: str
) -> AccountTaken | None:
    """Return the primary user, other than `user_id`, that has the account in the tenant."""
    holders = [
        ("email", accounts.by_email(sql, at, account.email) if account.email else []),
        ("phone number", _by_phone(sql, at, account.phone_number)),
        ("third party login", _by_third_party(sql, at, account.third_party)),
    ]
    for what, user_ids in holders:
        for holder in users.load(sql, app.app_id, user_ids):
            if holder.is_primary and holder.user_id != user_id:
                return AccountTaken(
                    primary_user_id=holder.outer_id,
                    description=f"The {what} belongs to another primary user already",
                )
    return None


def _by_phone(sql: Sql, at: Place, phone_number: str | None) -> list[str]:
    return accounts.by_phone(sql, at, phone_number) if phone_number else []


def _by_third_party(sql: Sql, at: Place, third_party: tuple[str, str] | None) -> list[str]:
    return accounts.by_third_party(sql, at, third_party) if third_party else []


def _taken(
    sql: Sql,
    app: App,
    methods: tuple[LoginMethod, ...],
    tenant_ids: tuple[str, ...],
    user_id: str,
) -> AccountTaken | None:
    for tenant_id in tenant_ids:
        at = Place(app.app_id, tenant_id)
        for method in methods:
            taken = taken_in_tenant(sql, app, method.account, at, user_id)
            if taken is not None:
                return taken
    return None
