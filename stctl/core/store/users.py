"""Users as they are stored: login methods, and which of them make up one user.

Ids are the core's own here; what is known of ids from outside is carried along.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from stctl.core.store.database import Row, Sql

_VARIABLES_AT_ONCE: Final = 500
_SELECT: Final = """
    SELECT ids.primary_or_recipe_user_id, ids.is_linked_or_is_a_primary_user,
        whole.external_user_id, ids.user_id, part.external_user_id, ids.recipe_id,
        COALESCE(e.time_joined, t.time_joined, p.time_joined) AS joined,
        COALESCE(e.email, t.email, p.email) AS email, p.phone_number,
        t.third_party_id, t.third_party_user_id,
        (SELECT group_concat(tenant_id) FROM all_auth_recipe_users AS places
            WHERE places.app_id = ids.app_id AND places.user_id = ids.user_id),
        EXISTS (SELECT 1 FROM emailverification_verified_emails AS v
            WHERE v.app_id = ids.app_id
            AND v.user_id = COALESCE(part.external_user_id, ids.user_id)
            AND v.email = COALESCE(e.email, t.email, p.email))
    FROM app_id_to_user_id AS ids INDEXED BY app_id_to_user_id_primary_user_id_index
    LEFT JOIN emailpassword_users AS e ON e.app_id = ids.app_id AND e.user_id = ids.user_id
    LEFT JOIN thirdparty_users AS t ON t.app_id = ids.app_id AND t.user_id = ids.user_id
    LEFT JOIN passwordless_users AS p ON p.app_id = ids.app_id AND p.user_id = ids.user_id
    LEFT JOIN userid_mapping AS part
        ON part.app_id = ids.app_id AND part.supertokens_user_id = ids.user_id
    LEFT JOIN userid_mapping AS whole
        ON whole.app_id = ids.app_id
        AND whole.supertokens_user_id = ids.primary_or_recipe_user_id
    WHERE ids.app_id = ? AND ids.primary_or_recipe_user_id IN ({marks})
    ORDER BY joined, ids.user_id
"""
RECIPE_TABLES: Final = {
    "emailpassword": "emailpassword_users",
    "thirdparty": "thirdparty_users",
    "passwordless": "passwordless_users",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What somebody logs in with: an email address, a phone number, an account elsewhere."""

    email: str | None = None
    phone_number: str | None = None
    third_party: tuple[str, str] | None = None
    """The provider and the user's id there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginMethod:
    """One way in which a user logs in."""

    user_id: str
    external_id: str | None = None
    recipe_id: str
    joined_at_ms: int
    account: Account
    tenant_ids: tuple[str, ...]
    is_verified: bool = False

    @property
    def outer_id(self) -> str:
        """The id that others see, and that sessions are stored with."""
        return self.external_id or self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user: one login method, or several that are linked; oldest first."""

    user_id: str
    external_id: str | None
    is_primary: bool
    methods: tuple[LoginMethod, ...] = field(default=())

    @property
    def outer_id(self) -> str:
        """The id that others see."""
        return self.external_id or self.user_id

    @property
    def tenant_ids(self) -> tuple[str, ...]:
        """The tenants of all login methods, each once."""
        return tuple(dict.fromkeys(one for method in self.methods for one in method.tenant_ids))

    @property
    def joined_at_ms(self) -> int:
        """When the oldest login method was made."""
        return self.methods[0].joined_at_ms


def load(sql: Sql, app_id: str, user_ids: Sequence[str]) -> list[User]:
    """Return the users with these primary (or only) ids, in that order; unknown ones are left out.

    A user of whom no login method is left counts as unknown.
    """
    found: dict[str, User] = {}
    for start in range(0, len(user_ids), _VARIABLES_AT_ONCE):
        some = user_ids[start : start + _VARIABLES_AT_ONCE]
        statement = _SELECT.replace("{marks}", ", ".join("?" * len(some)))
        for row in sql(statement, (app_id, *some)):
            if row[6] is not None:
                before = found.get(row[0]) or _user(row)
                found[row[0]] = _with(before, _method(row))
    return [found[user_id] for user_id in user_ids if user_id in found]


def _user(row: Row) -> User:
    return User(user_id=row[0], external_id=row[2], is_primary=bool(row[1]))


def _with(user: User, method: LoginMethod) -> User:
    return User(
        user_id=user.user_id,
        external_id=user.external_id,
        is_primary=user.is_primary,
        methods=(*user.methods, method),
    )


def _method(row: Row) -> LoginMethod:
    by_phone_alone = row[7] is None and row[8] is not None
    return LoginMethod(
        user_id=row[3],
        external_id=row[4],
        recipe_id=row[5],
        joined_at_ms=row[6],
        account=Account(
            email=row[7],
            phone_number=row[8],
            third_party=None if row[9] is None else (row[9], row[10]),
        ),
        tenant_ids=tuple(sorted(row[11].split(","))) if row[11] else (),
        # Whoever logs in with a code sent to a phone has shown that the number is theirs.
        is_verified=bool(row[12]) or by_phone_alone,
    )


def primary_id(sql: Sql, app_id: str, user_id: str) -> str | None:
    """Return the id of the user that a login method is part of; None for an unknown id."""
    rows = sql(
        "SELECT primary_or_recipe_user_id FROM app_id_to_user_id WHERE app_id = ? AND user_id = ?",
        (app_id, user_id),
    )
    return rows[0][0] if rows else None


def find(sql: Sql, app_id: str, user_id: str) -> User | None:
    """Return the user that the id, of a login method or of the whole, belongs to."""
    whole = primary_id(sql, app_id, user_id)
    users = load(sql, app_id, [whole]) if whole is not None else []
    return users[0] if users else None


