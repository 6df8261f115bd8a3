"""The table of user metadata; a user need not exist to have some."""

from collections.abc import Sequence
from typing import Final

from stctl.core.store.database import Sql

_VARIABLES_AT_ONCE: Final = 500


def find(sql: Sql, app_id: str, user_ids: Sequence[str]) -> dict[str, str]:
    """Return the metadata of those users who have some, as JSON text."""
    found: dict[str, str] = {}
    for start in range(0, len(user_ids), _VARIABLES_AT_ONCE):
        some = user_ids[start : start + _VARIABLES_AT_ONCE]
        marks = ", ".join("?" * len(some))
        rows = sql(
            "SELECT user_id, user_metadata FROM user_metadata "  # noqa: S608 - only question marks go in
            f"WHERE app_id = ? AND user_id IN ({marks})",
            (app_id, *some),
        )
        found.update((row[0], row[1]) for row in rows)
    return found


def write(sql: Sql, app_id: str, user_id: str, text: str) -> None:
    """Replace the metadata of a user."""
    sql(
        "INSERT INTO user_metadata VALUES (?, ?, ?) ON CONFLICT DO UPDATE "
        "SET user_metadata = excluded.user_metadata",
        (app_id, user_id, text),
    )


def remove(sql: Sql, app_id: str, user_id: str) -> None:
    """Remove the metadata of a user, if there is some."""
    sql("DELETE FROM user_metadata WHERE app_id = ? AND user_id = ?", (app_id, user_id))
