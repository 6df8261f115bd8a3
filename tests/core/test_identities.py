from collections.abc import Sequence
from pathlib import Path

from core_people import linked, made_primary, mapped, signed_up
from core_stand import START_MS, open_stand
from stctl.clock import FrozenClock
from stctl.core.people.identities import StoredIdentities
from stctl.core.store import Database, open_database, tenants
from stctl.core.store.database import Row, Value


class Counting:
    """A database that counts what it is asked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.reads = 0

    def read(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        self.reads += 1
        return self._database.read(statement, values)

    def __getattr__(self, name: str) -> object:
        return getattr(self._database, name)


def test_without_links_and_mappings_one_question_a_second_is_asked() -> None:
    clock, database = FrozenClock(START_MS), open_database(None)
    with database.transaction() as sql:
        tenants.create(sql, "public", "public", START_MS)
    counting = Counting(database)
    identities = StoredIdentities(counting, clock)  # type: ignore[arg-type] # it passes all on
    for _ in range(100):
        assert identities.at_login("public", "u1").primary == "u1"
        assert identities.of_recipe_user("public", "u1").recipe == "u1"
        assert identities.linked("public", "u1") == ["u1"]
    assert counting.reads == 1
    clock.wait_ms(1_000)
    identities.at_login("public", "u1")
    assert counting.reads == 2
    database.close()


def test_the_first_link_and_the_first_mapping_are_known_at_once() -> None:
    with open_stand() as stand:
        whole, part = signed_up(stand, "a@b.c"), signed_up(stand, "b@b.c")
        made_primary(stand, whole)
        assert stand.create(part)["session"]["userId"] == part
        linked(stand, part, whole)
        assert stand.create(part)["session"]["userId"] == whole
        stand.post("/recipe/session/remove", {"userId": whole})
        stand.post("/recipe/accountlinking/user/unlink", {"recipeUserId": part})
        mapped(stand, part, "ext")
        assert stand.create(part)["session"]["userId"] == "ext"


def test_what_another_process_links_is_known_after_a_second(tmp_path: Path) -> None:
    clock, db = FrozenClock(START_MS), tmp_path / "core.db"
    with open_stand(db, clock=clock) as one, open_stand(db, clock=clock) as other:
        whole, part = signed_up(one, "a@b.c"), signed_up(one, "b@b.c")
        made_primary(one, whole)
        assert other.create(part)["session"]["userId"] == part
        linked(one, part, whole)
        clock.wait_ms(1_000)
        assert other.create(part)["session"]["userId"] == whole
