"""`/recipe/user/metadata`: what others remember about users. Source: core, behaviour notes 7.6."""

from typing import Final

from stctl.core.call import Call
from stctl.core.endpoints.shapes import Members
from stctl.core.engine.claims import to_object, to_text
from stctl.core.pages import ok
from stctl.core.refusals import BadRequest
from stctl.core.routing import Endpoint
from stctl.core.store import metadata
from stctl.exchange import Response
from stctl.jsontypes import JsonValue

_BULK_MOST: Final = 500


def get_metadata(call: Call) -> Response:
    """Return the metadata of a user, an empty object where there is none."""
    user_id = call.query("userId")
    call.public_tenant_only()
    app = call.app()
    found = metadata.find(app.database.read, app.app_id, [user_id])
    return ok(metadata=to_object(found.get(user_id, "{}")))


def put_metadata(call: Call) -> Response:
    """Merge into the metadata, one level deep: a null removes a member. Returns the whole."""
    fields = call.fields()
    user_id, update = fields.string("userId"), fields.object("metadataUpdate")
    call.public_tenant_only()
    app = call.app()
    with app.database.transaction() as sql:
        before = metadata.find(sql, app.app_id, [user_id]).get(user_id, "{}")
        everything = {**to_object(before), **update}
        kept: Members = {name: value for name, value in everything.items() if value is not None}
        metadata.write(sql, app.app_id, user_id, to_text(kept))
    return ok(metadata=kept)


def post_remove(call: Call) -> Response:
    """Remove the metadata of a user, if there is some."""
    user_id = call.fields().string("userId")
    call.public_tenant_only()
    app = call.app()
    metadata.remove(app.database.write, app.app_id, user_id)
    return ok()


def post_bulk(call: Call) -> Response:
    """Return the metadata of up to 500 users in the order of the question; null for none."""
    user_ids = call.fields().strings("userIds")
    if len(user_ids) > _BULK_MOST:
        raise BadRequest(f"userIds may have at most {_BULK_MOST} elements")
    call.public_tenant_only()
    app = call.app()
    found = metadata.find(app.database.read, app.app_id, user_ids)
    listed: list[JsonValue] = [
        {
            "userId": user_id,
            "metadata": to_object(found[user_id]) if user_id in found else None,
        }
        for user_id in user_ids
    ]
    return ok(users=listed)


_PATH = "/recipe/user/metadata"
ENDPOINTS = (
    Endpoint(path=_PATH, methods={"GET": get_metadata, "PUT": put_metadata}),
    Endpoint(path=f"{_PATH}/remove", methods={"POST": post_remove}),
    Endpoint(path=f"{_PATH}/bulk", methods={"POST": post_bulk}),
)
