"""The tables of passwordless logins under way: devices, and the codes sent to them."""

from dataclasses import dataclass

from stctl.core.store.accounts import Place
from stctl.core.store.database import Sql
from stctl.core.store.users import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """A login that began on one device."""

    device_id_hash: str
    account: Account
    link_code_salt: str
    failed_attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """A code of a device; only a hash of it is kept."""

    code_id: str
    device_id_hash: str
    link_code_hash: str
    created_at_ms: int


def add_device(sql: Sql, at: Place, device: DeviceRow) -> None:
    """Add a device."""
    account = device.account
    sql(
        "INSERT INTO passwordless_devices VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            at.app_id,
            at.tenant_id,
            device.device_id_hash,
            account.email,
            account.phone_number,
            device.link_code_salt,
            device.failed_attempts,
        ),
    )


def device(sql: Sql, at: Place, device_id_hash: str) -> DeviceRow | None:
    """Return the device, or None."""
    rows = sql(
        "SELECT email, phone_number, link_code_salt, failed_attempts FROM passwordless_devices "
        "WHERE app_id = ? AND tenant_id = ? AND device_id_hash = ?",
        (at.app_id, at.tenant_id, device_id_hash),
    )
    if not rows:
        return None
    email, phone_number, salt, failed = rows[0]
    return DeviceRow(
        device_id_hash=device_id_hash,
        account=Account(email=email, phone_number=phone_number),
        link_code_salt=salt,
        failed_attempts=failed,
    )


def count_failure(sql: Sql, at: Place, device_id_hash: str) -> None:
    """Count one more wrong code."""
    sql(
        "UPDATE passwordless_devices SET failed_attempts = failed_attempts + 1 "
        "WHERE app_id = ? AND tenant_id = ? AND device_id_hash = ?",
        (at.app_id, at.tenant_id, device_id_hash),
    )


def remove_device(sql: Sql, at: Place, device_id_hash: str) -> None:
    """Remove a device with its codes."""
    sql(
        "DELETE FROM passwordless_devices WHERE app_id = ? AND tenant_id = ? "
        "AND device_id_hash = ?",
        (at.app_id, at.tenant_id, device_id_hash),
    )


def remove_devices_of(sql: Sql, at: Place, account: Account) -> None:
    """Remove every device on which the address or number is about to log in."""
    sql(
        "DELETE FROM passwordless_devices WHERE app_id = ? AND tenant_id = ? "
        "AND (email = ? OR phone_number = ?)",
        (at.app_id, at.tenant_id, account.email, account.phone_number),
    )


def add_code(sql: Sql, at: Place, code: CodeRow) -> None:
    """Add a code of a device, which must exist."""
    sql(
        "INSERT INTO passwordless_codes VALUES (?, ?, ?, ?, ?, ?)",
        (
            at.app_id,
            at.tenant_id,
            code.code_id,
            code.device_id_hash,
            code.link_code_hash,
            code.created_at_ms,
        ),
    )


def code(sql: Sql, at: Place, link_code_hash: str) -> CodeRow | None:
    """Return the code of that hash, or None."""
    rows = sql(
        "SELECT code_id, device_id_hash, created_at FROM passwordless_codes "
        "WHERE app_id = ? AND tenant_id = ? AND link_code_hash = ?",
        (at.app_id, at.tenant_id, link_code_hash),
    )
    if not rows:
        return None
    code_id, device_id_hash, created_at_ms = rows[0]
    return CodeRow(
        code_id=code_id,
        device_id_hash=device_id_hash,
        link_code_hash=link_code_hash,
        created_at_ms=created_at_ms,
    )
