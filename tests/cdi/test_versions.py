import pytest

from stctl.cdi.versions import CEILING, SUPPORTED, checked, family_of, is_at_least, negotiate
from stctl.errors import ErrorKind, StctlError


def test_the_list_is_that_of_core_12_in_numeric_order() -> None:
    assert SUPPORTED[0] == "2.7"
    assert SUPPORTED[3] == "2.10"
    assert SUPPORTED[14:] == (
        "2.21", "3.0", "3.1", "4.0", "5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6",
    )  # fmt: skip


def test_numbers_are_compared_part_by_part() -> None:
    assert is_at_least("2.21", "2.9")
    assert not is_at_least("2.9", "2.21")
    assert is_at_least("5.6", "5.6")


def test_the_family_changes_at_5_6_and_not_before() -> None:
    assert [family_of(version) for version in ("2.7", "5.5", "5.6")] == [
        "legacy",
        "legacy",
        "rotation",
    ]


def test_unasked_the_newest_common_version_up_to_that_of_the_sdks_is_spoken() -> None:
    assert negotiate(SUPPORTED) == CEILING == "5.4"
    assert negotiate(["2.21", "2.9", "2.10"]) == "2.21"
    assert negotiate(["5.6", "3.1", "6.0"]) == "3.1"


def test_a_core_with_only_newer_versions_gets_the_lowest_of_them() -> None:
    assert negotiate(["6.0", "5.6", "5.5"]) == "5.5"


@pytest.mark.parametrize("offered", [[], ["6.0"], ["2.6", "", "x", "05.4"]])
def test_nothing_in_common_is_an_error_that_names_both_sides(offered: list[str]) -> None:
    with pytest.raises(StctlError, match=r"stctl speaks 2\.7 to 5\.6") as caught:
        negotiate(offered)
    assert caught.value.kind is ErrorKind.CORE_VERSION


@pytest.mark.parametrize("wrong", ["9.9", "5.06", "5", "", "5.6.0", "five"])
def test_a_version_that_does_not_exist_is_refused_with_the_list(wrong: str) -> None:
    with pytest.raises(StctlError) as caught:
        checked(wrong)
    assert caught.value.kind is ErrorKind.USAGE
    assert "2.7, 2.8" in caught.value.hint


def test_white_space_around_a_version_is_no_fault() -> None:
    assert checked(" 5.6\n") == "5.6"
