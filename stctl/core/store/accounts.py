"""Who logs in with what, in a tenant; lists and counts of users."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from stctl.core.store.database import Sql, Value

# The joins are CROSS JOINs, since SQLite keeps the order of those: without statistics it would
# rather go through all users than begin with the few that have the account.
_PRIMARY: Final = "SELECT DISTINCT users.primary_or_recipe_user_id "
_BY_EMAIL: Final = (
    f"{_PRIMARY}FROM ("  # noqa: S608 - a text of ours
    "SELECT app_id, user_id FROM emailpassword_user_to_tenant "
    "WHERE app_id = ? AND tenant_id = ? AND email = ? "
    "UNION SELECT app_id, user_id FROM thirdparty_users WHERE app_id = ? AND email = ? "
    "UNION SELECT app_id, user_id FROM passwordless_user_to_tenant "
    "WHERE app_id = ? AND tenant_id = ? AND email = ?) "
    "CROSS JOIN all_auth_recipe_users AS users USING (app_id, user_id) WHERE users.tenant_id = ?"
)
_BY_PHONE: Final = (
    f"{_PRIMARY}FROM passwordless_user_to_tenant AS t "
    "CROSS JOIN all_auth_recipe_users AS users USING (app_id, tenant_id, user_id) "
    "WHERE t.app_id = ? AND t.tenant_id = ? AND t.phone_number = ?"
)
_BY_THIRD_PARTY: Final = (
    f"{_PRIMARY}FROM thirdparty_user_to_tenant AS t "
    "CROSS JOIN all_auth_recipe_users AS users USING (app_id, tenant_id, user_id) "
    "WHERE t.app_id = ? AND t.tenant_id = ? "
    "AND t.third_party_id = ? AND t.third_party_user_id = ?"
)
_METHOD_TABLES: Final = {
    "emailpassword": "emailpassword_user_to_tenant",
    "passwordless": "passwordless_user_to_tenant",
}
SEARCH_AT_MOST: Final = 1000
"""Rows of one recipe in a search."""


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant of an app."""

    app_id: str
    tenant_id: str


def _ids(rows: list[tuple[str, ...]]) -> list[str]:
    return [row[0] for row in rows]


def by_email(sql: Sql, at: Place, email: str) -> list[str]:
    """Return the users with the address, by whatever way they log in."""
    here = (at.app_id, at.tenant_id)
    return _ids(sql(_BY_EMAIL, (*here, email, at.app_id, email, *here, email, at.tenant_id)))


def by_phone(sql: Sql, at: Place, phone_number: str) -> list[str]:
    """Return the users with the phone number."""
    return _ids(sql(_BY_PHONE, (at.app_id, at.tenant_id, phone_number)))


def by_third_party(sql: Sql, at: Place, third_party: tuple[str, str]) -> list[str]:
    """Return the user with the account at a provider, if there is one."""
    return _ids(sql(_BY_THIRD_PARTY, (at.app_id, at.tenant_id, *third_party)))


def method_by_email(sql: Sql, at: Place, recipe_id: str, email: str) -> str | None:
    """Return the login method, of `emailpassword` or `passwordless`, that has the address."""
    rows = sql(
        f"SELECT user_id FROM {_METHOD_TABLES[recipe_id]} "  # noqa: S608 - a name of ours
        "WHERE app_id = ? AND tenant_id = ? AND email = ?",
        (at.app_id, at.tenant_id, email),
    )
    return rows[0][0] if rows else None


def method_by_phone(sql: Sql, at: Place, phone_number: str) -> str | None:
    """Return the login method that has the phone number."""
    rows = sql(
        "SELECT user_id FROM passwordless_user_to_tenant "
        "WHERE app_id = ? AND tenant_id = ? AND phone_number = ?",
        (at.app_id, at.tenant_id, phone_number),
    )
    return rows[0][0] if rows else None


def method_by_third_party(sql: Sql, at: Place, third_party: tuple[str, str]) -> str | None:
    """Return the login method that has the account at a provider."""
    rows = sql(
        "SELECT user_id FROM thirdparty_user_to_tenant WHERE app_id = ? AND tenant_id = ? "
        "AND third_party_id = ? AND third_party_user_id = ?",
        (at.app_id, at.tenant_id, *third_party),
    )
    return rows[0][0] if rows else None


