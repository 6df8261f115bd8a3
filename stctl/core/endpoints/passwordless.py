"""Passwordless logins: `/recipe/signinup/code` and `/recipe/signinup/code/consume`."""

from stctl.core.call import Call
from stctl.core.endpoints import user_shapes
from stctl.core.endpoints.core_config import own_value
from stctl.core.endpoints.shapes import Members
from stctl.core.endpoints.sign_up import note_login
from stctl.core.fields import Fields
from stctl.core.negotiation import V5_0
from stctl.core.pages import json_answer, ok
from stctl.core.people import codes
from stctl.core.people.codes import Brought, Code, CodeRules, Refused, Restart
from stctl.core.people.signing_up import normalised_email
from stctl.core.refusals import BadRequest
from stctl.core.routing import Endpoint
from stctl.core.store.accounts import Place
from stctl.core.store.codes import DeviceRow
from stctl.core.store.users import Account
from stctl.exchange import Response


def _rules(call: Call) -> CodeRules:
    return CodeRules(
        lifetime_ms=own_value(call, "passwordless_code_lifetime"),
        attempts=own_value(call, "passwordless_max_code_input_attempts"),
    )


def post_code(call: Call) -> Response:
    """Make a code for an address, for a number, or once more for a device."""
    fields = call.fields()
    names = ("email", "phoneNumber", "deviceId")
    email, phone_number, device_id = (fields.optional_string(name) for name in names)
    typed = fields.optional_string("userInputCode")
    if sum(one is not None for one in (email, phone_number, device_id)) != 1:
        raise BadRequest("Give exactly one of email, phoneNumber and deviceId")
    app = call.tenant_app()
    at = Place(app.app_id, call.tenant_id)
    if device_id is not None:
        outcome = codes.again(app, at, device_id, typed)
    else:
        account = Account(
            email=None if email is None else normalised_email(email), phone_number=phone_number
        )
        outcome = codes.begin(app, at, account, typed)
    if isinstance(outcome, Code):
        return ok(**_code(outcome), codeLifetime=_rules(call).lifetime_ms)
    restart = isinstance(outcome, Restart)
    return json_answer(
        {"status": "RESTART_FLOW_ERROR" if restart else "USER_INPUT_CODE_ALREADY_USED_ERROR"}
    )


def _code(code: Code) -> Members:
    return {
        "preAuthSessionId": code.pre_auth_session_id,
        "codeId": code.code_id,
        "deviceId": code.device_id,
        "userInputCode": code.user_input_code,
        "linkCode": code.link_code,
        "timeCreated": code.created_at_ms,
    }


def _brought(fields: Fields) -> Brought:
    """Read a link code, or a device with a typed code; 400 for both or neither."""
    link_code = fields.optional_string("linkCode")
    device_id = fields.optional_string("deviceId")
    typed = fields.optional_string("userInputCode")
    by_link = link_code is not None and device_id is None and typed is None
    by_typing = link_code is None and device_id is not None and typed is not None
    if not by_link and not by_typing:
        raise BadRequest("Give either linkCode, or deviceId and userInputCode")
    return Brought(
        pre_auth_session_id=fields.string("preAuthSessionId"),
        link_code=link_code,
        device_id=device_id,
        user_input_code=typed,
    )


def post_consume(call: Call) -> Response:
    """Let in whoever brings a good code."""
    brought = _brought(call.fields())
    app, rules = call.tenant_app(), _rules(call)
    outcome = codes.consume(app, Place(app.app_id, call.tenant_id), brought, rules)
    if isinstance(outcome, Restart):
        return json_answer({"status": "RESTART_FLOW_ERROR"})
    if isinstance(outcome, Refused):
        kind = "EXPIRED" if outcome.expired else "INCORRECT"
        return json_answer(
            {
                "status": f"{kind}_USER_INPUT_CODE_ERROR",
                "failedCodeInputAttemptCount": outcome.failed_attempts,
                "maximumCodeInputAttempts": rules.attempts,
            }
        )
    login = outcome.login
    note_login(call, login)
    shown = user_shapes.logged_in(login.user, login.method, call.version)
    device = {"consumedDevice": _device(outcome.device)} if call.version >= V5_0 else {}
    return ok(createdNewUser=login.is_new, **shown, **device)


def _device(device: DeviceRow) -> Members:
    account = device.account
    reached: Members = (
        {"phoneNumber": account.phone_number} if account.email is None else {"email": account.email}
    )
    return {
        "preAuthSessionId": device.device_id_hash,
        "failedCodeInputAttemptCount": device.failed_attempts,
        **reached,
    }


_PATH = "/recipe/signinup/code"
ENDPOINTS = (
    Endpoint(path=_PATH, methods={"POST": post_code}),
    Endpoint(path=f"{_PATH}/consume", methods={"POST": post_consume}),
)
