"""Lists and counts of users. Source: core, behaviour notes 7.1 to 7.3."""

import base64
import binascii
from typing import Final

from stctl.core.call import Call
from stctl.core.endpoints import parameters, user_shapes
from stctl.core.endpoints.shapes import Members
from stctl.core.negotiation import V5_6
from stctl.core.pages import json_answer, ok
from stctl.core.refusals import BadRequest
from stctl.core.routing import Endpoint
from stctl.core.store import Sql, accounts, activity, users
from stctl.core.store.accounts import Place, Search
from stctl.core.store.users import User
from stctl.exchange import Response

_LIMIT_DEFAULT: Final = 100
_LIMIT_MOST: Final = 500
_ESTIMATE_AGE_MS: Final = 60_000


def get_users(call: Call) -> Response:
    """List users of a tenant page by page, or all that a search finds."""
    recipes = parameters.recipes(call)
    app = call.tenant_app()
    ascending = _ascending(call)
    wanted = _search(call)
    limit = _limit(call, searching=wanted is not None)
    at = Place(app.app_id, call.tenant_id)
    start = _start(call)
    if wanted is not None:
        found = users.load(
            app.database.read, at.app_id, accounts.search(app.database.read, at, wanted, recipes)
        )
        return _answer(call, _ordered(found, ascending=ascending), None)
    page = accounts.page(
        app.database.read, at, recipes, ascending=ascending, start=start, count=limit + 1
    )
    following = page[limit] if len(page) > limit else None
    ids = [user_id for user_id, _ in page[:limit]]
    return _answer(call, users.load(app.database.read, at.app_id, ids), following)


def _answer(call: Call, found: list[User], following: tuple[str, int] | None) -> Response:
    members: Members = {
        "status": "OK",
        "users": [user_shapes.listed(user, call.version) for user in found],
    }
    if following is not None:
        place = f"{following[0]};{following[1]}"
        members["nextPaginationToken"] = base64.b64encode(place.encode()).decode()
    return json_answer(members)


def _ascending(call: Call) -> bool:
    order = call.optional_query("timeJoinedOrder")
    if order not in {None, "ASC", "DESC"}:
        raise BadRequest("timeJoinedOrder must be ASC or DESC")
    return order != "DESC"


def _limit(call: Call, *, searching: bool) -> int:
    limit = parameters.integer(call, "limit")
    if limit is None:
        return _LIMIT_DEFAULT
    if limit < 1 or (limit > _LIMIT_MOST and not searching):
        raise BadRequest(f"limit must be from 1 to {_LIMIT_MOST}")
    return limit


def _start(call: Call) -> tuple[int, str] | None:
    token = call.optional_query("paginationToken")
    if token is None:
        return None
    try:
        text = base64.b64decode(token, validate=True).decode()
        user_id, joined = text.split(";")
        return int(joined), user_id
    except (binascii.Error, ValueError):
        raise BadRequest("The pagination token is not one of this core") from None


def _search(call: Call) -> Search | None:
    wanted = Search(
        emails=_beginnings(call, "email"),
        phones=_beginnings(call, "phone"),
        providers=_beginnings(call, "provider"),
    )
    return wanted if wanted != Search() else None


def _beginnings(call: Call, parameter: str) -> tuple[str, ...]:
    given = (call.optional_query(parameter) or "").lower().split(";")
    return tuple(text.strip() for text in given if text.strip())


def _ordered(found: list[User], *, ascending: bool) -> list[User]:
    by_id = sorted(found, key=lambda user: user.user_id, reverse=True)
    return sorted(by_id, key=lambda user: user.joined_at_ms, reverse=not ascending)


def get_count(call: Call) -> Response:
    """Count the users of a tenant, or of the whole app."""
    recipes = parameters.recipes(call)
    everywhere = call.query_flag("includeAllTenants", default=False)
    if everywhere:
        call.public_tenant_only()
    app = call.app() if everywhere else call.tenant_app()
    tenant_id = None if everywhere else call.tenant_id
    members: Members = {"count": accounts.count(app.database.read, app.app_id, tenant_id, recipes)}
    if call.version >= V5_6 and call.query_flag("allowApproximate", default=False):
        members.update(_estimate(app.clock.now_ms(), possible=not recipes and not everywhere))
    return ok(**members)


def _estimate(now_ms: int, *, possible: bool) -> Members:
    """Say how good a count is; the count itself is exact here, whatever may be estimated."""
    return {"approximate": possible, "asOf": now_ms - _ESTIMATE_AGE_MS if possible else now_ms}


def get_active(call: Call) -> Response:
    """Count the users of the app who used a session since a moment."""
    call.query("since")
    since_ms = parameters.integer(call, "since") or 0
    if since_ms < 0:
        raise BadRequest("since must not be negative")
    call.public_tenant_only()
    app = call.app()
    sql: Sql = app.database.read
    return ok(count=activity.count_active_since(sql, app.app_id, since_ms))


ENDPOINTS = (
    Endpoint(path="/users", methods={"GET": get_users}),
    Endpoint(path="/users/count", methods={"GET": get_count}),
    Endpoint(path="/users/count/active", methods={"GET": get_active}),
)