def page(
    sql: Sql,
    at: Place,
    recipes: Sequence[str],
    *,
    ascending: bool,
    start: tuple[int, str] | None,
    count: int,
) -> list[tuple[str, int]]:
    """Return ids and times of users of a tenant, by when they joined, from `start` on.

    `start` is the time and id of the first one. Users of the same moment come by descending id.
    """
    values: list[Value] = [at.app_id, at.tenant_id, *recipes]
    then, order = (">", "ASC") if ascending else ("<", "DESC")
    condition = _among(recipes)
    if start is not None:
        # The first half is implied by the second, and lets the index lead to the place.
        condition += (
            f" AND primary_or_recipe_user_time_joined {then}= ?"
            f" AND (primary_or_recipe_user_time_joined {then} ? OR "
            "(primary_or_recipe_user_time_joined = ? AND primary_or_recipe_user_id <= ?))"
        )
        values += [start[0], start[0], *start]
    rows = sql(
        "SELECT DISTINCT primary_or_recipe_user_id, primary_or_recipe_user_time_joined "  # noqa: S608 - marks and words of ours
        f"FROM all_auth_recipe_users WHERE app_id = ? AND tenant_id = ?{condition} "
        f"ORDER BY primary_or_recipe_user_time_joined {order}, primary_or_recipe_user_id DESC "
        "LIMIT ?",
        (*values, count),
    )
    return [(row[0], row[1]) for row in rows]


def _among(recipes: Sequence[str]) -> str:
    return f" AND recipe_id IN ({', '.join('?' * len(recipes))})" if recipes else ""


def count(sql: Sql, app_id: str, tenant_id: str | None, recipes: Sequence[str]) -> int:
    """Return how many users there are, in a tenant or (None) in the whole app.

    With `recipes` those who log in by at least one of them.
    """
    table = "app_id_to_user_id" if tenant_id is None else "all_auth_recipe_users"
    values: list[Value] = [app_id, *recipes]
    condition = _among(recipes)
    if tenant_id is not None:
        condition += " AND tenant_id = ?"
        values.append(tenant_id)
    rows = sql(
        "SELECT COUNT(DISTINCT primary_or_recipe_user_id) "  # noqa: S608 - names of ours
        f"FROM {table} WHERE app_id = ?{condition}",
        values,
    )
    return int(rows[0][0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Beginnings of what is looked for, in lower case; at least one kind is not empty."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()


def search(sql: Sql, at: Place, wanted: Search, recipes: Sequence[str]) -> list[str]:
    """Return the users of a tenant that a search finds; what is not given does not count.

    An address is also found by the beginning of its domain. A recipe that lacks one of the things
    searched for finds nobody.
    """
    emails, phones, providers = wanted.emails, wanted.phones, wanted.providers
    searched: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    if emails and not phones and not providers:
        searched["emailpassword"] = [("email", emails)]
    if (emails or providers) and not phones:
        searched["thirdparty"] = [("email", emails), ("third_party_id", providers)]
    if (emails or phones) and not providers:
        searched["passwordless"] = [("email", emails), ("phone_number", phones)]
    found: dict[str, None] = {}
    for recipe_id, columns in searched.items():
        if not recipes or recipe_id in recipes:
            found.update(dict.fromkeys(_search_recipe(sql, at, recipe_id, columns)))
    return list(found)


def _search_recipe(
    sql: Sql, at: Place, recipe_id: str, columns: list[tuple[str, tuple[str, ...]]]
) -> list[str]:
    values: list[Value] = [at.app_id, at.tenant_id]
    condition = ""
    for column, beginnings in columns:
        patterns = [pattern for text in beginnings for pattern in _patterns(column, text)]
        if patterns:
            each = " OR ".join([f"t.{column} LIKE ? ESCAPE '!'"] * len(patterns))
            condition += f" AND ({each})"
            values += patterns
    return _ids(
        sql(
            f"{_PRIMARY}FROM {recipe_id}_users AS t "
            "CROSS JOIN all_auth_recipe_users AS users USING (app_id, user_id) "
            f"WHERE t.app_id = ? AND users.tenant_id = ?{condition} LIMIT ?",
            (*values, SEARCH_AT_MOST),
        )
    )


def _patterns(column: str, beginning: str) -> list[str]:
    plain = beginning.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return [f"{plain}%", f"%@{plain}%"] if column == "email" else [f"{plain}%"]
