import pytest

from stctl.checks.core_rules import examine_settings
from stctl.checks.core_settings import CoreConfig, EffectiveSetting
from stctl.jsontypes import JsonValue


def levels(**values: JsonValue) -> dict[str, str]:
    settings = [
        EffectiveSetting(name=name, value=value, default=None, source="core-config")
        for name, value in values.items()
    ]
    found = examine_settings(CoreConfig(settings=settings, refusal=None))
    return {one.id.partition(".")[2]: one.level for one in found}


def test_what_is_not_told_is_skipped_and_not_guessed() -> None:
    found = levels()
    assert found.pop("settings") == "pass"
    assert set(found.values()) == {"skip"}


@pytest.mark.parametrize(
    ("access_s", "refresh_min", "level"),
    [
        (59, 144_000, "warn"),
        (60, 144_000, "pass"),
        (86_400, 144_000, "pass"),
        (86_401, 144_000, "warn"),
        ("3600", "119", "warn"),
        ("3600", "120", "pass"),
    ],
)
def test_validities_at_their_bounds(
    access_s: JsonValue, refresh_min: JsonValue, level: str
) -> None:
    found = levels(access_token_validity=access_s, refresh_token_validity=refresh_min)
    assert found["validity"] == level


def test_rotation_faster_than_expiry_and_no_grace_and_static_keys_warn() -> None:
    name = "access_token_dynamic_signing_key_update_interval"
    assert levels(**{name: 1, "access_token_validity": 3601})["rotation"] == "warn"
    assert levels(**{name: 1, "access_token_validity": 3600})["rotation"] == "pass"
    assert levels(refresh_token_rotation_grace_period=0)["grace"] == "warn"
    assert levels(refresh_token_rotation_grace_period=1)["grace"] == "pass"
    assert levels(access_token_signing_key_dynamic="false")["static"] == "warn"
    assert levels(access_token_signing_key_dynamic=True)["static"] == "pass"
