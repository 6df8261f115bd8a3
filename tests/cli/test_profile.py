import json
import stat
import sys
import types
from pathlib import Path

import pytest

from running import Outcome, run
from served import core_in_foreground
from stctl.cli.profile_keys import from_command
from stctl.errors import ErrorKind, StctlError

KEY = "planted-key-0123456789-abcdefghij"
OTHER = "http://127.0.0.1:9"


@pytest.fixture
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)


class Keyring(types.ModuleType):
    """A keyring that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__("keyring")
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, key: str) -> None:
        self.kept[service, name] = key

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    made = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", made)
    return made


def config() -> Path:
    return Path("config/stctl/config.toml")


def add(*arguments: str, stdin: str | None = None) -> Outcome:
    done = run("profile", "add", *arguments, stdin=stdin)
    assert done.exit_status == 0, done.stderr
    return done


def origin_of(outcome: Outcome, setting: str) -> tuple[str | None, str]:
    rows = {row["setting"]: row for row in outcome.json["settings"]}
    return rows[setting]["value"], rows[setting]["origin"]


def test_a_profile_that_is_used_gives_its_values_and_says_so() -> None:
    add("staging", "--core", "http://staging:1;http://staging:2", "--tenant", "t1", "--use")
    shown = run("profile", "show", "--json")
    assert shown.json["profile"] == "staging"
    assert origin_of(shown, "url") == ("http://staging:1;http://staging:2", "profile staging")
    assert origin_of(shown, "tenant_id") == ("t1", "profile staging")
    assert origin_of(shown, "cdi") == (None, "default")


def test_a_profile_is_as_strong_as_the_place_that_chose_it() -> None:
    add("a", "--core", "http://a:1", "--use")
    add("b", "--core", "http://b:1")
    assert origin_of(run("profile", "show", "--json"), "url")[0] == "http://a:1"
    Path("stctl.toml").write_text('[core]\nurl = "http://project:1"\n')
    assert origin_of(run("profile", "show", "--json"), "url")[0] == "http://project:1"
    env = {"STCTL_PROFILE": "b"}
    assert origin_of(run("profile", "show", "--json", env=env), "url")[0] == "http://b:1"
    env = {"STCTL_PROFILE": "b", "STCTL_CORE": "http://env:1"}
    assert origin_of(run("profile", "show", "--json", env=env), "url")[0] == "http://env:1"
    by_flag = run("profile", "show", "--profile", "a", "--json", env=env)
    assert origin_of(by_flag, "url") == ("http://a:1", "profile a")
    both = run("profile", "show", "--profile", "a", "--core", "http://flag:1", "--json", env=env)
    assert origin_of(both, "url") == ("http://flag:1", "flag")


def test_the_project_file_chooses_among_profiles_and_may_define_its_own() -> None:
    add("a", "--core", "http://a:1")
    Path("stctl.toml").write_text('profile = "here"\n[profiles.here]\nurl = "http://here:1"\n')
    assert origin_of(run("profile", "show", "--json"), "url")[0] == "http://here:1"
    listed = run("profile", "list", "--json").json["profiles"]
    assert [(one["name"], one["in_use"], one["file"]) for one in listed] == [
        ("a", False, "config.toml"),
        ("here", True, "stctl.toml"),
    ]
    told = run("profile", "use", "a")
    assert "stronger" in told.stdout
    alone = run("profile", "use", "here", "--json")
    assert "this folder alone" in alone.error["message"]


def test_an_empty_profile_flag_means_none() -> None:
    add("a", "--core", "http://a:1", "--use")
    assert run("profile", "show", "--profile", "", "--json").json["profile"] is None


@pytest.mark.usefixtures("_no_keyring")
def test_comments_of_a_hand_written_file_stay_and_the_file_keeps_its_mode() -> None:
    config().parent.mkdir(parents=True)
    config().write_text('# mine\n[core]\ntimeout = 3 # short\n\n# old\n[profiles.old]\nurl = "x"\n')
    config().chmod(0o640)
    add("new", "--core", "http://new:1", "--use")
    text = config().read_text()
    assert text.startswith('# mine\nprofile = "new"\n')
    assert "timeout = 3 # short" in text
    assert '# old\n[profiles.old]\nurl = "x"' in text
    assert '[profiles.new]\nurl = "http://new:1"' in text
    assert stat.S_IMODE(config().stat().st_mode) == 0o640
    assert run("profile", "remove", "new", "--yes").exit_status == 0
    assert config().read_text().rstrip() == (
        '# mine\n\n[core]\ntimeout = 3 # short\n\n# old\n[profiles.old]\nurl = "x"'
    )


@pytest.mark.usefixtures("_no_keyring")
def test_a_stored_key_is_in_a_file_of_its_own_that_nobody_else_reads() -> None:
    add("a", "--core", "http://a:1", "--store-key", stdin=f"{KEY}\n")
    file = Path("config/stctl/keys/a").absolute()
    assert file.read_text() == KEY + "\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(config().stat().st_mode) == 0o600
    assert KEY not in config().read_text()
    assert run("profile", "remove", "a", "--yes").exit_status == 0
    assert not file.exists()


def test_a_stored_key_goes_to_the_keyring_where_there_is_one(keyring: Keyring) -> None:
    add("a", "--core", "http://a:1", "--store-key", stdin=f"{KEY}\n")
    assert keyring.kept == {("stctl", "a"): KEY}
    assert not Path("config/stctl/keys").exists()
    assert "keyring" in run("profile", "show", "a").stdout
    assert run("profile", "remove", "a", "--yes").exit_status == 0
    assert keyring.kept == {}


def test_a_keyring_that_forgets_at_once_is_none(keyring: Keyring) -> None:
    keyring.set_password = lambda *_: None  # type: ignore[method-assign]
    add("a", "--core", "http://a:1", "--store-key", stdin=f"{KEY}\n")
    assert Path("config/stctl/keys/a").exists()


@pytest.mark.usefixtures("_no_keyring")
def test_a_key_in_a_keyring_that_is_not_there_is_a_clear_error() -> None:
    config().parent.mkdir(parents=True)
    config().write_text('[core]\nurl = "http://127.0.0.1:9"\napi_key_keyring = "a"\n')
    done = run("core", "status", "--json")
    assert done.error["code"] == "setting-invalid"
    assert "stctl[keyring]" in done.error["hint"]


@pytest.mark.usefixtures("_no_keyring")
def test_a_profile_s_key_opens_the_core_and_is_shown_nowhere() -> None:
    told: list[str] = []
    with core_in_foreground("--set", f"api_keys={KEY}") as core:
        url = f"http://127.0.0.1:{core.port}"
        outcomes = [
            run("profile", "add", "a", "--core", url, "--store-key", "--use", stdin=f"{KEY}\n"),
            run("profile", "list"),
            run("profile", "show", "-o", "yaml"),
            run("profile", "test"),
            run("sessions", "create", "--user", "u"),
            run("profile", "add", "b", "--core", url, "--api-key-command", f"echo {KEY}x"),
            run("profile", "test", "b", "--json"),
            run("core", "status", "--profile", "b"),
            run("profile", "show", "--api-key", KEY),
        ]
        told = [one.stdout + one.stderr for one in outcomes]
    assert [one.exit_status for one in outcomes] == [0, 0, 0, 0, 0, 0, 3, 12, 0]
    assert outcomes[6].json["hosts"][0]["code"] == "core-key-refused"
    assert [text for text in told[:5] if KEY in text] == []
    assert [text for text in told[6:] if KEY in text] == []


def test_a_key_is_not_sent_to_another_address_than_its_own() -> None:
    Path("key").write_text(KEY)
    add("a", "--core", "http://a:1", "--api-key-file", "key", "--use")
    shown = run("profile", "show", "--core", "http://other:1", "--json").json
    assert shown["api_key"]["place"] is None
    assert shown["withheld"] == ["profile a"]
    kept = run("profile", "show", "--core", "http://a:1", "--json").json
    assert kept["withheld"] == []
    assert kept["api_key"]["origin"] == "profile a"


@pytest.mark.parametrize("way", ["api_key_command", "api_key_keyring"])
def test_a_project_s_file_runs_no_command_and_reaches_into_no_keyring(way: str) -> None:
    Path("stctl.toml").write_text(f'[core]\n{way} = "touch ran"\n')
    done = run("profile", "show", "--json")
    assert done.error["code"] == "setting-invalid"
    assert way in done.error["message"]
    assert not Path("ran").exists()


def test_a_command_gives_the_first_line_that_it_prints() -> None:
    assert from_command("printf 'a key \\nmore\\n'", {"PATH": "/usr/bin:/bin"}) == "a key"


@pytest.mark.parametrize("command", ["false " + KEY, "/nowhere/at-all " + KEY, "'", ""])
def test_a_command_that_fails_is_named_without_what_it_was_given(command: str) -> None:
    with pytest.raises(StctlError) as caught:
        from_command(command, {"PATH": "/usr/bin:/bin"})
    assert caught.value.kind is ErrorKind.INPUT_UNREADABLE
    assert KEY not in caught.value.detail


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["a"], "usage"),
        (["a", "--core", "http://a:1", "--db", "x"], "usage"),
        (["a b", "--core", "http://a:1"], "usage"),
        (["../a", "--core", "http://a:1"], "usage"),
        (["a", "--core", "http://u:p@a:1"], "setting-invalid"),
        (["a", "--core", "ftp://a:1"], "setting-invalid"),
        (["a", "--core", "http://a:1", "--cdi", "9.9"], "usage"),
        (["a", "--core", "http://a:1", "--api-key-file", "k", "--api-key-command", "c"], "usage"),
    ],
)
def test_what_no_command_could_use_is_refused_and_nothing_is_written(
    arguments: list[str], code: str
) -> None:
    assert run("profile", "add", *arguments, "--json").error["code"] == code
    assert not config().exists()


def test_a_profile_is_replaced_only_by_force() -> None:
    add("a", "--core", "http://a:1", "--tenant", "t1")
    assert run("profile", "add", "a", "--core", "http://b:1", "--json").error["code"] == "usage"
    add("a", "--core", "http://b:1", "--force")
    assert run("profile", "list", "--json").json["profiles"][0]["url"] == "http://b:1"
    assert "t1" not in config().read_text()


def test_replacing_a_profile_leaves_no_key_behind(keyring: Keyring) -> None:
    add("a", "--core", "http://a:1", "--store-key", stdin=f"{KEY}\n")
    add("a", "--core", "http://a:1", "--store-key", "--force", stdin="another-key\n")
    assert keyring.kept == {("stctl", "a"): "another-key"}
    add("a", "--core", "http://a:1", "--force")
    assert keyring.kept == {}


@pytest.mark.usefixtures("_no_keyring")
def test_a_key_file_of_the_user_s_own_stays_when_a_profile_goes() -> None:
    Path("key").write_text(KEY)
    add("a", "--core", "http://a:1", "--api-key-file", "key")
    assert run("profile", "remove", "a", "--yes").exit_status == 0
    assert Path("key").read_text() == KEY


def test_an_unknown_profile_is_named_with_the_known_ones() -> None:
    add("a", "--core", "http://a:1")
    for words in (["show", "nope"], ["use", "nope"], ["remove", "nope", "--yes"]):
        done = run("profile", *words, "--json")
        assert done.error["code"] == "setting-invalid"
        assert "a" in done.error["hint"]
    chosen = run("core", "status", "--json", env={"STCTL_PROFILE": "nope"})
    assert "environment" in chosen.error["message"]


def test_removing_asks_first() -> None:
    add("a", "--core", "http://a:1")
    assert run("profile", "remove", "a", "--json").error["code"] == "not-confirmed"
    assert run("profile", "list", "-q").stdout == "a\n"


def test_a_host_that_is_down_is_told_beside_one_that_answers() -> None:
    with core_in_foreground() as core:
        url = f"http://127.0.0.1:{core.port}"
        add("a", "--core", f"{url};{OTHER}")
        done = run("profile", "test", "a", "--json")
    assert done.exit_status == 3
    assert [(one["host"], one["ok"], one["code"]) for one in done.json["hosts"]] == [
        (url, True, None),
        (OTHER, False, "core-down"),
    ]


def test_a_settings_file_that_is_a_link_stays_one() -> None:
    config().parent.mkdir(parents=True)
    Path("dotfiles.toml").write_text("# kept\n")
    config().symlink_to(Path("dotfiles.toml").absolute())
    add("a", "--core", "http://a:1")
    assert config().is_symlink()
    assert Path("dotfiles.toml").read_text().startswith("# kept\n")


def test_choosing_no_profile_leaves_the_profiles() -> None:
    add("a", "--core", "http://a:1", "--use")
    assert run("profile", "use", "--none").exit_status == 0
    assert run("profile", "show", "--json").json["profile"] is None
    assert run("profile", "use").exit_status == 2
    assert json.loads(run("profile", "list", "-o", "ndjson").stdout)["name"] == "a"


def test_showing_a_command_does_not_run_it() -> None:
    add("a", "--core", "http://a:1", "--api-key-command", "touch ran")
    assert "from the command touch ran" in run("profile", "show", "a").stdout
    assert not Path("ran").exists()
