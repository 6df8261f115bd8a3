"""`/recipe/userid/…`: ids from outside for users. Source: core, behaviour notes 7.8."""

from stctl.core.call import Call
from stctl.core.endpoints import parameters
from stctl.core.endpoints.shapes import Members
from stctl.core.fields import Fields
from stctl.core.pages import json_answer, ok
from stctl.core.people import mapping
from stctl.core.people.mapping import IdKind, IdsMapped, UnknownOwnId
from stctl.core.refusals import BadRequest
from stctl.core.routing import Endpoint
from stctl.core.store.mappings import MappingRow
from stctl.exchange import Response


def _kind(text: str | None) -> IdKind:
    try:
        return IdKind.ANY if text is None else IdKind(text)
    except ValueError:
        raise BadRequest("userIdType must be SUPERTOKENS, EXTERNAL or ANY") from None


def _info(fields: Fields) -> str | None:
    """Return the note, None where it is null or absent; 400 for an empty one."""
    name = "externalUserIdInfo"
    if not fields.present(name) or fields.is_null(name):
        return None
    return parameters.name(fields, name)


def get_mapping(call: Call) -> Response:
    """Look a mapping up by one of its ids."""
    user_id = parameters.query_name(call, "userId")
    kind = _kind(call.optional_query("userIdType"))
    call.public_tenant_only()
    app = call.app()
    found = mapping.find(app.database.read, app, user_id, kind)
    if found is None:
        return json_answer({"status": "UNKNOWN_MAPPING_ERROR"})
    members: Members = {"superTokensUserId": found.own, "externalUserId": found.external}
    if found.info is not None:
        members["externalUserIdInfo"] = found.info
    return ok(**members)


def post_mapping(call: Call) -> Response:
    """Give a user an id from outside."""
    fields = call.fields()
    row = MappingRow(
        own=parameters.name(fields, "superTokensUserId"),
        external=parameters.name(fields, "externalUserId"),
        info=_info(fields),
    )
    force = fields.optional_boolean("force") is True
    call.public_tenant_only()
    outcome = mapping.add(call.app(), row, force=force)
    if isinstance(outcome, UnknownOwnId):
        return json_answer({"status": "UNKNOWN_SUPERTOKENS_USER_ID_ERROR"})
    if isinstance(outcome, IdsMapped):
        return json_answer(
            {
                "status": "USER_ID_MAPPING_ALREADY_EXISTS_ERROR",
                "doesSuperTokensUserIdExist": outcome.own,
                "doesExternalUserIdExist": outcome.external,
            }
        )
    return ok()


def post_remove(call: Call) -> Response:
    """Remove a mapping."""
    fields = call.fields()
    user_id = parameters.name(fields, "userId")
    kind = _kind(fields.optional_string("userIdType"))
    force = fields.optional_boolean("force") is True
    call.public_tenant_only()
    return ok(didMappingExist=mapping.remove(call.app(), user_id, kind, force=force))


def put_info(call: Call) -> Response:
    """Replace the note of a mapping; a null removes it."""
    fields = call.fields()
    user_id = parameters.name(fields, "userId")
    kind = _kind(fields.optional_string("userIdType"))
    if not fields.present("externalUserIdInfo"):
        raise BadRequest("Field 'externalUserIdInfo' of the body has to be a string or null")
    info = _info(fields)
    call.public_tenant_only()
    if not mapping.set_info(call.app(), user_id, kind, info):
        return json_answer({"status": "UNKNOWN_MAPPING_ERROR"})
    return ok()


ENDPOINTS = (
    Endpoint(path="/recipe/userid/map", methods={"GET": get_mapping, "POST": post_mapping}),
    Endpoint(path="/recipe/userid/map/remove", methods={"POST": post_remove}),
    Endpoint(path="/recipe/userid/external-user-id-info", methods={"PUT": put_info}),
)
