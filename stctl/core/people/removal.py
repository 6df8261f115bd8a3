"""Removes users, and with them what is kept under their ids.

Source: core, behaviour notes 6.7 and 7.4.
"""

from stctl.core.app import App
from stctl.core.store import Sql, activity, leftovers, mappings, users
from stctl.core.store.users import User


def end_sessions(sql: Sql, app_id: str, outer_id: str) -> None:
    """Delete every session that is stored with the id, in all tenants, expired or not."""
    leftovers.end_sessions(sql, app_id, outer_id)


def remove_user(app: App, user_id: str, *, linked_too: bool) -> None:
    """Remove a user, or with `linked_too` false only the one login method; unknown ones pass.

    `user_id` is of either kind. Sessions, roles, metadata and mapping of what is removed go too.
    Of a login method that others are linked to by its id, all of that stays for the others.
    """
    with app.database.transaction() as sql:
        own = mappings.own_id(sql, app.app_id, user_id)
        user = users.find(sql, app.app_id, own)
        if user is None:
            return
        if linked_too:
            _remove_whole(sql, app, user)
        else:
            remove_method(sql, app, user, own)
            users.settle_age(sql, app.app_id, user.user_id)
    app.identities.forget(app.app_id)


def _remove_whole(sql: Sql, app: App, user: User) -> None:
    for method in user.methods:
        _forget(sql, app, method.outer_id)
        users.delete_method(sql, app.app_id, method, keep_id=False)
    # The id may be that of a login method that was removed before.
    _forget(sql, app, user.outer_id)
    users.forget_id(sql, app.app_id, user.user_id)


def remove_method(sql: Sql, app: App, user: User, own: str) -> None:
    """Remove one login method of a user, and the user with the last one."""
    method = next((one for one in user.methods if one.user_id == own), None)
    if method is None:
        return
    if len(user.methods) == 1:
        _remove_whole(sql, app, user)
        return
    gives_its_id = own == user.user_id
    if not gives_its_id:
        _forget(sql, app, method.outer_id)
    users.delete_method(sql, app.app_id, method, keep_id=gives_its_id)


def _forget(sql: Sql, app: App, outer_id: str) -> None:
    leftovers.forget_user(sql, app.app_id, outer_id)
    activity.forget(sql, app.app_id, outer_id)
