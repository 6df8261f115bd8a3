"""Ids from outside for users. Source: core, behaviour notes 7.8."""

from dataclasses import dataclass
from enum import Enum

from stctl.core.app import App
from stctl.core.refusals import BadRequest
from stctl.core.store import Sql, leftovers, mappings, users
from stctl.core.store.mappings import MappingRow


class IdKind(Enum):
    """Which of the two ids of a mapping is meant."""

    OWN = "SUPERTOKENS"
    EXTERNAL = "EXTERNAL"
    ANY = "ANY"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdsMapped:
    """One of the ids is part of a mapping already, or both are."""

    own: bool
    external: bool


@dataclass(frozen=True, slots=True)
class UnknownOwnId:
    """There is no login method with that id."""


def add(app: App, row: MappingRow, *, force: bool) -> IdsMapped | UnknownOwnId | None:
    """Give a login method an id from outside; None means done.

    Unless forced, 400 when the id from outside is a user's own one, or when something is kept
    under the own id already, which others would no longer find.
    """
    with app.database.transaction() as sql:
        by_external = mappings.by_external(sql, app.app_id, row.external)
        if by_external is not None:
            return IdsMapped(own=by_external.own == row.own, external=True)
        if users.primary_id(sql, app.app_id, row.own) is None:
            return UnknownOwnId()
        if not force:
            _refuse_confusion(sql, app, row)
        if mappings.by_own(sql, app.app_id, row.own) is not None:
            return IdsMapped(own=True, external=False)
        mappings.add(sql, app.app_id, row)
    app.identities.forget(app.app_id)
    return None


def _refuse_confusion(sql: Sql, app: App, row: MappingRow) -> None:
    if users.primary_id(sql, app.app_id, row.external) is not None:
        raise BadRequest("The external id is the own id of a user")
    _refuse_in_use(sql, app, row.own)


def _refuse_in_use(sql: Sql, app: App, user_id: str) -> None:
    used_by = leftovers.used_by(sql, app.app_id, user_id)
    if used_by is not None:
        raise BadRequest(f"The user id is in use in the {used_by} recipe already")


def find(sql: Sql, app: App, user_id: str, kind: IdKind) -> MappingRow | None:
    """Return the mapping that has the id as that kind."""
    match kind:
        case IdKind.OWN:
            return mappings.by_own(sql, app.app_id, user_id)
        case IdKind.EXTERNAL:
            return mappings.by_external(sql, app.app_id, user_id)
        case IdKind.ANY:
            return mappings.by_any(sql, app.app_id, user_id)


def remove(app: App, user_id: str, kind: IdKind, *, force: bool) -> bool:
    """Remove a mapping; False when there was none.

    Unless forced, 400 when something is kept under the external id.
    """
    with app.database.transaction() as sql:
        found = find(sql, app, user_id, kind)
        if found is None:
            return False
        confused = users.primary_id(sql, app.app_id, found.external) is not None
        if not force and not confused:
            _refuse_in_use(sql, app, found.external)
        mappings.remove(sql, app.app_id, found.own)
    app.identities.forget(app.app_id)
    return True


def set_info(app: App, user_id: str, kind: IdKind, info: str | None) -> bool:
    """Replace or remove the note of a mapping; False when there is no mapping."""
    with app.database.transaction() as sql:
        found = find(sql, app, user_id, kind)
        if found is None:
            return False
        mappings.set_info(sql, app.app_id, found.own, info)
    return True
