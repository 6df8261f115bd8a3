import dataclasses
from pathlib import Path

import pytest

from stctl.core.settings import SETTINGS, CoreSettings, load_settings
from stctl.errors import ErrorKind, StctlError

KEY = "a-key-of-twenty-eight-letters"
SAAS = "s" * 40


def written(folder: Path, text: str) -> Path:
    file = folder / "config.yaml"
    file.write_text("core_config_version: 0\n" + text, "utf-8")
    return file


def with_override(*overrides: str) -> CoreSettings:
    return load_settings(None, {}, overrides)


def refusal(*overrides: str) -> str:
    with pytest.raises(StctlError) as caught:
        with_override(*overrides)
    assert caught.value.kind is ErrorKind.SETTING_INVALID
    return caught.value.detail


def test_the_table_has_one_row_for_every_field() -> None:
    fields = {field.name for field in dataclasses.fields(CoreSettings)}
    assert {row.name for row in SETTINGS} == fields
    assert len(SETTINGS) == len(fields)


def test_without_any_source_the_built_in_values_hold() -> None:
    assert load_settings(None, {}, []) == CoreSettings()


def test_built_in_values_are_those_of_a_core_in_milliseconds() -> None:
    settings = CoreSettings()
    assert settings.access_token_validity_ms == 3_600_000
    assert settings.refresh_token_validity_ms == 100 * 24 * 3_600_000
    assert settings.grace_period_ms == 30_000
    assert settings.key_update_interval_ms == 168 * 3_600_000


def test_fractions_of_minutes_and_hours_are_kept() -> None:
    settings = with_override(
        "access_token_validity=2",
        "refresh_token_validity=0.05",
        "access_token_dynamic_signing_key_update_interval=1.5",
    )
    assert settings.refresh_token_validity_ms == 3000
    assert settings.key_update_interval_ms == 5_400_000


def test_each_source_goes_before_the_one_under_it(tmp_path: Path) -> None:
    file = written(
        tmp_path, "access_token_validity: 10\nport: 1\nhost: a\nmax_server_pool_size: 3\n"
    )
    environ = {"ACCESS_TOKEN_VALIDITY": "20", "SUPERTOKENS_PORT": "2", "SUPERTOKENS_HOST": ""}
    settings = load_settings(file, environ, ["access_token_validity=30"])
    assert settings.access_token_validity == 30
    assert settings.port == 2
    assert settings.host == "a"
    assert settings.max_server_pool_size == 3


def test_the_last_of_repeated_overrides_counts() -> None:
    assert with_override("port=1", "port=2").port == 2


def test_numbers_and_booleans_of_the_file_may_be_quoted(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "access_token_validity: \"77\"\nrefresh_token_validity: '90.5'\n"
        'access_token_blacklisting: "True"\naccess_token_validity_jitter: 1e-1\n',
    )
    settings = load_settings(file, {}, [])
    assert settings.access_token_validity == 77
    assert settings.refresh_token_validity == 90.5
    assert settings.access_token_blacklisting is True
    assert settings.access_token_validity_jitter == 0.1


def test_a_bare_version_of_the_file_keeps_its_last_zero(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, "supertokens_min_cdi_version: 2.10\n"), {}, [])
    assert settings.supertokens_min_cdi_version == "2.10"


def test_unknown_names_and_empty_values_of_the_file_are_passed_over(tmp_path: Path) -> None:
    file = written(tmp_path, "postgresql_user: x\nnested: [1]\nport:\nhost: ~\nlog_level: null\n")
    assert load_settings(file, {}, []) == CoreSettings()


def test_the_old_name_of_the_key_interval_is_taken_and_the_new_one_wins(tmp_path: Path) -> None:
    old = "access_token_signing_key_update_interval"
    new = "access_token_dynamic_signing_key_update_interval"
    assert with_override(f"{old}=2").access_token_dynamic_signing_key_update_interval == 2
    both = load_settings(written(tmp_path, f"{new}: 3\n{old}: 4\n"), {}, [])
    assert both.access_token_dynamic_signing_key_update_interval == 3


def test_keys_are_split_at_commas_and_lose_their_white_space() -> None:
    settings = with_override(f"api_keys= {KEY} ,\t{KEY}x \n")
    assert settings.api_keys == frozenset({KEY, KEY + "x"})


@pytest.mark.parametrize(
    ("given", "path"),
    [("", ""), ("/", ""), ("st", "/st"), ("/st/", "/st"), ("//a///b/", "/a/b")],
)
def test_a_base_path_is_brought_into_one_form(given: str, path: str) -> None:
    assert with_override(f"base_path={given}").base_path == path


def test_words_are_taken_in_any_case() -> None:
    settings = with_override("recent_token_reuse_behaviour=unauthorised", "log_level=debug")
    assert settings.recent_token_reuse_behaviour == "UNAUTHORISED"
    assert settings.log_level == "DEBUG"


@pytest.mark.parametrize(
    "allowed",
    [
        "access_token_validity=1",
        "refresh_token_rotation_grace_period=0",
        "refresh_token_rotation_grace_period=300",
        "access_token_validity_jitter=0",
        "access_token_validity_jitter=0.25",
        "access_token_dynamic_signing_key_update_interval=1",
        "max_server_pool_size=1",
        "port=0",
        "port=65535",
        "ip_deny_regex=127\\..*",
        "api_keys=aaaaaaaaaaaaaaaaaaaa",
        "info_log_path=null",
    ],
)
def test_a_value_at_its_bound_is_taken(allowed: str) -> None:
    with_override(allowed)


