import pytest

from stctl.core.negotiation import SUPPORTED, negotiate, spoken
from stctl.core.refusals import BadRequest, ServerFailure


def test_without_a_header_the_newest_version_is_meant() -> None:
    assert negotiate(None, None, None).text == "5.6"
    assert negotiate(None, "5.4", "3.0").text == "5.4"
    assert negotiate(None, None, None).supported


@pytest.mark.parametrize("text", SUPPORTED)
def test_every_supported_version_is_taken(text: str) -> None:
    assert negotiate(text, None, None).supported


@pytest.mark.parametrize("text", ["2.6", "3.2", "5.06", "05.4", "5.6.0", "1", "4"])
def test_a_version_below_the_newest_is_understood_and_not_supported(text: str) -> None:
    assert not negotiate(text, None, None).supported


@pytest.mark.parametrize("text", ["5.7", "9.9", "5.10", "6", "5.6.1"])
def test_a_version_above_the_newest_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        negotiate(text, None, None)


@pytest.mark.parametrize("text", ["", "abc", "5.", ".5", "5..4", "-5.4", "5.4 ", "\u0665.4"])
def test_what_is_not_digits_and_dots_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        negotiate(text, None, None)


def test_a_part_beyond_32_bits_fails() -> None:
    assert not negotiate("2.2147483647", None, None).supported
    with pytest.raises(ServerFailure):
        negotiate("2.2147483648", None, None)


def test_configured_limits_are_inclusive() -> None:
    assert negotiate("5.4", "5.4", "3.0").supported
    assert negotiate("3.0", "5.4", "3.0").supported
    for text in ("5.5", "2.21"):
        with pytest.raises(BadRequest):
            negotiate(text, "5.4", "3.0")


def test_versions_compare_by_their_numbers() -> None:
    assert SUPPORTED["2.10"] > SUPPORTED["2.9"]
    assert negotiate("5.6.0", None, None).version == SUPPORTED["5.6"]


def test_the_versions_that_are_spoken_end_at_the_configured_maximum() -> None:
    assert spoken(None) == list(SUPPORTED)
    assert spoken("5.4")[-1] == "5.4"
    assert spoken("5.4")[0] == "2.7"
