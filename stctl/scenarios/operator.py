"""What an operator does at the core, beside the backend."""

from collections.abc import Callable, Mapping

from stctl.jsontypes import JsonObject, JsonValue
from stctl.scenarios.core_link import Core
from stctl.scenarios.load import resolve
from stctl.scenarios.model import AtTheCore, Revoke, SetPayload
from stctl.scenarios.sending import Fields
from stctl.sessions.answers import Unauthorised


def operate(deed: AtTheCore, core: Core, fields: Fields, user_id: Callable[[str], str]) -> str:
    """Do it; what came of it, in words."""
    client = core.rightful_client
    match deed:
        case SetPayload(handle=handle, payload=payload):
            answer = client.set_jwt_payload(resolve(handle, fields), json_object(payload))
            gone = isinstance(answer, Unauthorised)
            return "the session is gone" if gone else "the session has other claims"
        case Revoke(handle=handle, user=user):
            if handle is not None:
                ended = client.revoke_handles([resolve(handle, fields)])
            else:
                ended = client.revoke_user(user_id(user or ""))
            return f"{len(ended)} session{'' if len(ended) == 1 else 's'} ended"


def json_object(values: Mapping[str, object]) -> JsonObject:
    """Return values of a TOML table as JSON; dates become text."""
    return {name: _json(value) for name, value in values.items()}


def _json(value: object) -> JsonValue:
    if isinstance(value, Mapping):
        return dict(json_object(value))
    if isinstance(value, list):
        return [_json(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