@pytest.mark.parametrize(
    "refused",
    [
        "access_token_validity=0",
        "access_token_validity=86400001",
        "access_token_validity=1.5",
        "access_token_validity=many",
        "access_token_validity=",
        "refresh_token_validity=0",
        "refresh_token_validity=nan",
        "refresh_token_validity=1e999",
        "refresh_token_validity=60",
        "refresh_token_rotation_grace_period=-1",
        "refresh_token_rotation_grace_period=301",
        "recent_token_reuse_behaviour=MAYBE",
        "access_token_validity_jitter=0.26",
        "access_token_validity_jitter=-0.01",
        "access_token_blacklisting=yes",
        "access_token_dynamic_signing_key_update_interval=0.99",
        "api_keys=aaaaaaaaaaaaaaaaaaa",
        "api_keys=aaaaaaaaaaaaaaaaaaa_",
        "api_keys=aaaaaaaaaaaaaaaaaaaa,",
        f"supertokens_saas_secret={SAAS}",
        "supertokens_max_cdi_version=3.2",
        "supertokens_max_cdi_version=5.6.0",
        "port=65536",
        "host=",
        "base_path=/a b",
        "max_server_pool_size=0",
        "ip_allow_regex=(",
        "log_level=LOUD",
        "paid_features=1",
    ],
)
def test_a_value_beyond_its_bound_is_refused_by_name(refused: str) -> None:
    assert refusal(refused).startswith(refused.partition("=")[0])


def test_a_refusal_says_value_source_bound_and_unit() -> None:
    assert refusal("access_token_validity=0") == (
        "access_token_validity is '0' (--set), but must be an integer from 1 to 86400000 (s)."
    )


def test_a_refusal_names_the_line_of_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "\nport: 70000\n")
    with pytest.raises(StctlError, match=r"port is '70000' \(.*config\.yaml, line 3\)"):
        load_settings(file, {}, [])


def test_a_refusal_names_the_environment_variable() -> None:
    with pytest.raises(StctlError, match=r"port is 'x' \(environment variable SUPERTOKENS_PORT\)"):
        load_settings(None, {"SUPERTOKENS_PORT": "x"}, [])


def test_a_refused_secret_is_not_shown() -> None:
    assert "hunter2" not in refusal("api_keys=hunter2")
    assert SAAS not in refusal(f"supertokens_saas_secret={SAAS}")


def test_a_refresh_token_must_outlive_an_access_token_by_more_than_nothing() -> None:
    assert with_override("refresh_token_validity=60.1").refresh_token_validity == 60.1
    assert "access_token_validity" in refusal("refresh_token_validity=60")
    assert refusal("access_token_validity=8640000").startswith("access_token_validity")


def test_the_saas_secret_needs_keys() -> None:
    settings = with_override(f"api_keys={KEY}", f"supertokens_saas_secret={SAAS}")
    assert settings.supertokens_saas_secret == SAAS


def test_the_oldest_version_may_equal_the_newest_and_not_pass_it() -> None:
    with_override("supertokens_max_cdi_version=2.10", "supertokens_min_cdi_version=2.10")
    detail = refusal("supertokens_max_cdi_version=2.9", "supertokens_min_cdi_version=2.10")
    assert detail.startswith("supertokens_min_cdi_version")


def test_an_unknown_override_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(StctlError) as caught:
        with_override("acess_token_validty=5")
    assert caught.value.kind is ErrorKind.SETTING_INVALID
    assert caught.value.hint == "Did you mean access_token_validity?"


def test_an_unknown_override_like_nothing_else_gets_the_general_hint() -> None:
    with pytest.raises(StctlError) as caught:
        with_override("qqqq=5")
    assert caught.value.hint == ErrorKind.SETTING_INVALID.value.hint


def test_an_override_without_an_equals_sign_is_a_mistake_of_usage() -> None:
    with pytest.raises(StctlError) as caught:
        with_override("port")
    assert caught.value.kind is ErrorKind.USAGE


def test_a_file_without_its_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("port: 1\n", "utf-8")
    with pytest.raises(StctlError, match="core_config_version") as caught:
        load_settings(file, {}, [])
    assert caught.value.kind is ErrorKind.SETTING_INVALID


@pytest.mark.parametrize("text", ["", "[1]", "just words"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(StctlError, match="mapping"):
        load_settings(file, {}, [])


def test_a_setting_that_is_a_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StctlError, match="api_keys something else than a plain value"):
        load_settings(written(tmp_path, f"api_keys: [{KEY}]\n"), {}, [])


@pytest.mark.parametrize("raw", [b"a: [", b"\xff\xfe\xff"])
def test_a_file_that_is_no_yaml_is_unreadable(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(raw)
    with pytest.raises(StctlError) as caught:
        load_settings(file, {}, [])
    assert caught.value.kind is ErrorKind.INPUT_UNREADABLE


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(StctlError) as caught:
        load_settings(tmp_path / "none.yaml", {}, [])
    assert caught.value.kind is ErrorKind.INPUT_UNREADABLE
