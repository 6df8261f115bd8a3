import json

import pytest

from conftest import NOW_MS
from stctl.clock import FrozenClock, SeededEntropy
from stctl.core.service import open_core
from stctl.core.settings import CoreSettings
from stctl.exchange import Request, Response


def ask(path: str, *query: tuple[str, str], cdi: str = "5.4") -> Response:
    with open_core(None, CoreSettings(), FrozenClock(NOW_MS), SeededEntropy(1)) as core:
        return core.answer(
            Request(method="GET", path=path, query=query, headers=(("cdi-version", cdi),))
        )


def test_a_user_is_unknown_and_saying_so_is_a_good_answer() -> None:
    answer = ask("/user/id", ("userId", "alice"))
    assert answer.status == 200
    assert json.loads(answer.body) == {"status": "UNKNOWN_USER_ID_ERROR"}


def test_the_id_has_to_be_given() -> None:
    assert ask("/user/id").status == 400


@pytest.mark.parametrize(("cdi", "status"), [("4.0", 200), ("5.0", 403)])
def test_users_belong_to_the_app_from_5_0_on(cdi: str, status: int) -> None:
    assert ask("/t1/user/id", ("userId", "alice"), cdi=cdi).status == status
