"""The YAML file of a core."""

from pathlib import Path

from stctl.core.settings.table import BY_NAME
from stctl.errors import ErrorKind, StctlError

_VERSION_NAME = "core_config_version"
_NOTHING = frozenset({"", "~", "null"})


def yaml_values(file: Path) -> dict[str, tuple[str, int]]:
    """Return the text of every setting in the file, and the line (from 1) where it stands.

    Names that are no settings and settings without a value are left out; of a repeated one the
    last counts. The file must have `core_config_version`. Raises StctlError: INPUT_UNREADABLE when
    the file cannot be read or is no YAML, SETTING_INVALID when it is not one mapping of names to
    plain values.
    """
    import yaml

    try:
        # The base loader leaves every scalar the text that it is.
        root = yaml.compose(file.read_text("utf-8"), Loader=yaml.BaseLoader)
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE, f"The settings file {file} cannot be read: {reason}."
        ) from None
    except yaml.YAMLError as problem:
        raise StctlError(
            ErrorKind.INPUT_UNREADABLE, f"The settings file {file} is not YAML: {problem}"
        ) from None
    if not isinstance(root, yaml.MappingNode):
        raise _unlike_settings(file, "must be a mapping of names to values")
    values = {name.value: (name, value) for name, value in root.value}
    if _VERSION_NAME not in values:
        raise _unlike_settings(file, f"must have the member {_VERSION_NAME}")
    return {
        setting: (value.value, name.start_mark.line + 1)
        for setting, (name, value) in values.items()
        if setting in BY_NAME and _is_given(file, setting, value)
    }


def _is_given(file: Path, setting: str, value: object) -> bool:
    from yaml import ScalarNode

    if not isinstance(value, ScalarNode):
        raise _unlike_settings(file, f"gives {setting} something else than a plain value")
    return value.value not in _NOTHING


def _unlike_settings(file: Path, problem: str) -> StctlError:
    return StctlError(ErrorKind.SETTING_INVALID, f"The settings file {file} {problem}.")
