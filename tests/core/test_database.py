import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stctl.core.store import Database, open_database
from stctl.errors import ErrorKind, StctlError

_PUT = "INSERT INTO apps VALUES (?, ?)"
_COUNT = "SELECT COUNT(*) FROM apps"

_WRITER = """
import sys
from pathlib import Path
from stctl.core.store import open_database
database = open_database(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    with database.transaction() as sql:
        sql("INSERT INTO apps VALUES (?, ?)", (f"{sys.argv[2]}{number}", number))
    print(number, flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["memory", "file"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path / "core.db" if request.param == "file" else None)
    yield database
    database.close()


def _count(database: Database) -> int:
    count: int = database.read(_COUNT)[0][0]
    return count


def _fail_inside(database: Database) -> None:
    with database.transaction() as sql:
        sql(_PUT, ("a", 1))
        raise ValueError("stop")


def test_a_transaction_is_undone_by_an_exception(database: Database) -> None:
    with pytest.raises(ValueError, match="stop"):
        _fail_inside(database)
    assert _count(database) == 0
    with database.transaction() as sql:
        sql(_PUT, ("a", 1))
    assert _count(database) == 1


def test_a_broken_rule_of_a_table_is_a_failure_of_the_store(database: Database) -> None:
    database.write(_PUT, ("a", 1))
    with pytest.raises(StctlError) as caught:
        database.write(_PUT, ("a", 1))
    assert caught.value.kind is ErrorKind.STORE_FAILED
    assert _count(database) == 1


def test_what_belongs_to_nothing_is_not_stored(database: Database) -> None:
    with pytest.raises(StctlError, match="FOREIGN KEY"):
        database.write("INSERT INTO tenants VALUES ('nosuch', 't1', 0)")


def test_a_closed_database_says_so(database: Database) -> None:
    database.close()
    with pytest.raises(StctlError):
        database.read(_COUNT)


def test_writers_of_many_threads_lose_nothing(database: Database) -> None:
    def add(number: int) -> None:
        with database.transaction() as sql:
            found = sql("SELECT created_at_time FROM apps WHERE app_id = 'sum'", ())
            total = found[0][0] if found else 0
            sql("DELETE FROM apps WHERE app_id = 'sum'", ())
            sql(_PUT, ("sum", total + number))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(add, range(200)))
    assert database.read("SELECT created_at_time FROM apps") == [(sum(range(200)),)]


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "core.db"
    open_database(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    database = open_database(tmp_path / "core.db")
    with database.transaction() as sql:
        sql(_PUT, ("a", 1))
        assert _count(database) == 0
    assert _count(database) == 1
    database.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "core.db"
    path.write_text("this is not a database, and long enough to be looked at" * 20)
    with pytest.raises(StctlError, match="not a database") as caught:
        open_database(path)
    assert caught.value.kind is ErrorKind.STORE_FAILED


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StctlError, match=r"core\.db") as caught:
        open_database(tmp_path / "file" / "core.db")
    assert caught.value.kind is ErrorKind.STORE_FAILED


def test_a_file_of_a_newer_stctl_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "core.db"
    open_database(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StctlError, match="newer stctl") as caught:
        open_database(path)
    assert "--db" in caught.value.hint


def _start_writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - this interpreter, on a text of this file
        [sys.executable, "-c", _WRITER, str(path), name, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_that_open_and_write_one_file_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "core.db"
    writers = [_start_writer(path, name, 50) for name in "abc"]
    for writer in writers:
        writer.communicate(input="", timeout=60)
        assert writer.returncode == 0
    database = open_database(path)
    assert _count(database) == 150
    database.close()


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_what_was_answered_survives_the_end_of_the_process(tmp_path: Path) -> None:
    path = tmp_path / "core.db"
    with _start_writer(path, "a", 1_000_000) as writer:
        assert writer.stdout is not None
        answered = [int(writer.stdout.readline()) for _ in range(50)]
        writer.send_signal(signal.SIGKILL)
        writer.wait(timeout=60)
    database = open_database(path)
    assert _count(database) >= len(answered)
    database.close()
