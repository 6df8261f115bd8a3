"""Which core a command talks to, and who said so.

Precedence: flag, then environment, then `./stctl.toml`, then the user's `config.toml`, then the
default. Every value keeps its origin, so that it can be shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from stctl.cli.files import read_text_file
from stctl.errors import ErrorKind, StctlError

if TYPE_CHECKING:
    from stctl.cli.context import Context

Origin = Literal["flag", "environment", "stctl.toml", "config.toml", "default"]
_STRENGTH: Sequence[Origin] = ("flag", "environment", "stctl.toml", "config.toml", "default")
DEFAULT_TIMEOUT_S = 10.0
PROJECT_FILE = "stctl.toml"
USER_FILE = "config.toml"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of stctl: its key in the `[core]` table, its variable, and its meaning."""

    key: str
    variable: str
    meaning: str
    default: str


SETTINGS: Sequence[Setting] = (
    Setting(
        "url",
        "STCTL_CORE",
        "Address of the core; several hosts are parted by `;`.",
        "the embedded store",
    ),
    Setting(
        "database",
        "STCTL_DB",
        "File of the embedded core, where no address is given.",
        "`core.sqlite3` in the state folder",
    ),
    Setting("api_key", "STCTL_API_KEY", "API key of the core; a file is safer.", "none"),
    Setting("api_key_file", "STCTL_API_KEY_FILE", "File that holds the API key.", "none"),
    Setting(
        "cdi", "STCTL_CDI", "Version of the core driver interface to speak.", "the best common one"
    ),
    Setting("app_id", "STCTL_APP", "App within the core.", "`public`"),
    Setting("tenant_id", "STCTL_TENANT", "Tenant within the app.", "`public`"),
    Setting("timeout", "STCTL_TIMEOUT", "Seconds to wait for an answer.", f"{DEFAULT_TIMEOUT_S:g}"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A value with the place it came from."""

    value: str | None
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreTarget:
    """The core that a command is for."""

    url: str | None
    """None means the embedded core in process."""
    database: Path | None
    api_key: str | None
    cdi: str | None
    app_id: str
    tenant_id: str
    timeout_s: float
    origins: Mapping[str, Origin]


def core_target(context: "Context", flags: Mapping[str, str | None]) -> CoreTarget:
    """Work out the core from flags, environment and files.

    Raises `setting-invalid` for a value that cannot be used, `input-unreadable` for a broken file.
    """
    found = {setting.key: _find(setting, context, flags) for setting in SETTINGS}
    database = found["database"].value
    embedded = database is not None and _is_stronger(found["database"], found["url"])
    return CoreTarget(
        url=None if embedded else found["url"].value,
        database=Path(database).expanduser() if database else None,
        api_key=_api_key(context, found),
        cdi=found["cdi"].value,
        app_id=found["app_id"].value or "public",
        tenant_id=found["tenant_id"].value or "public",
        timeout_s=_timeout(found["timeout"]),
        origins={key: value.origin for key, value in found.items()},
    )


def _is_stronger(one: "Found", other: "Found") -> bool:
    return _STRENGTH.index(one.origin) < _STRENGTH.index(other.origin)


def _find(setting: Setting, context: "Context", flags: Mapping[str, str | None]) -> Found:
    flag = flags.get(setting.key)
    if flag is not None:
        return Found(flag, "flag")
    variable = context.environ.get(setting.variable)
    if variable:
        return Found(variable, "environment")
    for origin, table in _files(context):
        if setting.key in table:
            return Found(str(table[setting.key]), origin)
    return Found(None, "default")


def _files(context: "Context") -> Sequence[tuple[Origin, Mapping[str, object]]]:
    return (
        ("stctl.toml", _core_table(context.working_folder / PROJECT_FILE)),
        ("config.toml", _core_table(context.config_folder / USER_FILE)),
    )


def _core_table(path: Path) -> Mapping[str, object]:
    """The `[core]` table of a settings file; empty when there is no such file."""
    if not path.is_file():
        return {}
    import tomllib

    try:
        table = tomllib.loads(read_text_file(path, "the settings file")).get("core", {})
    except tomllib.TOMLDecodeError as problem:
        raise StctlError(ErrorKind.INPUT_UNREADABLE, f"{path}: {problem}.") from None
    known = {setting.key for setting in SETTINGS}
    unknown = sorted(set(table) - known) if isinstance(table, dict) else ["core"]
    if unknown:
        raise StctlError(
            ErrorKind.SETTING_INVALID,
            f"{path}: [core] has no setting {', '.join(unknown)}.",
            hint=f"It takes {', '.join(sorted(known))}.",
        )
    return dict(table)


def _api_key(context: "Context", found: Mapping[str, Found]) -> str | None:
    key, file = found["api_key"], found["api_key_file"]
    if file.value is None or (key.value is not None and not _is_stronger(file, key)):
        return key.value
    if file.value == "-":
        return context.stdin.readline().strip() or None
    return read_text_file(Path(file.value).expanduser(), "the API key file").strip() or None


def _timeout(found: Found) -> float:
    if found.value is None:
        return DEFAULT_TIMEOUT_S
    try:
        seconds = float(found.value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise StctlError(
            ErrorKind.SETTING_INVALID,
            f"The time limit must be a number of seconds above 0, not {found.value!r} "
            f"(from {found.origin}).",
        )
    return seconds
