"""The options of `stctl simulate` about an app of your own."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

_PANEL = "Against an app of your own"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppChoices:
    """What was given on the command line about an app."""

    app_url: str | None
    app_config: str | None
    api_base_path: str | None
    protected: list[str]
    routes: list[str]
    login: str | None
    login_body: str | None
    login_headers: list[str]
    users: list[str]

    @property
    def first_given(self) -> str | None:
        """An option that means nothing without `--app`; None where none was given."""
        given = {
            "--app-config": self.app_config,
            "--api-base-path": self.api_base_path,
            "--protected": self.protected,
            "--route": self.routes,
            "--login": self.login,
            "--login-body": self.login_body,
            "--login-header": self.login_headers,
            "--user": self.users,
        }
        return next((name for name, value in given.items() if value), None)


def _one(*names: str, text: str, metavar: str) -> tuple[Any, Any]:
    return _option(str | None, *names, text=text, metavar=metavar)


def _many(*names: str, text: str, metavar: str) -> tuple[Any, Any]:
    return _option(list[str] | None, *names, text=text, metavar=metavar)


def _option(kind: Any, *names: str, text: str, metavar: str) -> tuple[Any, Any]:
    option = typer.Option(
        *names, help=text, metavar=metavar, rich_help_panel=_PANEL, show_default=False
    )
    return Annotated[kind, option], None


APP_CHOICES: dict[str, tuple[Any, Any]] = {
    "app_url": _one(
        "--app",
        text="Address of a backend with a SuperTokens SDK. stctl acts as the browser there, and "
        "the app's own handlers fire.",
        metavar="URL",
    ),
    "login": _one(
        "--login",
        text="Request with which a test user signs in to the app. Without it sessions are made in "
        "the core that `--core` names, and their tokens handed to the browser.",
        metavar="'POST /path'",
    ),
    "login_body": _one(
        "--login-body", text="Its body: text, `@FILE`, or `-`.", metavar="TEXT|@FILE"
    ),
    "login_headers": _many("--login-header", text="A header of it.", metavar="'Name: value'"),
    "users": _many(
        "--user",
        text="Id of the test user, `{user}` in the login; another one for a second user. Default: "
        "`stctl-alice`, `stctl-bob`.",
        metavar="ID",
    ),
    "protected": _many(
        "--protected",
        text="A route that needs a session; another one for another method. Default: "
        "`GET /sessioninfo`, as in SuperTokens' starter apps.",
        metavar="'GET /path'",
    ),
    "routes": _many(
        "--route",
        text="A route that stands for one of the rehearsed app: `protected-db` (looks into the "
        "database), `admin` (wants the role admin), `payload` (changes a claim), `crash`, "
        "`logout`, `optional`, `open`.",
        metavar="NAME='GET /path'",
    ),
    "api_base_path": _one(
        "--api-base-path",
        text="apiBasePath of the app. Default: the path of `--app`, else `/auth`.",
        metavar="PATH",
    ),
    "app_config": _one(
        "--app-config",
        text="TOML file with an `[app]` table: what is known of the app. Without it "
        "`./stctl.toml`, where there is one.",
        metavar="FILE",
    ),
}


def taken_from(given: dict[str, Any]) -> AppChoices:
    """Take these options out of what was given."""
    own = {name: given.pop(name) for name in APP_CHOICES}
    for name in ("protected", "routes", "login_headers", "users"):
        own[name] = own[name] or []
    return AppChoices(**own)
