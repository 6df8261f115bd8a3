"""Connections to the SQLite file, or to memory, and who may write when."""

import os
import sqlite3
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol, TypeAlias

from stctl.core.store.schema import TABLES, VERSION
from stctl.errors import ErrorKind, StctlError

Value: TypeAlias = str | int | None
Row: TypeAlias = tuple[Any, ...]  # what SQLite gives for the columns that were asked for
Sql: TypeAlias = Callable[[str, Sequence[Value]], list[Row]]
"""Runs one statement and returns all its rows; raises `StctlError` (store-failed)."""

_BUSY_TIMEOUT_S: Final = 30.0
_RETRY_S: Final = 0.02
_PRAGMAS: Final = (
    "foreign_keys=ON",
    # The disk is waited for when the log is folded into the file, and not at every write: what was
    # written survives the process; the last of it may be lost when the machine loses its power.
    "synchronous=NORMAL",
    # Pages. Folding in rarely makes a write half again as fast.
    "wal_autocheckpoint=4000",
    "temp_store=MEMORY",
)


class Database(Protocol):
    """What both kinds of database offer; safe to use from any thread."""

    def read(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """Run one statement that changes nothing."""
        ...

    def write(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """Run one statement that may change something; it is kept when this returns."""
        ...

    def transaction(self) -> AbstractContextManager[Sql]:
        """A span in which nobody else writes; kept at its end, undone by an exception."""
        ...

    def close(self) -> None:
        """Close every connection; later calls raise `StctlError`."""
        ...


def failure(error: sqlite3.Error, place: str) -> StctlError:
    """Return the error to raise for one of SQLite's own."""
    return StctlError(ErrorKind.STORE_FAILED, f"{place}: {error}")


def _sql(connection: sqlite3.Connection, place: str) -> Sql:
    def run(statement: str, values: Sequence[Value] = ()) -> list[Row]:
        try:
            return connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise failure(error, place) from error

    return run


@contextmanager
def _immediate(connection: sqlite3.Connection, sql: Sql) -> Generator[Sql]:
    sql("BEGIN IMMEDIATE", ())
    try:
        yield sql
        sql("COMMIT", ())
    except BaseException:
        # After some failures SQLite has rolled back already.
        if connection.in_transaction:
            connection.rollback()
        raise


class MemoryDatabase:
    """One connection to memory, lent to one caller at a time."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False
        )
        self._lock = Lock()
        self._sql = _sql(self._connection, "the database in memory")
        _prepare(self._connection)

    def read(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """Run one statement."""
        with self._lock:
            return self._sql(statement, values)

    write = read

    @contextmanager
    def transaction(self) -> Generator[Sql]:
        """Keep everybody else out until the end; undone by an exception."""
        with self._lock, _immediate(self._connection, self._sql) as sql:
            yield sql

    def close(self) -> None:
        """Forget everything; later calls raise `StctlError`."""
        with self._lock:
            self._connection.close()


class FileDatabase:
    """A file in write-ahead mode, shared with other threads and other processes.

    Readers wait for nobody. Writers of this process queue at a lock, so that only a writer of
    another process is ever found busy in SQLite, whose waiting is coarse. What was answered has
    been handed to the operating system and survives the end of the process, however sudden.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = str(path)
        self._idle: list[tuple[sqlite3.Connection, Sql]] = []
        self._closed = False
        self._writing = Lock()
        self._give_back(_first_connection(path))

    def read(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """Run one statement on a connection that nobody else uses meanwhile."""
        entry = self._take()
        try:
            return entry[1](statement, values)
        finally:
            self._return(entry)

    def write(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """Run one statement, a transaction of its own."""
        with self._writing:
            return self.read(statement, values)

    @contextmanager
    def transaction(self) -> Generator[Sql]:
        """Keep every other writer out until the end; undone by an exception."""
        with self._writing:
            entry = self._take()
            try:
                with _immediate(*entry) as sql:
                    yield sql
            finally:
                self._return(entry)

    def close(self) -> None:
        """Close the idle connections now and the others when they come back."""
        self._closed = True
        while self._idle:
            self._idle.pop()[0].close()

    def _take(self) -> tuple[sqlite3.Connection, Sql]:
        if self._closed:
            raise StctlError(ErrorKind.STORE_FAILED, f"{self._place}: the core was closed")
        try:
            return self._idle.pop()
        except IndexError:
            connection = _connect(self._path)
            return connection, _sql(connection, self._place)

    def _return(self, entry: tuple[sqlite3.Connection, Sql]) -> None:
        if self._closed:
            entry[0].close()
        else:
            self._idle.append(entry)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        self._return((connection, _sql(connection, self._place)))


def open_database(path: Path | None) -> Database:
    """Open the file, making it and its folder when they are missing; None means memory.

    A new file can be read by its owner only, since it holds private keys. Raises `StctlError`
    (store-failed) for a file that cannot be opened, is no database, or is of a newer stctl.
    """
    return MemoryDatabase() if path is None else FileDatabase(path)


def _first_connection(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        reason = error.strerror or str(error)
        raise StctlError(ErrorKind.STORE_FAILED, f"{path}: {reason}") from error
    connection = _connect(path)
    try:
        _write_ahead(connection)
        _prepare(connection)
    except sqlite3.Error as error:
        connection.close()
        raise failure(error, str(path)) from error
    except StctlError:
        connection.close()
        raise
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise failure(error, str(path)) from error
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error as error:
        connection.close()
        raise failure(error, str(path)) from error
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead mode; SQLite does not wait for another process that does the same."""
    for _ in range(int(_BUSY_TIMEOUT_S / _RETRY_S)):
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchall()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(_RETRY_S)
        else:
            return
    raise sqlite3.OperationalError("another process does not let go of it")


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys=ON")
    with _immediate(connection, _sql(connection, "the database")) as sql:
        found = sql("PRAGMA user_version", ())[0][0]
        if found > VERSION:
            raise StctlError(
                ErrorKind.STORE_FAILED,
                f"the database is of a newer stctl (its version is {found}, not {VERSION})",
                hint="Update stctl, or name another file with --db.",
            )
        if found < VERSION:
            for statement in TABLES:
                sql(statement, ())
            sql(f"PRAGMA user_version={VERSION}", ())
