"""Which core a command talks to, and who said so.

Precedence: flag, then environment, then `./stctl.toml`, then the user's `config.toml`, then the
default. A profile is as strong as the place that chose it: there it yields to a flag or variable
that names the value itself, and it wins over the `[core]` table of the same file. Every value
keeps its origin, so that it can be shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from stctl.cli.files import read_text_file
from stctl.errors import ErrorKind, StctlError

if TYPE_CHECKING:
    from stctl.cli.context import Context

Origin: TypeAlias = str
"""`flag`, `environment`, `stctl.toml`, `config.toml`, `profile NAME` or `default`."""
Place = Literal["flag", "environment", "stctl.toml", "config.toml"]
DEFAULT_TIMEOUT_S = 10.0
PROJECT_FILE = "stctl.toml"
USER_FILE = "config.toml"
PROFILE_VARIABLE = "STCTL_PROFILE"


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
        "api_key_command",
        "STCTL_API_KEY_COMMAND",
        "Command whose first line of output is the API key; never read from `./stctl.toml`.",
        "none",
    ),
    Setting(
        "api_key_keyring",
        "STCTL_API_KEY_KEYRING",
        "Name under which the system keyring has the API key; never read from `./stctl.toml`.",
        "none",
    ),
    Setting(
        "cdi", "STCTL_CDI", "Version of the core driver interface to speak.", "the best common one"
    ),
    Setting("app_id", "STCTL_APP", "App within the core.", "`public`"),
    Setting("tenant_id", "STCTL_TENANT", "Tenant within the app.", "`public`"),
    Setting("timeout", "STCTL_TIMEOUT", "Seconds to wait for an answer.", f"{DEFAULT_TIMEOUT_S:g}"),
    Setting("app_url", "STCTL_APP_URL", "Address of a backend, for `stctl doctor --app`.", "none"),
)
_KNOWN = {setting.key: setting for setting in SETTINGS}
KEY_WAYS: Sequence[str] = ("api_key", "api_key_file", "api_key_command", "api_key_keyring")
"""Where an API key can come from, the first of one place being the strongest."""
_NOT_FROM_A_PROJECT = frozenset({"api_key_command", "api_key_keyring"})


@dataclass(frozen=True, slots=True)
class Found:
    """A value with the place it came from."""

    value: str | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Layer:
    """The values that one place names, by their keys."""

    origin: Origin
    values: Mapping[str, str]

    def may_give_key(self, url: str | None) -> bool:
        """Whether a key of this place may be sent to `url`.

        A key that stands beside an address in a file or profile belongs to that address; no core
        is sent another one's key.
        """
        is_said_now = self.origin in {"flag", "environment"}
        return is_said_now or self.values.get("url", url) == url


@dataclass(frozen=True, slots=True)
class Chosen:
    """The profile that is in force, and the place that chose it."""

    name: str
    place: Place


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
    profile: str | None = None
    """The profile in force."""
    app_url: str | None = None
    """A backend that goes with the core."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """What every place says, from the strongest to the weakest; no key has been read yet."""

    layers: Sequence[Layer]
    chosen: Chosen | None

    def find(self, key: str) -> Found:
        """The strongest value of a setting."""
        for layer in self.layers:
            if key in layer.values:
                return Found(layer.values[key], layer.origin)
        return Found(None, "default")

    @property
    def is_embedded(self) -> bool:
        """Whether the core in process is meant: no address, or a file that is named closer by."""
        for layer in self.layers:
            if "url" in layer.values:
                return False
            if "database" in layer.values:
                return True
        return True

    def key_source(self) -> tuple[str, Found] | None:
        """How the API key is found: the setting that names it, and its value; None without one."""
        url = self.find("url").value
        for layer in self.layers:
            if not layer.may_give_key(url):
                continue
            for way in KEY_WAYS:
                if way in layer.values:
                    return way, Found(layer.values[way], layer.origin)
        return None


def look_up(context: "Context", flags: Mapping[str, str | None]) -> LookUp:
    """Collect what flags, environment, profile and files say.

    Raises `setting-invalid` for an unknown setting or profile, `input-unreadable` for a broken
    file.
    """
    project = read_settings(context.working_folder / PROJECT_FILE, is_project=True)
    user = read_settings(context.config_folder / USER_FILE)
    chosen = _chosen(context, flags, project, user)
    return LookUp(tuple(_layers(context, flags, (project, user), chosen)), chosen)


def core_target(
    context: "Context", flags: Mapping[str, str | None], *, with_key: bool = True
) -> CoreTarget:
    """Work out the core from flags, environment and files.

    Without the key no command is run and no keyring opened: for callers that ask no core.
    Raises `setting-invalid` for a value that cannot be used, `input-unreadable` for a broken file.
    """
    looked = look_up(context, flags)
    found = {setting.key: looked.find(setting.key) for setting in SETTINGS}
    database = found["database"].value
    return CoreTarget(
        url=None if looked.is_embedded else found["url"].value,
        database=Path(database).expanduser() if database else None,
        api_key=_api_key(context, looked) if with_key else None,
        cdi=found["cdi"].value,
        app_id=found["app_id"].value or "public",
        tenant_id=found["tenant_id"].value or "public",
        timeout_s=_timeout(found["timeout"]),
        origins={key: value.origin for key, value in found.items()},
        profile=looked.chosen.name if looked.chosen else None,
        app_url=found["app_url"].value,
    )


def _layers(
    context: "Context",
    flags: Mapping[str, str | None],
    files: tuple["SettingsFile", "SettingsFile"],
    chosen: Chosen | None,
) -> Iterator[Layer]:
    project, user = files
    given = {key: value for key, value in flags.items() if key in _KNOWN and value is not None}
    variables = {
        setting.key: context.environ[setting.variable]
        for setting in SETTINGS
        if context.environ.get(setting.variable)
    }
    profile = () if chosen is None else (_profile_layer(chosen.name, project, user),)
    place = chosen.place if chosen else None
    yield Layer("flag", given)
    yield from profile if place == "flag" else ()
    yield Layer("environment", variables)
    yield from profile if place == "environment" else ()
    yield from profile if place == PROJECT_FILE else ()
    yield Layer(PROJECT_FILE, project.core)
    yield from profile if place == USER_FILE else ()
    yield Layer(USER_FILE, user.core)


def _profile_layer(name: str, project: "SettingsFile", user: "SettingsFile") -> Layer:
    """A profile as a whole: the project's definition replaces the user's, it is not mixed in."""
    values = project.profiles[name] if name in project.profiles else user.profiles[name]
    return Layer(f"profile {name}", values)


def _chosen(
    context: "Context",
    flags: Mapping[str, str | None],
    project: "SettingsFile",
    user: "SettingsFile",
) -> Chosen | None:
    wishes: Sequence[tuple[Place, str | None]] = (
        ("flag", flags.get("profile")),
        ("environment", context.environ.get(PROFILE_VARIABLE) or None),
        ("stctl.toml", project.profile),
        ("config.toml", user.profile),
    )
    place, name = next(((place, name) for place, name in wishes if name is not None), ("flag", ""))
    if not name:
        return None
    if name not in project.profiles and name not in user.profiles:
        known = ", ".join(sorted({*project.profiles, *user.profiles}))
        raise StctlError(
            ErrorKind.SETTING_INVALID,
            f"There is no profile {name!r} (chosen by: {place}).",
            hint=f"There is {known}." if known else "Make one with `stctl profile add`.",
        )
    return Chosen(name, place)


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What a settings file says; empty when there is no such file."""

    core: Mapping[str, str]
    profiles: Mapping[str, Mapping[str, str]]
    profile: str | None
    """The profile that it chooses."""


