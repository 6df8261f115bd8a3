"""Makes users, and lets them log in: by password, and by an account elsewhere."""

from dataclasses import dataclass

from stctl.core.app import App
from stctl.core.people import passwords
from stctl.core.people.linking import taken_in_tenant
from stctl.core.store import Sql, accounts, users
from stctl.core.store.accounts import Place
from stctl.core.store.users import Account, LoginMethod, User


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """A user, and the login method that was used."""

    user: User
    method: LoginMethod
    is_new: bool


@dataclass(frozen=True, slots=True)
class AccountInUse:
    """Somebody has the account in this tenant already."""


@dataclass(frozen=True, slots=True)
class WrongCredentials:
    """Nobody has this address with this password."""


@dataclass(frozen=True, slots=True)
class EmailChangeRefused:
    """The provider says a new address, which is another primary user's."""


def normalised_email(text: str) -> str:
    """Return an address in the form in which it is stored and looked for."""
    return text.lower()


def sign_up(app: App, at: Place, email: str, password: str) -> LoggedIn | AccountInUse:
    """Make a user with a password, unless the address is in use in this tenant."""
    hashed = passwords.hashed(password, app.entropy)
    with app.database.transaction() as sql:
        if accounts.method_by_email(sql, at, "emailpassword", email) is not None:
            return AccountInUse()
        return make(sql, app, at, "emailpassword", Account(email=email), password_hash=hashed)


def sign_in(app: App, at: Place, email: str, password: str) -> LoggedIn | WrongCredentials:
    """Return the user who has the address and the password in this tenant."""
    sql = app.database.read
    own = accounts.method_by_email(sql, at, "emailpassword", email)
    stored = None if own is None else users.password_hash(sql, app.app_id, own)
    if own is None or stored is None or not passwords.matches(password, stored):
        return WrongCredentials()
    return logged_in(sql, app, own, is_new=False)


def third_party_sign_in_up(
    app: App, at: Place, third_party: tuple[str, str], email: str, *, verified: bool
) -> LoggedIn | EmailChangeRefused:
    """Return the user with the account at a provider, made now if need be.

    The address is what the provider says now; a new one is taken over.
    """
    with app.database.transaction() as sql:
        own = accounts.method_by_third_party(sql, at, third_party)
        if own is None:
            account = Account(email=email, third_party=third_party)
            found = make(sql, app, at, "thirdparty", account)
        else:
            found = logged_in(sql, app, own, is_new=False)
            if found.user.is_primary and _is_anothers(sql, app, found, email):
                return EmailChangeRefused()
            users.change_third_party_email(sql, app.app_id, own, email)
        if verified:
            users.mark_verified(sql, app.app_id, found.method.outer_id, email)
        return logged_in(sql, app, found.method.user_id, is_new=found.is_new)


def _is_anothers(sql: Sql, app: App, found: LoggedIn, email: str) -> bool:
    if email == found.method.account.email:
        return False
    places = [Place(app.app_id, tenant_id) for tenant_id in found.user.tenant_ids]
    account = Account(email=email)
    return any(taken_in_tenant(sql, app, account, place, found.user.user_id) for place in places)


def make(
    sql: Sql,
    app: App,
    at: Place,
    recipe_id: str,
    account: Account,
    *,
    password_hash: str | None = None,
) -> LoggedIn:
    """Make a user with one login method in one tenant; the account must be free there."""
    method = LoginMethod(
        user_id=app.entropy.uuid(),
        recipe_id=recipe_id,
        joined_at_ms=app.clock.now_ms(),
        account=account,
        tenant_ids=(at.tenant_id,),
    )
    users.insert(sql, app.app_id, method, password_hash)
    return logged_in(sql, app, method.user_id, is_new=True)


def logged_in(sql: Sql, app: App, own: str, *, is_new: bool) -> LoggedIn:
    """Return the user of a login method, which must be stored."""
    user = users.find(sql, app.app_id, own)
    if user is None:
        raise LookupError(f"The login method {own} belongs to no user")
    method = next(one for one in user.methods if one.user_id == own)
    return LoggedIn(user=user, method=method, is_new=is_new)
