"""What an operator does at the core, beside the backend."""

from collections.abc import Callable, Mapping
from typing import Final

from stctl.cdi.client import CdiClient
from stctl.jsontypes import JsonObject, JsonValue
from stctl.scenarios.core_link import Core
from stctl.scenarios.load import resolve
from stctl.scenarios.model import AtTheCore, DeleteUser, Revoke, SetPayload, SignUp
from stctl.scenarios.sending import Fields
from stctl.sessions.answers import Unauthorised
from stctl.sessions.people import EmailTaken

_PASSWORD: Final = "correct horse 1"  # noqa: S105 - of a user who lives in a rehearsal only


class Users:
    """The people of one case, with the ids that the core knows them by."""

    def __init__(self, name_user: Callable[[str], str]) -> None:
        """`name_user` makes an id for somebody who has no account: sessions need none."""
        self._name_user = name_user
        self._ids: dict[str, str] = {}

    def id_of(self, name: str) -> str:
        """The id of a user; made up when it is first asked for."""
        if name not in self._ids:
            self._ids[name] = self._name_user(name)
        return self._ids[name]

    def has_account(self, name: str, user_id: str) -> None:
        """Note the id of an account that was made."""
        self._ids[name] = user_id


def operate(deed: AtTheCore, core: Core, fields: Fields, users: Users) -> str:
    """Do it; what came of it, in words."""
    client = core.rightful_client
    match deed:
        case SignUp(user=user):
            return _sign_up(user, client, users)
        case DeleteUser(user=user):
            client.remove_user(users.id_of(user))
            return f"{user} is gone, with every session"
        case SetPayload(handle=handle, payload=payload):
            answer = client.set_jwt_payload(resolve(handle, fields), json_object(payload))
            gone = isinstance(answer, Unauthorised)
            return "the session is gone" if gone else "the session has other claims"
        case Revoke(handle=handle, user=user):
            if handle is not None:
                ended = client.revoke_handles([resolve(handle, fields)])
            else:
                ended = client.revoke_user(users.id_of(user or ""))
            return f"{len(ended)} session{'' if len(ended) == 1 else 's'} ended"


def _sign_up(name: str, client: CdiClient, users: Users) -> str:
    made = client.sign_up(f"{users.id_of(name)}@example.com", _PASSWORD)
    if isinstance(made, EmailTaken):
        return f"{name} has an account already"
    users.has_account(name, made.user_id)
    return f"{name} has an account now"


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
