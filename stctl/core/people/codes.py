"""Passwordless logins: a code, or a link with one, is sent by others and brought back.

The store has hashes only. The link code is a MAC of device and input code under a salt of the
device, so that either of them leads to the same row.
"""

import hashlib
import hmac
from dataclasses import dataclass

from stctl.core.app import App
from stctl.core.people.signing_up import LoggedIn, logged_in, make
from stctl.core.refusals import BadRequest
from stctl.core.store import Sql, accounts, codes, users
from stctl.core.store.accounts import Place
from stctl.core.store.codes import CodeRow, DeviceRow
from stctl.core.store.users import Account
from stctl.tokens.codec import decode_base64_any, encode_base64, encode_base64url
from stctl.tokens.problem import TokenProblem

_BYTES = 32
_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRules:
    """How long a code is good and how many wrong ones end a login."""

    lifetime_ms: int
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What to send to somebody, and what to remember meanwhile."""

    pre_auth_session_id: str
    code_id: str
    device_id: str
    user_input_code: str
    link_code: str
    created_at_ms: int


@dataclass(frozen=True, slots=True)
class UsedBefore:
    """The device has this input code already."""


@dataclass(frozen=True, slots=True)
class Restart:
    """There is no such login under way, or it came to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The code is wrong, or too old."""

    expired: bool
    failed_attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumed:
    """Somebody logged in."""

    login: LoggedIn
    device: DeviceRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A code as it was brought back: the one from a link, or one that was typed on a device."""

    pre_auth_session_id: str
    link_code: str | None = None
    device_id: str | None = None
    user_input_code: str | None = None


def _bytes_of(text: str, what: str) -> bytes:
    try:
        return decode_base64_any(text)
    except (TokenProblem, ValueError):
        raise BadRequest(f"{what} is not base64") from None


def _device_hash(device_id: str) -> str:
    return encode_base64url(hashlib.sha256(_bytes_of(device_id, "deviceId")).digest())


def _link_code(device_id: str, salt: str, user_input_code: str) -> str:
    message = _bytes_of(device_id, "deviceId") + user_input_code.encode()
    return encode_base64url(hmac.digest(decode_base64_any(salt), message, "sha256"))


def _link_hash(link_code: str) -> str:
    return encode_base64(hashlib.sha256(_bytes_of(link_code, "linkCode")).digest())


def begin(app: App, at: Place, account: Account, user_input_code: str | None) -> Code:
    """Begin a login on a new device."""
    device_id = encode_base64(app.entropy.token_bytes(_BYTES))
    device = DeviceRow(
        device_id_hash=_device_hash(device_id),
        account=account,
        link_code_salt=encode_base64(app.entropy.token_bytes(_BYTES)),
        failed_attempts=0,
    )
    with app.database.transaction() as sql:
        codes.add_device(sql, at, device)
        return _add(sql, app, at, (device_id, device), user_input_code or _digits(app))


def again(
    app: App, at: Place, device_id: str, user_input_code: str | None
) -> Code | UsedBefore | Restart:
    """Make another code for a device."""
    with app.database.transaction() as sql:
        device = codes.device(sql, at, _device_hash(device_id))
        if device is None:
            return Restart()
        typed = user_input_code or _digits(app)
        link_hash = _link_hash(_link_code(device_id, device.link_code_salt, typed))
        if codes.code(sql, at, link_hash) is not None:
            return UsedBefore()
        return _add(sql, app, at, (device_id, device), typed)


def _digits(app: App) -> str:
    return f"{int(app.entropy.fraction() * 10**_DIGITS):0{_DIGITS}d}"


def _add(sql: Sql, app: App, at: Place, on: tuple[str, DeviceRow], typed: str) -> Code:
    device_id, device = on
    link_code = _link_code(device_id, device.link_code_salt, typed)
    row = CodeRow(
        code_id=app.entropy.uuid(),
        device_id_hash=device.device_id_hash,
        link_code_hash=_link_hash(link_code),
        created_at_ms=app.clock.now_ms(),
    )
    codes.add_code(sql, at, row)
    return Code(
        pre_auth_session_id=device.device_id_hash,
        code_id=row.code_id,
        device_id=device_id,
        user_input_code=typed,
        link_code=link_code,
        created_at_ms=row.created_at_ms,
    )


def consume(
    app: App, at: Place, brought: Brought, rules: CodeRules
) -> Consumed | Refused | Restart:
    """Let somebody in who brings a good code; a user is made where there is none yet.

    Every login of the same address or number that is under way ends with it. A typed code that is
    wrong or too old counts against the device, which ends with the last attempt.
    """
    device_id = brought.device_id
    typed = device_id is not None
    if device_id is not None and _device_hash(device_id) != brought.pre_auth_session_id:
        raise BadRequest("preAuthSessionId and deviceId are of different logins")
    with app.database.transaction() as sql:
        device = codes.device(sql, at, brought.pre_auth_session_id)
        if device is None:
            return Restart()
        row = codes.code(sql, at, _link_hash(_wanted(brought, device)))
        if row is None or row.device_id_hash != device.device_id_hash:
            return _failed(sql, at, device, rules, expired=False) if typed else Restart()
        if row.created_at_ms < app.clock.now_ms() - rules.lifetime_ms:
            return _failed(sql, at, device, rules, expired=True) if typed else Restart()
        codes.remove_devices_of(sql, at, device.account)
        return Consumed(login=_user(sql, app, at, device.account), device=device)


def _wanted(brought: Brought, device: DeviceRow) -> str:
    if brought.device_id is None:
        return brought.link_code or ""
    return _link_code(brought.device_id, device.link_code_salt, brought.user_input_code or "")


def _failed(
    sql: Sql, at: Place, device: DeviceRow, rules: CodeRules, *, expired: bool
) -> Refused | Restart:
    failed = device.failed_attempts + 1
    if failed >= rules.attempts:
        codes.remove_device(sql, at, device.device_id_hash)
        return Restart()
    codes.count_failure(sql, at, device.device_id_hash)
    return Refused(expired=expired, failed_attempts=failed)


def _user(sql: Sql, app: App, at: Place, account: Account) -> LoggedIn:
    if account.email is not None:
        own = accounts.method_by_email(sql, at, "passwordless", account.email)
    else:
        own = accounts.method_by_phone(sql, at, account.phone_number or "")
    if own is None:
        own = make(sql, app, at, "passwordless", account).method.user_id
        is_new = True
    else:
        is_new = False
    found = logged_in(sql, app, own, is_new=is_new)
    if account.email is None:
        return found
    users.mark_verified(sql, app.app_id, found.method.outer_id, account.email)
    return logged_in(sql, app, own, is_new=is_new)