def insert(sql: Sql, app_id: str, method: LoginMethod, password_hash: str | None = None) -> None:
    """Add a login method as a user of its own, in its tenants; its account must be free there."""
    account, own = method.account, (app_id, method.user_id)
    ids = (*own, method.recipe_id, method.user_id)
    sql("INSERT INTO app_id_to_user_id VALUES (?, ?, ?, ?, 0)", ids)
    if method.recipe_id == "emailpassword":
        values = (*own, account.email, password_hash, method.joined_at_ms)
        sql("INSERT INTO emailpassword_users VALUES (?, ?, ?, ?, ?)", values)
    elif account.third_party is not None:
        there = (app_id, *account.third_party, method.user_id, account.email, method.joined_at_ms)
        sql("INSERT INTO thirdparty_users VALUES (?, ?, ?, ?, ?, ?)", there)
    else:
        reached = (*own, account.email, account.phone_number, method.joined_at_ms)
        sql("INSERT INTO passwordless_users VALUES (?, ?, ?, ?, ?)", reached)
    for tenant_id in method.tenant_ids:
        place(sql, app_id, tenant_id, method)


def place(sql: Sql, app_id: str, tenant_id: str, method: LoginMethod) -> None:
    """Let a login method, which must be stored, be used in a tenant too."""
    sql(
        "INSERT INTO all_auth_recipe_users SELECT app_id, ?, user_id, primary_or_recipe_user_id, "
        "is_linked_or_is_a_primary_user, recipe_id, ?, ? FROM app_id_to_user_id "
        "WHERE app_id = ? AND user_id = ?",
        (tenant_id, method.joined_at_ms, method.joined_at_ms, app_id, method.user_id),
    )
    account, key = method.account, (app_id, tenant_id, method.user_id)
    if method.recipe_id == "emailpassword":
        sql("INSERT INTO emailpassword_user_to_tenant VALUES (?, ?, ?, ?)", (*key, account.email))
    elif account.third_party is not None:
        there = (*key, *account.third_party)
        sql("INSERT INTO thirdparty_user_to_tenant VALUES (?, ?, ?, ?, ?)", there)
    else:
        reached = (*key, account.email, account.phone_number)
        sql("INSERT INTO passwordless_user_to_tenant VALUES (?, ?, ?, ?, ?)", reached)


def displace(sql: Sql, app_id: str, tenant_id: str, user_id: str) -> bool:
    """Take a login method out of a tenant; False when it was not there."""
    return bool(
        sql(
            "DELETE FROM all_auth_recipe_users WHERE app_id = ? AND tenant_id = ? "
            "AND user_id = ? RETURNING 1",
            (app_id, tenant_id, user_id),
        )
    )


def delete_method(sql: Sql, app_id: str, method: LoginMethod, *, keep_id: bool) -> None:
    """Remove a login method; `keep_id` where its id goes on as that of the linked ones."""
    key = (app_id, method.user_id)
    table = RECIPE_TABLES[method.recipe_id]
    sql(f"DELETE FROM {table} WHERE app_id = ? AND user_id = ?", key)  # noqa: S608 - a name of ours
    sql("DELETE FROM all_auth_recipe_users WHERE app_id = ? AND user_id = ?", key)
    if not keep_id:
        forget_id(sql, app_id, method.user_id)


def forget_id(sql: Sql, app_id: str, user_id: str) -> None:
    """Remove an id with its mapping; its login method must be gone."""
    sql("DELETE FROM app_id_to_user_id WHERE app_id = ? AND user_id = ?", (app_id, user_id))


def assign(sql: Sql, app_id: str, user_id: str, whole: str, *, is_primary: bool) -> None:
    """Make a login method part of the user `whole`; itself means a user of its own."""
    values = (whole, is_primary, app_id, user_id)
    for table in ("app_id_to_user_id", "all_auth_recipe_users"):
        sql(
            f"UPDATE {table} SET primary_or_recipe_user_id = ?, "  # noqa: S608 - a name of ours
            "is_linked_or_is_a_primary_user = ? WHERE app_id = ? AND user_id = ?",
            values,
        )


def settle_age(sql: Sql, app_id: str, whole: str) -> None:
    """Let all login methods of a user count as old as the oldest, for the order of lists."""
    sql(
        "UPDATE all_auth_recipe_users SET primary_or_recipe_user_time_joined = "
        "(SELECT MIN(time_joined) FROM all_auth_recipe_users AS parts "
        "INDEXED BY all_auth_recipe_users_primary_user_id_index "
        "WHERE parts.app_id = ? AND parts.primary_or_recipe_user_id = ?) "
        "WHERE app_id = ? AND primary_or_recipe_user_id = ?",
        (app_id, whole, app_id, whole),
    )


def password_hash(sql: Sql, app_id: str, user_id: str) -> str | None:
    """Return the stored hash of a user's password, or None."""
    rows = sql(
        "SELECT password_hash FROM emailpassword_users WHERE app_id = ? AND user_id = ?",
        (app_id, user_id),
    )
    return rows[0][0] if rows else None


def mark_verified(sql: Sql, app_id: str, outer_id: str, email: str) -> None:
    """Remember that the address is really the user's."""
    sql(
        "INSERT INTO emailverification_verified_emails VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (app_id, outer_id, email),
    )


def change_third_party_email(sql: Sql, app_id: str, user_id: str, email: str) -> None:
    """Take over the address that a provider says now."""
    sql(
        "UPDATE thirdparty_users SET email = ? WHERE app_id = ? AND user_id = ?",
        (email, app_id, user_id),
    )
