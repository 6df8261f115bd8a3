"""The pages that are tables of the code: errors and settings."""

from generator.pages import code, page, table
from stctl.cli.settings import SETTINGS
from stctl.core.settings import SETTINGS as CORE_SETTINGS
from stctl.core.settings import Setting
from stctl.errors import ErrorKind

_PIPE_CLOSED = 141


def errors_page() -> str:
    """Errors with their exit statuses."""
    rows = [("0", "", "The work is done, and the answer is yes.", "")]
    rows += [
        (str(kind.exit_status), code(kind.code), kind.value.meaning, kind.value.hint)
        for kind in ErrorKind
    ]
    closed = "Whatever read the output, `head` for one, closed the pipe."
    return page(
        "Errors and exit statuses",
        "An error is what keeps stctl from doing its work. A failure of a session, such as "
        "`UNAUTHORISED`, is an answer and no error.",
        "Errors go to standard error. Where results are asked for as JSON, errors are JSON too: "
        '`{"schema": "stctl.error/1", "error": {"code", "exit_status", "message", "hint"}}`.',
        table(
            ("status", "code", "meaning", "what to do"),
            [*rows, (str(_PIPE_CLOSED), "", closed, "")],
        ),
    )


def settings_page() -> str:
    """Settings of stctl and of its embedded core."""
    return page(
        "Settings",
        "## Settings of stctl",
        "Which core a command talks to. A flag is stronger than the environment, that is stronger "
        "than `./stctl.toml`, that is stronger than `stctl/config.toml` in the folder "
        "`$XDG_CONFIG_HOME` (`~/.config`), and that is stronger than the default. In the files "
        "the settings stand in the table `[core]`, or as a profile in `[profiles.NAME]`: "
        '`--profile NAME`, `STCTL_PROFILE` or `profile = "NAME"` at the top of a file choose it, '
        "and it is as strong as the place that chose it.",
        table(
            ("setting", "variable", "meaning", "default"),
            ((code(one.key), code(one.variable), one.meaning, one.default) for one in SETTINGS),
        ),
        "These variables are looked at as well: `NO_COLOR`, `FORCE_COLOR`, `TERM` and `COLUMNS` "
        "for the looks of the output; `XDG_STATE_HOME` (`~/.local/state`) for the store of the "
        "embedded core; `STCTL_TRACEBACK` to see where a bug is.",
        "## Settings of the embedded core",
        "Names, units and defaults are those of a SuperTokens core. They are given with "
        "`stctl core start --set NAME=VALUE`, in the environment, or in a YAML file that is "
        "named with `--config`; the first of these is the strongest.",
        table(
            ("setting", "variable", "must be", "default", "meaning"), map(_core_row, CORE_SETTINGS)
        ),
    )


def _core_row(setting: Setting) -> tuple[str, ...]:
    unit = f" ({setting.unit})" if setting.unit else ""
    return (
        ", ".join(code(name) for name in (setting.name, *setting.old_names)),
        code(setting.environment),
        setting.bounds + unit,
        _built_in(setting.default),
        setting.meaning,
    )


def _built_in(value: object) -> str:
    match value:
        case None | "" | frozenset():
            return "none"
        case bool():
            return code(str(value).lower())
        case float():
            return code(f"{value:g}")
        case _:
            return code(str(value))