def read_settings(path: Path, *, is_project: bool = False) -> SettingsFile:
    """Read a settings file.

    Raises `input-unreadable` for what is no TOML and `setting-invalid` for a setting that there is
    not, or that a project's file must not have: it may come from a stranger's repository, and
    must neither run commands nor reach into the keyring.
    """
    if not path.is_file():
        return SettingsFile({}, {}, None)
    import tomllib

    try:
        document = tomllib.loads(read_text_file(path, "the settings file"))
    except tomllib.TOMLDecodeError as problem:
        raise StctlError(ErrorKind.INPUT_UNREADABLE, f"{path}: {problem}.") from None
    profiles = document.get("profiles", {})
    if not isinstance(profiles, dict):
        raise StctlError(ErrorKind.SETTING_INVALID, f"{path}: [profiles] is no table.")
    chosen = document.get("profile")
    return SettingsFile(
        core=_checked(path, "core", document.get("core", {}), is_project=is_project),
        profiles={
            name: _checked(path, f"profiles.{name}", table, is_project=is_project)
            for name, table in profiles.items()
        },
        profile=None if chosen is None else str(chosen),
    )


def _checked(path: Path, name: str, table: object, *, is_project: bool) -> Mapping[str, str]:
    unknown = sorted(set(table) - set(_KNOWN)) if isinstance(table, dict) else [name]
    if unknown or not isinstance(table, dict):
        raise StctlError(
            ErrorKind.SETTING_INVALID,
            f"{path}: [{name}] has no setting {', '.join(unknown)}.",
            hint=f"It takes {', '.join(sorted(_KNOWN))}.",
        )
    forbidden = sorted(_NOT_FROM_A_PROJECT & set(table)) if is_project else []
    if forbidden:
        raise StctlError(
            ErrorKind.SETTING_INVALID,
            f"{path}: [{name}] must not have {', '.join(forbidden)}.",
            hint=f"A project's file cannot say that; put it into {USER_FILE} or a variable.",
        )
    return {key: str(value) for key, value in table.items()}


def _api_key(context: "Context", looked: LookUp) -> str | None:
    source = looked.key_source()
    if source is None or source[1].value is None:
        return None
    way, value = source[0], source[1].value
    if way == "api_key":
        return value
    if way == "api_key_file":
        return _key_of_file(context, value)
    # The embedded core in process asks for no key, and a keyring may ask for a password.
    return None if looked.is_embedded else _key_from_elsewhere(context, way, value)


def _key_of_file(context: "Context", file: str) -> str | None:
    if file == "-":
        return context.stdin.readline().strip() or None
    return read_text_file(Path(file).expanduser(), "the API key file").strip() or None


def _key_from_elsewhere(context: "Context", way: str, value: str) -> str | None:
    from stctl.cli.profile_keys import from_command, from_keyring

    if way == "api_key_command":
        return from_command(value, context.environ)
    return from_keyring(value)


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
