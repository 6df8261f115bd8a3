"""Random walks through the life of a session: the core answers as a model on paper does."""

from collections.abc import Sequence
from typing import TypeVar

import pytest

from core_stand import Body, Stand, open_stand
from session_model import Access, Expected, Refresh, SessionModel
from stctl.clock import SeededEntropy

_SEEDS = range(60)
_STEPS = 60
_PAUSES_MS = (0, 0, 1, 5_000, 30_000, 30_001)
_LEGACY = ("2.20", "2.21", "3.1", "5.4", "5.5")
_Choice = TypeVar("_Choice")


class _Walk:
    """One session in a core and on paper, with every token that was ever handed out."""

    def __init__(self, stand: Stand, chance: SeededEntropy) -> None:
        self._stand = stand
        self._chance = chance
        self._begin()

    def _begin(self) -> None:
        self._model = SessionModel()
        created = self._stand.create(userDataInJWT={"n": 0})
        self._handle: str = created["session"]["handle"]
        self._refresh = [(Refresh(number=0, parent=None), created)]
        self._access = [(Access(refresh=0, parent=None, payload=0), created)]

    def step(self) -> None:
        """Do one thing to both, and compare; a session that has ended is left after a while."""
        if not self._model.alive and self._one_of((True, False, False)):
            self._begin()
        self._stand.clock.wait_ms(self._one_of(_PAUSES_MS))
        deeds = (*[self._do_refresh] * 5, *[self._do_verify] * 5, self._do_write)
        self._one_of(deeds)()

    def _one_of(self, choices: Sequence[_Choice]) -> _Choice:
        return choices[int(self._chance.fraction() * len(choices))]

    def _caller(self) -> tuple[Stand, bool]:
        rotation = self._one_of((True, False))
        cdi = "5.6" if rotation else self._one_of(_LEGACY)
        return self._stand.speaking(cdi), rotation

    def _do_refresh(self) -> None:
        # Young tokens are more likely than old ones; otherwise no session lives long.
        token, answer = self._one_of(self._refresh[-self._one_of((1, 1, 1, 2, 3, 99)) :])
        caller, rotation = self._caller()
        now_ms = self._stand.clock.now_ms()
        expected = self._model.refresh(token, rotation=rotation, now_ms=now_ms)
        self._compare(expected, caller.refresh(answer))

    def _do_verify(self) -> None:
        token, answer = self._one_of(self._access)
        caller, rotation = self._caller()
        # Callers below 2.21 cannot ask for the database.
        database = self._one_of((True, False)) and caller.cdi != "2.20"
        now_ms = self._stand.clock.now_ms()
        expected = self._model.verify(token, rotation=rotation, database=database, now_ms=now_ms)
        self._compare(expected, caller.verify(answer, database=database))

    def _do_write(self) -> None:
        number = self._one_of((0, 1, 2))
        body = {"sessionHandle": self._handle, "userDataInJWT": {"n": number}}
        answer = self._stand.ask("PUT", "/recipe/jwt/data", body)
        assert (b'"OK"' in answer.body) is self._model.alive
        self._model.payload = number

    def _compare(self, expected: Expected, answer: Body) -> None:
        self._model.history.append(f"{expected} {answer['status']}")
        history = "\n".join(self._model.history)
        assert answer["status"] == expected.status, history
        assert answer.get("recentTokenReuseSubtype") == expected.subtype, history
        assert answer.get("payloadUpdateAvailable") == expected.payload_update_available, history
        assert ("accessToken" in answer) is (expected.access is not None), history
        assert ("refreshToken" in answer) is (expected.refresh is not None), history
        if expected.access is not None:
            assert answer["session"]["userDataInJWT"] == {"n": expected.access.payload}, history
            self._access.append((expected.access, answer))
        if expected.refresh is not None:
            self._refresh.append((expected.refresh, answer))


@pytest.mark.parametrize("seed", _SEEDS)
def test_a_walk_of_both_families_ends_as_the_model_says(seed: int) -> None:
    with open_stand() as stand:
        walk = _Walk(stand, SeededEntropy(seed))
        for _ in range(_STEPS):
            walk.step()
