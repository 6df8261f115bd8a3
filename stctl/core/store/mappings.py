"""The table of ids from outside: at most one for each login method."""

from dataclasses import dataclass

from stctl.core.store.database import Row, Sql


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingRow:
    """Two ids of one login method."""

    own: str
    """The id that the core gave (`superTokensUserId`)."""
    external: str
    info: str | None = None


def _read(rows: list[Row]) -> MappingRow | None:
    return MappingRow(own=rows[0][0], external=rows[0][1], info=rows[0][2]) if rows else None


def by_own(sql: Sql, app_id: str, user_id: str) -> MappingRow | None:
    """Return the mapping whose own id it is, or None."""
    return _read(
        sql(
            "SELECT supertokens_user_id, external_user_id, external_user_id_info "
            "FROM userid_mapping WHERE app_id = ? AND supertokens_user_id = ?",
            (app_id, user_id),
        )
    )


def by_external(sql: Sql, app_id: str, user_id: str) -> MappingRow | None:
    """Return the mapping whose external id it is, or None."""
    return _read(
        sql(
            "SELECT supertokens_user_id, external_user_id, external_user_id_info "
            "FROM userid_mapping WHERE app_id = ? AND external_user_id = ?",
            (app_id, user_id),
        )
    )


def by_any(sql: Sql, app_id: str, user_id: str) -> MappingRow | None:
    """Return the mapping that has the id on either side; where two have it, its own one."""
    return by_own(sql, app_id, user_id) or by_external(sql, app_id, user_id)


def own_id(sql: Sql, app_id: str, user_id: str) -> str:
    """Return the core's own id for an id of either kind; an unknown one stays as it is."""
    found = by_any(sql, app_id, user_id)
    return found.own if found else user_id


def outer_id(sql: Sql, app_id: str, user_id: str) -> str:
    """Return the external id for a core's own one; where there is none, the id itself."""
    found = by_own(sql, app_id, user_id)
    return found.external if found else user_id


def add(sql: Sql, app_id: str, row: MappingRow) -> None:
    """Add a mapping; neither id may be mapped, and the own one must be a user's."""
    sql("INSERT INTO userid_mapping VALUES (?, ?, ?, ?)", (app_id, row.own, row.external, row.info))


def set_info(sql: Sql, app_id: str, own: str, info: str | None) -> None:
    """Replace or remove the note of a mapping."""
    sql(
        "UPDATE userid_mapping SET external_user_id_info = ? "
        "WHERE app_id = ? AND supertokens_user_id = ?",
        (info, app_id, own),
    )


def remove(sql: Sql, app_id: str, own: str) -> None:
    """Remove a mapping."""
    sql("DELETE FROM userid_mapping WHERE app_id = ? AND supertokens_user_id = ?", (app_id, own))


def any_differs(sql: Sql, app_id: str) -> bool:
    """Whether there is an id in the app that does not stand for itself: mapped, or linked."""
    rows = sql(
        "SELECT EXISTS (SELECT 1 FROM userid_mapping WHERE app_id = ?) "
        "OR EXISTS (SELECT 1 FROM app_id_to_user_id INDEXED BY app_id_to_user_id_linked_index "
        "WHERE app_id = ? AND user_id <> primary_or_recipe_user_id)",
        (app_id, app_id),
    )
    return bool(rows[0][0])
