from pathlib import Path

import pytest

from stctl.cli.confirm import confirm
from stctl.cli.context import Context
from stctl.errors import ErrorKind, StctlError


@pytest.mark.parametrize(
    ("arguments", "json"),
    [
        (["decode", "x", "--json"], True),
        (["decode", "x", "-o", "json"], True),
        (["decode", "x", "-ondjson"], True),
        (["decode", "x", "--output=json"], True),
        (["decode", "x", "-o", "table"], False),
        (["decode", "json"], False),
    ],
)
def test_the_wish_for_json_is_seen_before_options_are_read(
    arguments: list[str], json: bool
) -> None:
    assert Context(arguments=arguments).wants_json is json


def test_a_relative_folder_in_an_xdg_variable_is_ignored() -> None:
    context = Context(environ={"HOME": "/h", "XDG_STATE_HOME": "relative"})
    assert context.state_folder == Path("/h/.local/state/stctl")
    assert Context(environ={"HOME": "/h", "XDG_STATE_HOME": "/s"}).state_folder == Path("/s/stctl")


def test_nobody_is_asked_where_there_is_no_terminal() -> None:
    with pytest.raises(StctlError, match="no terminal") as caught:
        confirm(Context(), "Sure?", yes=False)
    assert caught.value.kind is ErrorKind.NOT_CONFIRMED
    confirm(Context(), "Sure?", yes=True)
