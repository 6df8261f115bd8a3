from pathlib import Path

import pytest

from stctl.cli.context import Context
from stctl.cli.settings import CoreTarget, core_target
from stctl.errors import ErrorKind, StctlError


def context(**environ: str) -> Context:
    home = Path.cwd()
    return Context(
        environ={"XDG_CONFIG_HOME": str(home / "config"), "HOME": str(home), **environ},
        working_folder=home,
    )


def project_file(text: str) -> None:
    Path("stctl.toml").write_text(text)


def user_file(text: str) -> None:
    folder = Path("config/stctl")
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(text)


def target(flags: dict[str, str | None] | None = None, **environ: str) -> CoreTarget:
    return core_target(context(**environ), flags or {})


def test_without_any_word_the_core_is_the_embedded_one() -> None:
    found = target()
    assert (found.url, found.app_id, found.tenant_id, found.timeout_s) == (
        None,
        "public",
        "public",
        10.0,
    )
    assert set(found.origins.values()) == {"default"}


def test_flag_beats_environment_beats_project_beats_user() -> None:
    user_file('[core]\nurl = "http://user:1"\n')
    assert (target().url, target().origins["url"]) == ("http://user:1", "config.toml")
    project_file('[core]\nurl = "http://project:1"\n')
    assert (target().url, target().origins["url"]) == ("http://project:1", "stctl.toml")
    assert target(STCTL_CORE="http://environment:1").url == "http://environment:1"
    flagged = target({"url": "http://flag:1"}, STCTL_CORE="http://environment:1")
    assert (flagged.url, flagged.origins["url"]) == ("http://flag:1", "flag")


def test_a_file_named_by_flag_means_the_embedded_core_whatever_the_environment_says() -> None:
    found = target({"database": "x.sqlite3"}, STCTL_CORE="http://a:1")
    assert (found.url, found.database) == (None, Path("x.sqlite3"))


def test_the_key_comes_from_a_file_unless_a_stronger_place_names_it() -> None:
    Path("key").write_text("from-file\n")
    assert target(STCTL_API_KEY_FILE="key").api_key == "from-file"
    assert target({"api_key": "from-flag"}, STCTL_API_KEY_FILE="key").api_key == "from-flag"
    assert target({"api_key_file": "key"}, STCTL_API_KEY="weaker").api_key == "from-file"


@pytest.mark.parametrize("given", ["0", "-1", "soon", "nan", "inf"])
def test_a_time_limit_must_be_a_number_above_zero(given: str) -> None:
    with pytest.raises(StctlError, match="time limit") as caught:
        target({"timeout": given})
    assert caught.value.kind is ErrorKind.SETTING_INVALID


def test_an_unknown_setting_in_a_file_is_named_with_the_known_ones() -> None:
    project_file('[core]\nurll = "http://a:1"\n')
    with pytest.raises(StctlError, match="no setting urll") as caught:
        target()
    assert caught.value.kind is ErrorKind.SETTING_INVALID
    assert "url" in caught.value.hint


def test_a_broken_file_is_named_with_the_place() -> None:
    project_file("[core]\nurl = \n")
    with pytest.raises(StctlError, match=r"stctl\.toml: .*line 2") as caught:
        target()
    assert caught.value.kind is ErrorKind.INPUT_UNREADABLE


def test_a_missing_key_file_is_named() -> None:
    with pytest.raises(StctlError, match="nowhere: No such file"):
        target({"api_key_file": "nowhere"})


def test_who_asks_no_core_runs_no_command_for_its_key() -> None:
    outside = context(
        STCTL_CORE="http://a:1", STCTL_API_KEY_COMMAND="touch ran", PATH="/usr/bin:/bin"
    )
    assert core_target(outside, {}, with_key=False).api_key is None
    assert not Path("ran").exists()
    assert core_target(outside, {}).api_key is None
    assert Path("ran").exists()
