import tomllib
from pathlib import Path

import pytest

from stctl.cli.profile_files import choose_profile, drop_profile, put_profile
from stctl.errors import ErrorKind, StctlError

FORMS = [
    "",
    "# only a comment",
    "[core]\ntimeout = 1",
    'profiles.a.url = "x"\n',
    'profiles = {a = {url = "x"}}\n',
    '[profiles]\na = {url = "x"}\n',
    '[profiles.a]\nurl = "x"\n[core]\ntimeout = 1\n[profiles.b]\nurl = "y"\n',
    'profile = "a" # chosen\n\n[profiles]\n[profiles.a]\nurl = "x"\n',
]


@pytest.mark.parametrize("text", FORMS)
def test_every_way_to_write_tables_can_be_changed_and_the_rest_stays(text: str) -> None:
    path = Path("config.toml")
    path.write_text(text)
    before = tomllib.loads(text)
    put_profile(path, "new", {"url": "n", "cdi": "5.4"})
    choose_profile(path, "new")
    after = tomllib.loads(path.read_text())
    assert after == {
        **before,
        "profile": "new",
        "profiles": {**before.get("profiles", {}), "new": {"url": "n", "cdi": "5.4"}},
    }
    put_profile(path, "new", {"url": "m"})
    assert tomllib.loads(path.read_text())["profiles"]["new"] == {"url": "m"}
    drop_profile(path, "new")
    again = tomllib.loads(path.read_text())
    assert again == {key: value for key, value in before.items() if key != "profile"}


def test_a_broken_file_is_left_as_it_is() -> None:
    path = Path("config.toml")
    path.write_text("[core\n")
    with pytest.raises(StctlError) as caught:
        choose_profile(path, "a")
    assert caught.value.kind is ErrorKind.INPUT_UNREADABLE
    assert path.read_text() == "[core\n"


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_left_in_it() -> None:
    path = Path("taken/config.toml")
    path.parent.mkdir()
    path.mkdir()
    with pytest.raises(StctlError) as caught:
        choose_profile(path, "a")
    assert caught.value.kind is ErrorKind.OUTPUT_FAILED
    assert [one.name for one in path.parent.iterdir()] == ["config.toml"]
