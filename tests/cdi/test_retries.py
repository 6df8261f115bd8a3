import pytest

from fake_core import reply
from stctl.cdi.replies import Reply
from stctl.cdi.retries import LONGEST_WAIT_MS, Attempt, Repeat, Trouble, asked_wait_ms, pause_ms
from stctl.errors import ErrorKind

REFUSED = Trouble(kind=ErrorKind.CORE_DOWN, problem="connection refused", was_sent=False)
BROKEN = Trouble(kind=ErrorKind.CORE_CUT_SHORT, problem="connection reset", was_sent=True)
SLOW = Trouble(kind=ErrorKind.CORE_SLOW, problem="no answer", was_sent=True)
BUSY = reply(status=429)
UNAVAILABLE = reply(status=503)


def pause(
    outcome: Reply | Trouble,
    *,
    repeat: Repeat = Repeat.SAFE,
    number: int = 1,
    hosts: int = 1,
    waited_ms: int = 0,
) -> int | None:
    attempt = Attempt(
        number=number, hosts=hosts, waited_ms=waited_ms, repeat=repeat, now_ms=1_795_000_000_000
    )
    return pause_ms(outcome, attempt)


@pytest.mark.parametrize("outcome", [BROKEN, SLOW, UNAVAILABLE, reply(status=502)])
@pytest.mark.parametrize("hosts", [1, 3])
def test_what_may_have_been_carried_out_is_never_sent_twice(
    outcome: Reply | Trouble, hosts: int
) -> None:
    assert pause(outcome, repeat=Repeat.ONCE, hosts=hosts) is None


@pytest.mark.parametrize("repeat", list(Repeat))
def test_where_nothing_was_sent_the_next_host_is_tried_and_each_only_once(repeat: Repeat) -> None:
    assert pause(REFUSED, repeat=repeat, number=1, hosts=2) == 0
    assert pause(REFUSED, repeat=repeat, number=2, hosts=2) is None
    assert pause(REFUSED, repeat=repeat, number=1, hosts=1) is None


def test_a_safe_call_whose_answer_broke_off_is_made_once_more() -> None:
    assert pause(BROKEN, number=1) == 250
    assert pause(BROKEN, number=2) is None
    assert pause(BROKEN, number=1, hosts=2) == 0
    assert pause(SLOW, number=1) is None
    assert pause(SLOW, number=1, hosts=2) == 0


def test_a_core_that_is_busy_is_asked_again_ever_more_slowly() -> None:
    waits = [pause(BUSY, number=number) for number in range(1, 7)]
    assert waits == [250, 500, 1000, 2000, 4000, None]
    assert pause(BUSY, repeat=Repeat.ONCE) == 250


def test_unavailable_is_waited_out_for_safe_calls_but_another_host_goes_first() -> None:
    assert pause(UNAVAILABLE, hosts=2) == 0
    assert pause(UNAVAILABLE, number=2, hosts=2) == 500


@pytest.mark.parametrize("status", [200, 400, 401, 404, 500])
def test_any_other_answer_is_final(status: int) -> None:
    assert pause(reply(status=status), hosts=3) is None


def test_the_wait_that_was_asked_for_is_kept_up_to_a_bound() -> None:
    asked = reply(status=429, headers=[("Retry-After", "7")])
    assert pause(asked) == 7000
    assert pause(asked, waited_ms=LONGEST_WAIT_MS - 7000) == 7000
    assert pause(asked, waited_ms=LONGEST_WAIT_MS - 6999) is None
    assert pause(reply(status=429, headers=[("Retry-After", "3600")])) is None


@pytest.mark.parametrize(
    ("value", "wait_ms"),
    [
        ("0", 0),
        (" 2 ", 2000),
        ("Wed, 18 Nov 2026 11:06:45 GMT", 5000),
        ("Wed, 18 Nov 2026 11:06:30 GMT", 0),
        ("soon", None),
        ("-1", None),
        ("\u0661", None),
        ("", None),
        ("9" * 400, 999_999_999_000),
    ],
)
def test_a_wait_is_asked_for_in_seconds_or_as_a_date(value: str, wait_ms: int | None) -> None:
    answer = reply(status=503, headers=[("retry-after", value)])
    assert asked_wait_ms(answer, 1_795_000_000_000) == wait_ms
