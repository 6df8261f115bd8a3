"""Gathers settings from their sources, the later one winning, and checks them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stctl.core.cdi_versions import parts_of
from stctl.core.settings.model import CoreSettings
from stctl.core.settings.readers import SettingValue
from stctl.core.settings.table import BY_NAME, SETTINGS, Setting
from stctl.core.settings.yaml_file import yaml_values
from stctl.errors import ErrorKind, StctlError
from stctl.redact import mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The text of a setting, and where it was written."""

    row: Setting
    text: str
    source: str


def load_settings(
    config_file: Path | None, environ: Mapping[str, str], overrides: Sequence[str]
) -> CoreSettings:
    """Return the settings from the built-in values, a YAML file, the environment and overrides.

    Each source goes before the ones named earlier. `overrides` are texts `name=value`. Names that
    the file has and stctl does not know are passed over, as a core passes them over; an unknown
    name in `overrides` is an error. Raises StctlError: SETTING_INVALID with the setting, its
    value, its source and what it must be; INPUT_UNREADABLE for a file that cannot be read.
    """
    given: dict[str, Given] = {}
    for sources in (_of_file(config_file), _of_environment(environ), _of_overrides(overrides)):
        for one in sources:
            given[one.row.name] = one
    values: dict[str, SettingValue] = {name: _read(one) for name, one in given.items()}
    settings = CoreSettings(**values)  # type: ignore[arg-type] # the rows' readers give the types
    _check_together(settings, given)
    return settings


def _of_file(config_file: Path | None) -> Iterator[Given]:
    if config_file is None:
        return
    by_name = yaml_values(config_file)
    for row in SETTINGS:
        for name in (*row.old_names, row.name):
            if name in by_name:
                text, line = by_name[name]
                yield Given(row=row, text=text, source=f"{config_file}, line {line}")


def _of_environment(environ: Mapping[str, str]) -> Iterator[Given]:
    for row in SETTINGS:
        if text := environ.get(row.environment):
            yield Given(row=row, text=text, source=f"environment variable {row.environment}")


def _of_overrides(overrides: Sequence[str]) -> Iterator[Given]:
    for override in overrides:
        name, equals, text = override.partition("=")
        if not equals:
            raise StctlError(
                ErrorKind.USAGE, f"--set takes name=value, and {override!r} has no equals sign."
            )
        yield Given(row=_row_named(name.strip()), text=text, source="--set")


def _row_named(name: str) -> Setting:
    if name in BY_NAME:
        return BY_NAME[name]
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), BY_NAME, n=1)
    raise StctlError(
        ErrorKind.SETTING_INVALID,
        f"There is no setting {name!r} (--set).",
        hint=f"Did you mean {near[0]}?" if near else None,
    )


def _read(given: Given) -> SettingValue:
    try:
        return given.row.read(given.text)
    except ValueError:
        raise _refused(given, f"must be {given.row.bounds}") from None


def _refused(given: Given, reason: str) -> StctlError:
    shown = mask(given.text) if given.row.secret else repr(given.text)
    unit = f" ({given.row.unit})" if given.row.unit else ""
    return StctlError(
        ErrorKind.SETTING_INVALID,
        f"{given.row.name} is {shown} ({given.source}), but {reason}{unit}.",
    )


def _check_together(settings: CoreSettings, given: Mapping[str, Given]) -> None:
    for at_fault, reason in contradictions(settings):
        # The one at fault may be built in; then the other one was written by somebody.
        blamed = next((given[name] for name in at_fault if name in given), None)
        if blamed is not None:
            raise _refused(blamed, reason)


def contradictions(settings: CoreSettings) -> Iterator[tuple[tuple[str, str], str]]:
    """Settings that do not go together, each with the names at fault and what must be."""
    refresh_s = settings.refresh_token_validity * 60
    if refresh_s <= settings.access_token_validity:
        reason = (
            f"refresh_token_validity x 60 ({refresh_s:g} s) must be above access_token_validity "
            f"({settings.access_token_validity} s)"
        )
        yield ("refresh_token_validity", "access_token_validity"), reason
    if settings.supertokens_saas_secret and not settings.api_keys:
        yield ("supertokens_saas_secret", "api_keys"), "it needs api_keys to be set as well"
    newest, oldest = settings.supertokens_max_cdi_version, settings.supertokens_min_cdi_version
    if newest and oldest and parts_of(oldest) > parts_of(newest):
        yield (
            ("supertokens_min_cdi_version", "supertokens_max_cdi_version"),
            f"the oldest version ({oldest}) must not be above the newest ({newest})",
        )
