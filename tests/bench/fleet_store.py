"""Fills the file of an embedded core with users and sessions, faster than any call could."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from stctl.clock import SystemClock, SystemEntropy
from stctl.core.service import CoreService, open_core
from stctl.core.settings import load_settings

_LIFE_MS = 8_640_000_000


def open_store(file: Path) -> CoreService:
    """An embedded core over the file."""
    return open_core(file, load_settings(None, {}, ()), SystemClock(), SystemEntropy())


def seed(file: Path, users: int, sessions_each: int) -> None:
    """Make a file with so many users of so many sessions each, in place of what was there."""
    for old in file.parent.glob(f"{file.name}*"):
        old.unlink()
    with open_store(file):
        pass
    now_ms = SystemClock().now_ms()
    connection = sqlite3.connect(file)
    try:
        for table, columns, rows in _people(users, now_ms):
            names, marks = ", ".join(columns), ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - names of ours
        connection.executemany(
            "INSERT INTO session_info VALUES "
            "('public', 'public', ?, ?, ?, '{}', ?, ?, '{\"role\": \"user\"}', 0, NULL, NULL)",
            _sessions(users, sessions_each, now_ms),
        )
        connection.commit()
    finally:
        connection.close()


def copied(file: Path, name: str) -> Path:
    """A copy of a file that nobody has open."""
    target = file.with_name(name)
    for old in file.parent.glob(f"{name}*"):
        old.unlink()
    shutil.copyfile(file, target)
    return target


def number_of(handle: str, sessions_each: int) -> int:
    """The place of a session among all of such a file."""
    return int(handle[:8], 16) * sessions_each + int(handle[-12:], 16)


def count_sessions(file: Path) -> int:
    """How many sessions are in the file."""
    connection = sqlite3.connect(file)
    try:
        (count,) = connection.execute("SELECT count(*) FROM session_info").fetchone()
    finally:
        connection.close()
    return int(count)


def user_id(number: int) -> str:
    """The id of a user."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def _handle(user: int, session: int) -> str:
    return f"{user:08x}-0000-4000-8000-{session:012x}"


def _sessions(users: int, each: int, now_ms: int) -> Iterator[tuple[str | int, ...]]:
    for user in range(users):
        for session in range(each):
            yield _handle(user, session), user_id(user), "0" * 64, now_ms + _LIFE_MS, now_ms


def _people(
    users: int, now_ms: int
) -> Iterator[tuple[str, list[str], Iterator[tuple[object, ...]]]]:
    everybody = [(user_id(number), now_ms - users + number) for number in range(users)]
    yield (
        "app_id_to_user_id",
        ["user_id", "recipe_id", "primary_or_recipe_user_id"],
        ((user, "emailpassword", user) for user, _ in everybody),
    )
    yield (
        "all_auth_recipe_users",
        [
            "user_id",
            "primary_or_recipe_user_id",
            "recipe_id",
            "time_joined",
            "primary_or_recipe_user_time_joined",
        ],
        ((user, user, "emailpassword", joined, joined) for user, joined in everybody),
    )
    yield (
        "emailpassword_users",
        ["user_id", "email", "password_hash", "time_joined"],
        ((user, f"{user}@example.com", "none", joined) for user, joined in everybody),
    )
    yield (
        "emailpassword_user_to_tenant",
        ["user_id", "email"],
        ((user, f"{user}@example.com") for user, _ in everybody),
    )
