from collections import Counter

from stctl.errors import ErrorKind, StctlError


def test_every_kind_has_a_code_and_an_exit_status_of_its_own() -> None:
    assert max(Counter(kind.code for kind in ErrorKind).values()) == 1
    assert max(Counter(kind.exit_status for kind in ErrorKind).values()) == 1


def test_no_kind_shares_its_exit_status_with_success_or_a_signal_of_the_shell() -> None:
    statuses = {kind.exit_status for kind in ErrorKind} - {ErrorKind.INTERRUPTED.exit_status}
    assert all(0 < status < 64 for status in statuses)


def test_an_error_takes_the_hint_of_its_kind_unless_the_case_has_a_better_one() -> None:
    assert StctlError(ErrorKind.CORE_DOWN, "x").hint == ErrorKind.CORE_DOWN.value.hint
    assert StctlError(ErrorKind.CORE_DOWN, "x", hint="Do this.").hint == "Do this."
